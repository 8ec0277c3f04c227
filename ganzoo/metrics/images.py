"""Pictures on their way to a measure: checked, taken, rounded, resized.

Every measure starts from uint8, as pictures are stored: a generator's floats are rounded
(not cut off) first, so that both sides went through the same eight bits (Parmar et al.
2022, arXiv:2104.11222, section 3).
"""

from collections.abc import Iterable, Iterator

import numpy as np

from ganzoo.base.errors import DataError, UsageError


def check_images(images: np.ndarray, what: str = "images") -> np.ndarray:
    """`images` as given, if they are uint8 `(num, height, width, 1 or 3)`; else DataError."""
    images = np.asarray(images)
    if images.dtype == object:
        raise DataError(f"the {what} differ in size; bring them to one (height, width, channels) first")
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise DataError(
            f"the {what} have the shape {images.shape}; expected (num, height, width, channels) with 1 or 3"
            " channels: add a batch axis, drop an alpha channel"
        )
    if images.dtype != np.uint8:
        raise DataError(
            f"the {what} are {images.dtype}; expected uint8: use ganzoo.metrics.to_uint8 for [-1, 1]"
        )
    return images


def batches_of(
    source: np.ndarray | Iterable[np.ndarray], size: int, num: int, seed: int = 0, what: str = "images"
) -> Iterator[np.ndarray]:
    """Up to `num` pictures of `source` in batches of `size` (the last one may be shorter).

    Of an array longer than `num` a random subset drawn by `seed`, in the order of the array; of an iterator
    of batches the first `num`, for it may be endless and its end cannot be waited for: one that is sorted
    and longer than `num` has to be shuffled at its source, or given as an array.
    Raises DataError where batches differ in shape.
    """
    if isinstance(source, np.ndarray):
        source = check_images(source, what)
        rows = chosen_rows(len(source), num, seed)
        yield from (source[rows[at : at + size]] for at in range(0, len(rows), size))
        return
    pending: list[np.ndarray] = []
    shape, held, left = None, 0, num
    for batch in source:
        batch = check_images(np.asarray(batch), what)[:left]
        shape = shape or batch.shape[1:]
        if batch.shape[1:] != shape:
            raise DataError(
                f"the {what} differ in size: {shape} and then {batch.shape[1:]}; bring them to one"
            )
        pending.append(batch)
        held, left = held + len(batch), left - len(batch)
        while held >= size:
            joined = np.concatenate(pending)
            yield joined[:size]
            pending, held = [joined[size:]], held - size
        if not left:
            break
    if held:
        yield np.concatenate(pending)


def chosen_rows(length: int, num: int, seed: int) -> np.ndarray:
    """The rows that `num` pictures of an array of `length` are: all, or a sorted random subset."""
    if length <= num:
        return np.arange(length)
    return np.sort(np.random.default_rng(seed).choice(length, num, replace=False))


def resize_matrix(source: int, target: int) -> np.ndarray:
    """The weights `(target, source)` that resize one axis, bicubic (a = -0.5) and antialiased.

    As Pillow's BICUBIC on float pixels, which the clean-fid paper found to be the faithful one:
    on shrinking, the kernel is widened to cover every source pixel.
    """
    scale = source / target
    widen = max(scale, 1.0)
    centres = (np.arange(target) + 0.5) * scale - 0.5
    distance = np.abs(np.arange(source)[None, :] - centres[:, None]) / widen
    near = 1.5 * distance**3 - 2.5 * distance**2 + 1  # Keys 1981, equation 4, with a = -0.5
    far = -0.5 * distance**3 + 2.5 * distance**2 - 4 * distance + 2
    weights = np.where(distance < 1, near, np.where(distance < 2, far, 0.0))
    return (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)


def need(given: int, needed: int, measure: str, what: str = "pictures") -> None:
    """Raises UsageError where `measure` has fewer samples than it needs, and says how many."""
    if given < needed:
        raise UsageError(f"{measure} needs at least {needed} {what}, {given} given: raise --num or add data")
