"""Diversity within one set of pictures: MS-SSIM of pairs, and duplicates by the birthday paradox."""

import functools
from dataclasses import dataclass

import numpy as np

from ganzoo.errors import UsageError
from ganzoo.lazy import tf
from ganzoo.metrics.images import check_images, need
from ganzoo.metrics.neighbours import nearest

FILTER = 11  # pixels, of the Gaussian window of SSIM
POWERS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)  # of the five scales, Wang et al. 2003


def ssim_scales(height: int, width: int) -> int:
    """How many of the five scales fit: the window must fit into the smallest, so five need 176 pixels."""
    scales = 0
    while scales < len(POWERS) and min(height, width) // 2**scales >= FILTER:
        scales += 1
    return scales


@functools.cache
def compare_at(scales: int):
    """TensorFlow's MS-SSIM of two uint8 batches at the first `scales` scales, traced once a shape."""
    powers = tuple(power / sum(POWERS[:scales]) for power in POWERS[:scales])
    return tf.function(
        lambda a, b: tf.image.ssim_multiscale(a, b, 255, power_factors=powers, filter_size=FILTER)
    )


@dataclass(frozen=True)
class PairSimilarity:
    """Mean MS-SSIM of random pairs in [0, 1], its standard error, and the scales it was taken at."""

    value: float
    standard_error: float
    pairs: int
    scales: int


def ms_ssim(images: np.ndarray, *, pairs: int = 500, seed: int = 0, batch: int = 50) -> PairSimilarity:
    """Mean MS-SSIM of random pairs of uint8 images `(num, height, width, channels)`; lower is more diverse.

    Odena et al. 2017 (arXiv:1610.09585, section 4.2), after Wang et al. 2003; range [0, 1], 1 for one
    picture over and over. Compare with the reals' own value: below it is noise, not diversity. Below
    176 pixels fewer than five scales fit; the powers of the rest are scaled to sum 1 again.
    Raises UsageError for fewer than 2 pictures or below 11 pixels.
    """
    images = check_images(images)
    need(len(images), 2, "MS-SSIM")
    scales = ssim_scales(*images.shape[1:3])
    if not scales:
        raise UsageError(
            f"MS-SSIM needs pictures of {FILTER} pixels or more, {images.shape[1:3]} given: resize them"
        )
    draw = np.random.default_rng(seed)
    first = draw.integers(0, len(images), pairs)
    second = (first + draw.integers(1, len(images), pairs)) % len(images)
    # One traced shape: the last batch is filled up and cut off again.
    fill = np.arange(-(-pairs // batch) * batch) % pairs
    found = np.concatenate(
        [
            compare_at(scales)(tf.constant(images[first[rows]]), tf.constant(images[second[rows]])).numpy()
            for rows in np.split(fill, len(fill) // batch)
        ]
    )[:pairs]
    error = found.std(ddof=1) / np.sqrt(pairs) if pairs > 1 else float("nan")
    return PairSimilarity(float(found.mean(dtype=np.float64)), float(error), pairs, scales)


@dataclass(frozen=True)
class Birthday:
    """`share` of samples with a near-duplicate in [0, 1] (lower is better) and the support it speaks for."""

    share: float
    support: float  # estimated number of different pictures the generator can make; inf: no duplicate seen
    threshold: float
    pairs: np.ndarray  # (found, 2): rows of the closest pairs first, to be looked at


def birthday(
    fake: np.ndarray,
    real: np.ndarray,
    *,
    quantile: float = 0.01,
    fake_nearest: tuple[np.ndarray, np.ndarray] | None = None,
    real_nearest: np.ndarray | None = None,
) -> Birthday:
    """Near-duplicates among generated samples, features `(num, dim)`; a lower share is better.

    Arora and Zhang 2017 (arXiv:1706.08224, section 3): a pair among s samples speaks for a support of about
    s^2 / 2. Where they ask a person, a pair counts here when it is nearer than all but `quantile` of
    the reals' own nearest neighbours, at the same N; so real against real scores `quantile`. The
    neighbours may be given where they are known: (distances, rows) of the fakes, distances of the reals.
    Raises UsageError for fewer than 100 samples a side.
    """
    num = min(len(fake), len(real))
    need(num, 100, "the birthday test")
    if fake_nearest is None or len(fake) != num:
        fake_nearest = nearest(fake[:num])
    if real_nearest is None or len(real) != num:
        real_nearest = nearest(real[:num])[0]
    distances, rows = (found[:, 0] for found in fake_nearest)
    threshold = float(np.quantile(real_nearest.reshape(num, -1)[:, 0], quantile))
    twins = np.flatnonzero(distances <= threshold)
    twins = twins[np.argsort(distances[twins], kind="stable")]
    pairs = np.unique(np.sort(np.stack([twins, rows[twins]], axis=1), axis=1), axis=0)
    pairs = pairs[np.argsort(np.minimum(distances[pairs[:, 0]], distances[pairs[:, 1]]), kind="stable")]
    support = num * (num - 1) / (2 * len(pairs)) if len(pairs) else float("inf")
    return Birthday(len(twins) / num, support, threshold, pairs)
