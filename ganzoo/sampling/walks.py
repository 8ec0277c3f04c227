"""Ways through the latents: from one picture to another, and round.

stops = np.stack([gan.latents(1, seed) for seed in (3, 7, 9)])
frames = walk(stops, 30, closed=True)  # (90, 1, latent_dim)
images = gan.sample_from(frames[:, 0])
"""

import numpy as np

from ganzoo.base.errors import UsageError


def slerp(start: np.ndarray, end: np.ndarray, share) -> np.ndarray:
    """Latents on the arc from `start` to `end`, float32.

    Spherical interpolation (Shoemake 1985, "Animating rotation with quaternion curves"): with O the
    angle between them, (sin((1 - s) O) start + sin(s O) end) / sin(O). Normal latents lie near a
    sphere, whose inside, where a straight line leads, a generator was never trained on (White 2016,
    "Sampling generative networks", arXiv 1609.04468, section 2.1).

    Args:
        start, end: `(..., latent_dim)`.
        share: how far, 0 is `start` and 1 `end`; a number, or `(...)` of them.
    """
    start, end = np.asarray(start, np.float64), np.asarray(end, np.float64)
    share = np.asarray(share, np.float64)[..., None]
    lengths = np.linalg.norm(start, axis=-1) * np.linalg.norm(end, axis=-1)
    cosine = np.sum(start * end, axis=-1) / np.maximum(lengths, 1e-12)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))[..., None]
    flat = np.sin(angle) < 1e-6  # (anti)parallel: no arc, or no single one; a straight line then
    sine = np.where(flat, 1.0, np.sin(angle))
    from_start = np.where(flat, 1.0 - share, np.sin((1.0 - share) * angle) / sine)
    from_end = np.where(flat, share, np.sin(share * angle) / sine)
    return (from_start * start + from_end * end).astype(np.float32)


def walk(stops: np.ndarray, frames: int, closed: bool = False) -> np.ndarray:
    """Latents of a walk from stop to stop, float32 `(num_frames, ..., latent_dim)`.

    Args:
        stops: `(num_stops, ..., latent_dim)`, two or more.
        frames: how many from one stop to the next.
        closed: whether it goes back to the first stop, so that a film of it has no end:
            num_stops * frames frames; open it has (num_stops - 1) * frames and the last stop.

    Raises:
        UsageError: for fewer than two stops or fewer than one frame.
    """
    stops = np.asarray(stops, np.float32)
    if len(stops) < 2:
        raise UsageError(f"a walk with {len(stops)} stops goes nowhere; give at least 2")
    if frames < 1:
        raise UsageError(f"a walk of {frames} frames from stop to stop shows nothing; give at least 1")
    ends = [*stops[1:], stops[0]] if closed else stops[1:]
    steps = [slerp(a, b, i / frames) for a, b in zip(stops, ends, strict=False) for i in range(frames)]
    return np.stack(steps if closed else [*steps, stops[-1]])
