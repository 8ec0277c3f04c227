"""The kernel distance (KID): unbiased, with its standard error."""

from dataclasses import dataclass

import numpy as np

from ganzoo.errors import DataError
from ganzoo.metrics.frechet import check_finite
from ganzoo.metrics.images import need


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
        return self.value / self.standard_error if self.standard_error else float("inf" if self.value else 0)


def polynomial_mmd(real: np.ndarray, fake: np.ndarray) -> float:
    """Squared MMD, unbiased, of two sets `(num, dim)` under the kernel (x.y / dim + 1)^3.

    Gretton et al. 2012, equation 3: no sample is compared with itself.
    """
    real, fake, dim = np.asarray(real, np.float64), np.asarray(fake, np.float64), real.shape[1]

    def within(features):
        kernel = (features @ features.T / dim + 1) ** 3
        count = len(features)
        return (kernel.sum() - np.trace(kernel)) / (count * (count - 1))

    return float(within(real) + within(fake) - 2 * np.mean((real @ fake.T / dim + 1) ** 3))


def kernel_distance(
    real: np.ndarray, fake: np.ndarray, *, block_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """KID of two sets of features `(num, dim)`; lower is better, 0 in expectation at best.

    Binkowski et al. 2018 (arXiv:1801.01401, section 4). The sets are shuffled and cut into blocks
    of `block_size` (smaller where there would be fewer than ten) that share no sample, so that the
    blocks are independent and their spread gives an honest standard error; the usual subsets drawn
    with overlap understate it. Raises UsageError below 20 samples a side, DataError for NaN.
    """
    real, fake = check_finite(real), check_finite(fake)
    if real.shape[1] != fake.shape[1]:
        raise DataError(f"the features have {real.shape[1]} and {fake.shape[1]} dimensions; take one space")
    num = min(len(real), len(fake))
    need(num, 20, "the kernel distance")
    size = min(block_size, num // 10)
    draw = np.random.default_rng(seed)
    ours, theirs = draw.permutation(len(real)), draw.permutation(len(fake))
    found = [
        polynomial_mmd(real[ours[at : at + size]], fake[theirs[at : at + size]])
        for at in range(0, num - size + 1, size)
    ]
    error = np.std(found, ddof=1) / np.sqrt(len(found))
    return KernelDistance(float(np.mean(found)), float(error), len(found), size)
