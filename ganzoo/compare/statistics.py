"""What a handful of runs allow one to say: means, spreads, and differences of two means."""

import itertools
import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

MOST_SPLITS = 20_000  # of an exact permutation test: 8 runs against 8 are 12,870
BY_CHANCE = 1e-9  # sums are equal within rounding


@dataclass(frozen=True)
class Spread:
    """Some values, one a run; `deviation` is the sample's standard deviation (num - 1), None of one value."""

    values: tuple[float, ...]
    mean: float
    deviation: float | None


def spread_of(values: Sequence[float]) -> Spread | None:
    """Mean and spread; None of nothing."""
    values = tuple(float(value) for value in values)
    if not values:
        return None
    deviation = statistics.stdev(values) if len(values) > 1 else None
    return Spread(values, statistics.fmean(values), deviation)


@dataclass(frozen=True)
class Interval:
    """A confidence interval of the difference of two means."""

    low: float
    high: float
    degrees: float  # of freedom

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0


def welch(ours: Spread, theirs: Spread, level: float = 0.95) -> Interval | None:
    """The interval of mean(theirs) - mean(ours), spreads not taken to be equal.

    Welch 1947, Biometrika 34; degrees of freedom by Satterthwaite 1946. It takes values that scatter
    normally, which a handful of runs can neither show nor refute. None for fewer than 2 values a side
    or where nothing scatters.
    """
    if ours.deviation is None or theirs.deviation is None:
        return None
    parts = [s.deviation**2 / len(s.values) for s in (ours, theirs)]
    if sum(parts) == 0:
        return None
    weights = [part**2 / (len(s.values) - 1) for part, s in zip(parts, (ours, theirs), strict=True)]
    degrees = sum(parts) ** 2 / sum(weights)
    reach = student_quantile((1 + level) / 2, degrees) * math.sqrt(sum(parts))
    difference = theirs.mean - ours.mean
    return Interval(difference - reach, difference + reach, degrees)


@dataclass(frozen=True)
class Permutation:
    """Two-sided p-value of an exact permutation test; `least` is the smallest that so few runs can give."""

    p_value: float
    least: float
    splits: int


def permutation(ours: Sequence[float], theirs: Sequence[float]) -> Permutation | None:
    """How often a random split of all values differs in its means at least as much as this one.

    All splits are tried (Fisher 1935). With 3 runs a side there are 20, and p is 0.1 at best.
    None where there is nothing to split or too much.
    """
    values, num = [*ours, *theirs], len(ours)
    splits = math.comb(len(values), num)
    if not num or num == len(values) or splits > MOST_SPLITS:
        return None
    total = sum(values)

    def difference(part: float) -> float:
        return abs(part / num - (total - part) / (len(values) - num))

    there = difference(sum(ours))
    tolerance = BY_CHANCE * max(1.0, abs(there))
    count = sum(
        difference(sum(chosen)) >= there - tolerance for chosen in itertools.combinations(values, num)
    )
    # With equal numbers a side, each split has a mirror image that differs as much.
    least = (2 if 2 * num == len(values) else 1) / splits
    return Permutation(count / splits, least, splits)


def student_cdf(t: float, degrees: float) -> float:
    """Student's t distribution function for degrees of freedom from 1 on, to about nine digits.

    With t = sqrt(degrees) tan(a) its density is cos(a)^(degrees - 1) over a beta function.
    """
    angle, steps = math.atan(abs(t) / math.sqrt(degrees)), 2000
    width = angle / steps
    inner = sum((4 if i % 2 else 2) * math.cos(i * width) ** (degrees - 1) for i in range(1, steps))
    integral = width / 3 * (1.0 + inner + math.cos(angle) ** (degrees - 1))  # Simpson's rule
    log_beta = math.lgamma(0.5) + math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2)
    half = integral / math.exp(log_beta)
    return 0.5 + half if t >= 0 else 0.5 - half


def student_quantile(share: float, degrees: float) -> float:
    """The t below which `share`, from 0.5 to below 1, of Student's distribution lies."""
    low, high = 0.0, 1.0
    while student_cdf(high, degrees) < share:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if student_cdf(middle, degrees) < share else (low, middle)
    return (low + high) / 2
