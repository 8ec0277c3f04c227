"""Diversity within one set of pictures: MS-SSIM of pairs, and duplicates by the birthday paradox."""

import functools
from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf
from ganzoo.metrics.groups import numbered
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


def ms_ssim(
    images: np.ndarray,
    *,
    pairs: int = 500,
    seed: int = 0,
    batch: int = 50,
    groups: np.ndarray | None = None,
) -> PairSimilarity:
    """Mean MS-SSIM of random pairs of uint8 images `(num, height, width, channels)`; lower is more diverse.

    Odena et al. 2017 (arXiv:1610.09585, section 4.2), after Wang et al. 2003; range [0, 1], 1 for one
    picture over and over. Compare with the reals' own value: below it is noise, not diversity. Below
    176 pixels fewer than five scales fit; the powers of the rest are scaled to sum 1 again. `groups` `(num,)`
    number the pictures that are cut from one: no pair is of one group. The standard error knows that pairs
    share pictures. Raises UsageError for fewer than 2 pictures or below 11 pixels.
    """
    images = check_images(images)
    need(len(images), 2, "MS-SSIM")
    scales = ssim_scales(*images.shape[1:3])
    if not scales:
        raise UsageError(
            f"MS-SSIM needs pictures of {FILTER} pixels or more, {images.shape[1:3]} given: resize them"
        )
    draw = np.random.default_rng(seed)
    group = numbered(groups, len(images))
    need(group.max() + 1, 2, "MS-SSIM", "pictures" if groups is None else "originals")
    first = draw.integers(0, len(images), pairs)
    second = partners(group, first, draw)
    # One traced shape: the last batch is filled up and cut off again.
    fill = np.arange(-(-pairs // batch) * batch) % pairs
    found = np.concatenate(
        [
            compare_at(scales)(tf.constant(images[first[rows]]), tf.constant(images[second[rows]])).numpy()
            for rows in np.split(fill, len(fill) // batch)
        ]
    )[:pairs]
    error = error_of_pairs(found, group[first], group[second]) if pairs > 1 else float("nan")
    return PairSimilarity(float(found.mean(dtype=np.float64)), error, pairs, scales)


def partners(group: np.ndarray, first: np.ndarray, draw: np.random.Generator) -> np.ndarray:
    """For each row of `first` another one, of another group, all of them equally likely."""
    order = np.argsort(group, kind="stable")
    sizes = np.bincount(group)
    ends, own = np.cumsum(sizes)[group[first]], sizes[group[first]]
    # One of those that follow the own group in a circle of all.
    return order[(ends + draw.integers(0, len(group) - own)) % len(group)]


def error_of_pairs(found: np.ndarray, left: np.ndarray, right: np.ndarray) -> float:
    """The standard error of the mean of `found` `(pairs,)`, each of two of the units `left` and `right`.

    Pairs that share a unit are not independent: their products count, too (Fafchamps and Gubert 2007).
    """
    rest = found.astype(np.float64) - found.mean(dtype=np.float64)
    units = int(max(left.max(), right.max())) + 1
    by_unit = np.bincount(left, rest, units) + np.bincount(right, rest, units)
    same = np.unique(np.minimum(left, right) * units + np.maximum(left, right), return_inverse=True)[1]
    twice = np.sum(np.bincount(same, rest) ** 2)  # these share both units, and are in the sum two times
    alone = np.sum(rest**2)
    pairs = len(found)
    return float(np.sqrt(max(np.sum(by_unit**2) - twice, alone) / (pairs * (pairs - 1))))


@dataclass(frozen=True)
class Birthday:
    """`share` of samples with a near-duplicate in [0, 1] (lower is better) and the support it speaks for."""

    share: float
    expected: float  # the share of real pictures, which is what new ones of their kind have on average
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
    seed: int = 0,
) -> Birthday:
    """Near-duplicates among generated samples, features `(num, dim)`; a lower share is better.

    Arora and Zhang 2017 (arXiv:1706.08224, section 3): a pair among s samples speaks for a support of about
    s^2 / 2. Where they ask a person, a pair counts here when it is no further apart than the nearest of the
    reals' pairs at the same N, those of `quantile` of them (`rarest`); so real against real scores
    `expected`. Where they are known, the fakes' neighbours may be given, (distances, rows), and the reals'
    distances, of several draws of so many as well. The samples of each side have to be independent: one
    crop of each painting. Of the larger side a random choice is taken.
    Raises UsageError for fewer than 100 samples a side.
    """
    num = min(len(fake), len(real))
    need(num, 100, "the birthday test")
    draw = np.random.default_rng(seed)
    fakes = draw.permutation(len(fake))[:num] if len(fake) > num else np.arange(num)
    if real_nearest is None:
        reals = draw.permutation(len(real))[:num] if len(real) > num else np.arange(num)
        real_nearest = nearest(real[reals])[0][:, 0]
    threshold, expected = rarest(real_nearest, quantile)
    if fake_nearest is None or len(fake) > num:
        fake_nearest = nearest(fake[fakes])
    distances, rows = (found[:, 0] for found in fake_nearest)
    twins = np.flatnonzero(distances <= threshold)
    twins = twins[np.argsort(distances[twins], kind="stable")]
    pairs = np.unique(np.sort(np.stack([twins, rows[twins]], axis=1), axis=1), axis=0)
    pairs = pairs[np.argsort(np.minimum(distances[pairs[:, 0]], distances[pairs[:, 1]]), kind="stable")]
    support = num * (num - 1) / (2 * len(pairs)) if len(pairs) else float("inf")
    return Birthday(len(twins) / num, expected, support, threshold, fakes[pairs])


def rarest(distances: np.ndarray, quantile: float) -> tuple[float, float]:
    """How far apart the nearest `quantile` of neighbours are, and the share that is no further apart.

    The nearest two are each other's neighbour: they come in pairs, of which there is at least one. Other
    samples of the same kind have that share on average, for pairs come one by one as the distance grows.
    """
    found = np.sort(distances)
    pairs = max(1, round(quantile * len(found) / 2))
    threshold = found[2 * pairs - 1]
    return float(threshold), float(np.mean(found <= threshold))
