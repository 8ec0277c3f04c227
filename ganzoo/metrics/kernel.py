"""The kernel distance (KID): unbiased, with its standard error."""

from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.metrics.frechet import above_zero, check_finite
from ganzoo.metrics.groups import blocks, num_groups, numbered
from ganzoo.metrics.images import need

ROUNDING = 1e-14  # of float64 sums of kernels, as a share: what is left of sets that are all one picture


@dataclass(frozen=True)
class KernelDistance:
    """`value` (0 in expectation for equal distributions, may be negative), its standard error, the blocks."""

    value: float
    standard_error: float
    blocks: int
    block_size: int

    @property
    def z(self) -> float:
        """Standard errors above zero: below about 3, no difference was seen."""
        return above_zero(self.value, self.standard_error)


def polynomial_mmd(
    real: np.ndarray,
    fake: np.ndarray,
    real_groups: np.ndarray | None = None,
    fake_groups: np.ndarray | None = None,
) -> float:
    """Squared MMD, unbiased, of two sets `(num, dim)` under the kernel (x.y / dim + 1)^3.

    Gretton et al. 2012, equation 3: no sample is compared with itself, nor, where `groups` `(num,)` are
    given, with another of its group: crops of one painting are more alike than two real pictures are.
    Each group counts once, as the mean of its samples.
    """
    real, fake, dim = np.asarray(real, np.float64), np.asarray(fake, np.float64), real.shape[1]
    ours, theirs = averaging(real_groups, len(real)), averaging(fake_groups, len(fake))

    def kernel(left, right):
        return (left @ right.T / dim + 1) ** 3

    def within(features, average):
        values = kernel(features, features)
        values = values if average is None else average @ values @ average.T
        count = len(values)
        return (values.sum() - np.trace(values)) / (count * (count - 1))

    between = kernel(real, fake)
    between = between if ours is None else ours @ between
    between = between if theirs is None else between @ theirs.T
    terms = within(real, ours), within(fake, theirs), -2 * np.mean(between)
    value = float(sum(terms))
    return value if abs(value) > ROUNDING * np.abs(terms).sum() else 0.0


def averaging(groups: np.ndarray | None, length: int) -> np.ndarray | None:
    """The matrix `(num groups, length)` of the mean of every group; None where each row is its own."""
    if groups is None:
        return None
    group = numbered(groups, length)
    member = group == np.arange(group.max() + 1)[:, None]
    return member / member.sum(axis=1, keepdims=True)


def kernel_distance(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    block_size: int = 1000,
    seed: int = 0,
    real_groups: np.ndarray | None = None,
    fake_groups: np.ndarray | None = None,
) -> KernelDistance:
    """KID of two sets of features `(num, dim)`; lower is better, 0 in expectation at best.

    Binkowski et al. 2018 (arXiv:1801.01401, section 4). The sets are shuffled and cut into blocks
    of `block_size` (smaller where there would be fewer than ten) that share no sample, so that the
    blocks are independent and their spread gives an honest standard error; the usual subsets drawn
    with overlap understate it. `groups` `(num,)` number the samples that are not independent, such as
    crops of one painting: blocks are then of whole groups, and none is compared within a group.
    Raises UsageError below 20 samples (or groups) a side, DataError for NaN.
    """
    real, fake = check_finite(real), check_finite(fake)
    if real.shape[1] != fake.shape[1]:
        raise DataError(f"the features have {real.shape[1]} and {fake.shape[1]} dimensions; take one space")
    sides = [(real, real_groups), (fake, fake_groups)]
    units = [num_groups(groups, len(features)) for features, groups in sides]
    kind = "pictures" if real_groups is None and fake_groups is None else "originals"
    need(min(units), 20, "the kernel distance", kind)
    size = min(block_size, min(len(real), len(fake)) // 10)
    each = [max(2, size * unit // len(features)) for (features, _), unit in zip(sides, units, strict=True)]
    count = min(unit // of_block for unit, of_block in zip(units, each, strict=True))
    draw = np.random.default_rng(seed)
    ours, theirs = (
        blocks(groups, len(features), of_block, count, draw)
        for (features, groups), of_block in zip(sides, each, strict=True)
    )
    found = [
        polynomial_mmd(real[left], fake[right], at(real_groups, left), at(fake_groups, right))
        for left, right in zip(ours, theirs, strict=True)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    return KernelDistance(float(np.mean(found)), float(error), len(found), size)


def at(groups: np.ndarray | None, rows: np.ndarray) -> np.ndarray | None:
    """The groups of some rows; None where each row is its own."""
    return None if groups is None else np.asarray(groups)[rows]
