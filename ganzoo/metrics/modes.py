"""Mode collapse: statistically different bins, classes reached, toy modes."""

from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics.frechet import check_finite
from ganzoo.metrics.images import need


@dataclass(frozen=True)
class DifferentBins:
    """`share` of bins in [0, 1] whose proportion differs; `divergence` of the two histograms (JSD, nats)."""

    share: float
    divergence: float
    bins: int
    significance: float


def different_bins(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    bins: int = 100,
    significance: float = 0.05,
    centres: np.ndarray | None = None,
    seed: int = 0,
) -> DifferentBins:
    """NDB/K: share of k-means bins of the reals that the fakes fill differently; lower is better.

    Richardson and Weiss 2018 (arXiv:1805.12462, section 3): a two-proportion z-test per bin. Equal
    distributions score about `significance`. Features (or flat pixels) `(num, dim)`.
    Raises UsageError for fewer than 10 samples a bin.
    """
    real, fake = (np.asarray(check_finite(points), np.float32) for points in (real, fake))
    need(min(len(real), len(fake)), 10 * bins, f"NDB with {bins} bins")
    centres = kmeans(real, bins, seed=seed) if centres is None else centres
    ours, theirs = (np.bincount(assign(points, centres), minlength=bins) for points in (real, fake))
    p, q = ours / len(real), theirs / len(fake)
    pooled = (ours + theirs) / (len(real) + len(fake))
    error = np.sqrt(pooled * (1 - pooled) * (1 / len(real) + 1 / len(fake)))
    z = np.divide(p - q, error, out=np.zeros(bins), where=error > 0)
    critical = normal_quantile(1 - significance / 2)
    middle = (p + q) / 2
    divergence = (kl(p, middle) + kl(q, middle)) / 2
    return DifferentBins(float(np.mean(np.abs(z) > critical)), divergence, bins, significance)


def kmeans(points: np.ndarray, count: int, *, rounds: int = 10, seed: int = 0) -> np.ndarray:
    """`count` centres of points `(num, dim)`: k-means++ seeding (Arthur 2007), then Lloyd's rounds."""
    points = np.asarray(points, np.float32)
    need(len(points), count, f"k-means with {count} centres")
    draw = np.random.default_rng(seed)
    norms = np.einsum("ij,ij->i", points, points)
    chosen = [int(draw.integers(len(points)))]
    nearest = np.full(len(points), np.inf)
    while len(chosen) < count:
        last = chosen[-1]
        nearest = np.minimum(nearest, np.maximum(norms - 2 * points @ points[last] + norms[last], 0))
        total = nearest.sum(dtype=np.float64)
        share = nearest / total if total > 0 else None
        chosen.append(int(draw.choice(len(points), p=None if share is None else share / share.sum())))
    centres = points[chosen]
    for _ in range(rounds):
        owner = assign(points, centres)
        order = np.argsort(owner, kind="stable")
        starts = np.searchsorted(owner[order], np.arange(count))
        sizes = np.bincount(owner, minlength=count)
        filled = sizes > 0  # an empty bin keeps its centre
        sums = np.add.reduceat(points[order], np.minimum(starts, len(points) - 1), axis=0)
        centres = np.where(filled[:, None], sums / np.maximum(sizes, 1)[:, None], centres).astype(np.float32)
    return centres


def assign(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """The row of the nearest centre for every point."""
    return np.argmin(np.einsum("ij,ij->i", centres, centres) - 2 * (points @ centres.T), axis=1)


def normal_quantile(share: float) -> float:
    """The standard normal's quantile."""
    from statistics import NormalDist

    return NormalDist().inv_cdf(share)


def kl(p: np.ndarray, q: np.ndarray) -> float:
    """Kullback-Leibler divergence of two histograms in nats; infinite where q misses what p has."""
    seen = p > 0
    with np.errstate(divide="ignore"):
        return float(np.sum(p[seen] * np.log(p[seen] / q[seen])))


@dataclass(frozen=True)
class ModeCount:
    """Modes reached (higher is better), KL of the fakes' classes from the data's in nats (lower)."""

    modes: int
    num_modes: int
    kl: float


def count_modes(predicted: np.ndarray, num_modes: int, data_shares: np.ndarray | None = None) -> ModeCount:
    """Modes among predicted labels `(num,)`, and KL(fakes || data), as published for StackedMNIST.

    Metz et al. 2017 (arXiv:1611.02163, section 3.3.1) and Lin et al. 2018 (PacGAN): a mode is reached by one
    sample. `data_shares` `(num_modes,)` defaults to equal shares. Labels of StackedMNIST come from
    `stacked_labels`. Raises DataError for labels outside 0..num_modes-1, UsageError for none.
    """
    predicted = np.asarray(predicted)
    need(predicted.size, 1, "counting modes")
    if predicted.min() < 0 or predicted.max() >= num_modes:
        raise DataError(
            f"labels reach from {predicted.min()} to {predicted.max()}; expected 0 to {num_modes - 1}"
        )
    shares = np.full(num_modes, 1 / num_modes) if data_shares is None else np.asarray(data_shares, np.float64)
    counts = np.bincount(predicted, minlength=num_modes)
    return ModeCount(int((counts > 0).sum()), num_modes, kl(counts / counts.sum(), shares / shares.sum()))


def stacked_labels(channel_labels: np.ndarray) -> np.ndarray:
    """Digits per channel `(num, 3)` as one of StackedMNIST's 1,000 modes `(num,)`: 100 a + 10 b + c."""
    channel_labels = np.asarray(channel_labels)
    if channel_labels.ndim != 2:
        raise UsageError(f"stacked labels have the shape {channel_labels.shape}; expected (num, channels)")
    return channel_labels @ 10 ** np.arange(channel_labels.shape[1])[::-1]


@dataclass(frozen=True)
class ToyModes:
    """Modes reached of `num_modes`, share of good samples in [0, 1], KL of the good from equal shares."""

    modes: int
    num_modes: int
    good: float
    kl: float


def toy_modes(points: np.ndarray, centres: np.ndarray, sigma: float, *, within: float = 3.0) -> ToyModes:
    """Modes of a mixture of Gaussians reached by points `(num, dim)`; more modes and good samples are better.

    Srivastava et al. 2017 (VEEGAN, arXiv:1705.07761, section 4.1): a point is good within `within` (3)
    `sigma` of the nearest of `centres` `(modes, dim)`; a mode is reached by one good point.
    """
    points, centres = check_finite(points), check_finite(centres)
    need(len(points), 1, "counting modes", "points")
    distance = np.linalg.norm(points[:, None] - centres[None], axis=2)
    owner, good = distance.argmin(axis=1), distance.min(axis=1) <= within * sigma
    counts = np.bincount(owner[good], minlength=len(centres))
    divergence = float("nan")
    if good.any():
        divergence = kl(counts / counts.sum(), np.full(len(centres), 1 / len(centres)))
    return ToyModes(int((counts > 0).sum()), len(centres), float(good.mean()), divergence)
