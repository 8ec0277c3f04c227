"""The Frechet distance between two sets of features, exact for singular covariances.

Heusel et al. 2017 (arXiv:1706.08500, equation 6):

    |m1 - m2|^2 + tr(C1 + C2 - 2 (C1 C2)^(1/2))

With factors C1 = F1 F1', C2 = F2 F2' the last trace is the sum of the singular values of
F1' F2: no matrix root of a product (imaginary parts, NaN) and no root of noise eigenvalues
(5e-5 left on identical sets) ever appears.
"""

from dataclasses import dataclass, field

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.metrics.groups import blocks, num_groups
from ganzoo.metrics.images import need


@dataclass
class Moments:
    """Number, mean and covariance of features `(num, dim)` that arrive in batches; float64.

    Sums are taken around the first batch's mean, so that a large common offset costs no digits.
    """

    num: int = 0
    origin: np.ndarray | None = None
    total: np.ndarray = field(default_factory=lambda: np.zeros(0))
    scatter: np.ndarray = field(default_factory=lambda: np.zeros((0, 0)))

    def update(self, features: np.ndarray) -> "Moments":
        """Adds features `(batch, dim)`. Raises DataError where they are not finite."""
        features = finite(features)
        if self.origin is None:
            self.origin = features.mean(axis=0)
            self.total = np.zeros_like(self.origin)
            self.scatter = np.zeros((len(self.origin), len(self.origin)))
        shifted = features - self.origin
        self.num += len(shifted)
        self.total += shifted.sum(axis=0)
        self.scatter += shifted.T @ shifted
        return self

    @property
    def mean(self) -> np.ndarray:
        """`(dim,)`."""
        return self.origin + self.total / self.num

    @property
    def covariance(self) -> np.ndarray:
        """`(dim, dim)`, unbiased (divided by num - 1), as in the published FID."""
        return (self.scatter - np.outer(self.total, self.total) / self.num) / (self.num - 1)


def moments_of(features: np.ndarray, rows: int = 4096) -> Moments:
    """The moments of features `(num, dim)`, taken `rows` at a time."""
    moments = Moments()
    for at in range(0, len(features), rows):
        moments.update(features[at : at + rows])
    return moments


@dataclass(frozen=True)
class Gaussian:
    """Mean `(dim,)` and a factor `(rank, dim)` of the covariance: C = factor' factor."""

    mean: np.ndarray
    factor: np.ndarray
    trace: float


def gaussian(sample: "np.ndarray | Moments | Gaussian") -> Gaussian:
    """The Gaussian that a distance compares, of features `(num, dim)` or of streamed moments.

    Fewer samples than dimensions: the factor is the centred feature matrix itself, without any
    covariance in between. Worth keeping where one set is compared with many.
    Raises UsageError for fewer than 2 samples, DataError for NaN.
    """
    if isinstance(sample, Gaussian):
        return sample
    if not isinstance(sample, Moments):
        sample = matrix(sample)
        need(len(sample), 2, "a Frechet distance")
        if len(sample) <= sample.shape[1]:
            features = finite(sample)
            mean = features.mean(axis=0)
            factor = (features - mean) / np.sqrt(len(features) - 1)
            return Gaussian(mean, factor, float(np.sum(factor**2)))
        sample = moments_of(sample)
    need(sample.num, 2, "a Frechet distance")
    covariance = sample.covariance
    alive = np.flatnonzero(np.diag(covariance) > 0)  # a ReLU's dead features would make it singular
    try:  # any factor will do, and this one is ten times as fast
        factor = np.zeros((len(alive), len(covariance)))
        factor[:, alive] = np.linalg.cholesky(covariance[np.ix_(alive, alive)]).T
        return Gaussian(sample.mean, factor, float(np.trace(covariance)))
    except np.linalg.LinAlgError:  # singular all the same: dependent features
        values, vectors = np.linalg.eigh(covariance)
    kept = values > values[-1] * len(values) * np.finfo(np.float64).eps  # the rest is rounding noise
    return Gaussian(sample.mean, (vectors[:, kept] * np.sqrt(values[kept])).T, float(np.sum(values[kept])))


def frechet_distance(
    real: "np.ndarray | Moments | Gaussian", fake: "np.ndarray | Moments | Gaussian"
) -> float:
    """Frechet distance between Gaussians fitted to two sets of features; lower is better, 0 or more.

    Takes features `(num, dim)`, streamed `Moments` or a `gaussian` of either. Biased upwards by
    about a constant over N: compare at equal N only, beside a floor, or see `frechet_infinity`.
    Raises UsageError for fewer than 2 samples, DataError for NaN or unequal dimensions.
    """
    real, fake = gaussian(real), gaussian(fake)
    if len(real.mean) != len(fake.mean):
        raise DataError(
            f"the features have {len(real.mean)} and {len(fake.mean)} dimensions; take both from one space"
        )
    overlap = np.linalg.svd(real.factor @ fake.factor.T, compute_uv=False).sum()
    distance = np.sum((real.mean - fake.mean) ** 2) + real.trace + fake.trace - 2 * overlap
    return float(max(distance, 0.0))


def above_zero(value: float, standard_error: float) -> float:
    """`value` in standard errors; infinite where sets without any spread differ, 0 where they do not."""
    if standard_error:
        return value / standard_error
    return float(np.copysign(np.inf, value)) if value else 0.0


@dataclass(frozen=True)
class Extrapolation:
    """A Frechet distance at infinite N: `value`, its standard error, and the points of the line."""

    value: float
    standard_error: float
    points: tuple[tuple[int, float], ...]  # (N, distance at N)

    @property
    def z(self) -> float:
        """Standard errors above zero: below about 3, no difference was seen."""
        return above_zero(self.value, self.standard_error)


def frechet_infinity(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    points: int = 5,
    parts: int = 10,
    seed: int = 0,
    real_groups: np.ndarray | None = None,
    fake_groups: np.ndarray | None = None,
) -> Extrapolation:
    """Frechet distance extrapolated to infinite N, unbiased; lower is better, 0 in expectation at best.

    Chong and Forsyth 2020 (arXiv:1911.07023, section 4): distances at several N lie on a line over
    1/N, whose intercept is the value. Both sets shrink together here (theirs keeps the real one), so
    that real against real gives 0. The standard error is a jackknife over `parts` of the samples; the value
    may come out below 0. `groups` `(num,)` number samples that are not independent, such as crops of one
    painting: sets then shrink by whole groups. Features `(num, dim)`; raises UsageError for fewer than 4
    times dim samples (or groups) a side, below which the points do not lie on a line.
    """
    real, fake = matrix(real), matrix(fake)
    sides = [(real, real_groups), (fake, fake_groups)]
    units = [num_groups(groups, len(features)) for features, groups in sides]
    kind = "pictures" if real_groups is None and fake_groups is None else "originals"
    least = max(4 * real.shape[1], 2 * parts)
    need(min(units), least, f"the infinite-N distance in {real.shape[1]} dimensions", kind)
    draw = np.random.default_rng(seed)
    sets = []
    for (features, groups), unit in zip(sides, units, strict=True):
        chunks = blocks(groups, len(features), unit // (2 * parts), 2 * parts, draw)
        # One origin for all chunks: their sums can then be added.
        origin = np.asarray(features[chunks[0]], np.float64).mean(axis=0)
        sets.append([Moments(origin=origin, **empty(origin)).update(features[chunk]) for chunk in chunks])
    value, line = intercept(sets, list(range(2 * parts)), points)
    without = []
    for left_out in range(parts):
        kept = [index for index in range(2 * parts) if index // 2 != left_out]
        without.append(intercept(sets, kept, points)[0])
    error = np.sqrt((parts - 1) / parts * np.sum((np.array(without) - np.mean(without)) ** 2))
    return Extrapolation(value, float(error), tuple(line))


def empty(origin: np.ndarray) -> dict[str, np.ndarray]:
    return {"total": np.zeros_like(origin), "scatter": np.zeros((len(origin), len(origin)))}


def intercept(
    sets: list[list[Moments]], chunks: list[int], points: int
) -> tuple[float, list[tuple[int, float]]]:
    """The line through distances over 1/N, from half of `chunks` to all, read off at 1/N = 0."""
    counts = np.unique(np.linspace(len(chunks) / 2, len(chunks), points).round().astype(int))
    line = []
    for count in counts:
        real, fake = (added([moments[index] for index in chunks[:count]]) for moments in sets)
        line.append((real.num, full_rank_distance(real, fake)))
    inverse = np.array([1 / num for num, _ in line])
    return float(np.polyfit(inverse, [distance for _, distance in line], 1)[1]), line


def added(parts: list[Moments]) -> Moments:
    """The moments of the union of sets that share one origin."""
    return Moments(
        num=sum(part.num for part in parts),
        origin=parts[0].origin,
        total=np.sum([part.total for part in parts], axis=0),
        scatter=np.sum([part.scatter for part in parts], axis=0),
    )


def full_rank_distance(real: Moments, fake: Moments) -> float:
    """As `frechet_distance` but four times as fast and without its exactness at rank deficiency."""
    values, vectors = np.linalg.eigh(real.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    overlap = np.sqrt(np.maximum(np.linalg.eigvalsh(root.T @ fake.covariance @ root), 0)).sum()
    difference = real.mean - fake.mean
    return float(
        difference @ difference + np.trace(real.covariance) + np.trace(fake.covariance) - 2 * overlap
    )


def matrix(features: np.ndarray) -> np.ndarray:
    """Features `(num, dim)`, or DataError."""
    features = np.asarray(features)
    if features.ndim != 2 or not features.shape[1]:
        raise DataError(f"the features have the shape {features.shape}; expected (num, dim)")
    return features


def check_finite(features: np.ndarray) -> np.ndarray:
    """Features `(num, dim)` as given, or DataError naming the first row that is NaN or infinite."""
    features = matrix(features)
    if not np.isfinite(features).all():
        row = int(np.flatnonzero(~np.isfinite(features).all(axis=1))[0])
        raise DataError(
            f"row {row} of the features is NaN or infinite; find the picture or network it comes from"
        )
    return features


def finite(features: np.ndarray) -> np.ndarray:
    """Features `(num, dim)` in float64, checked by `check_finite`."""
    return np.asarray(check_finite(features), np.float64)
