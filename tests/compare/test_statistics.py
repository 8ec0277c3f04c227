"""What a handful of runs allow one to say: against numbers worked out by hand and by SciPy."""

import pytest

from ganzoo.compare.statistics import (
    permutation,
    spread_of,
    student_cdf,
    student_quantile,
    welch,
)


def test_mean_and_spread_by_hand():
    found = spread_of([1, 2, 6])
    assert found.mean == 3 and found.values == (1.0, 2.0, 6.0)
    assert found.deviation == pytest.approx(7**0.5)  # (4 + 1 + 9) / 2
    assert spread_of([5.0]).deviation is None and spread_of([]) is None


@pytest.mark.parametrize("degrees, t", [(1, 12.7062), (2, 4.30265), (4, 2.77645), (30, 2.04227)])
def test_students_table(degrees, t):
    assert student_quantile(0.975, degrees) == pytest.approx(t, rel=1e-5)


def test_students_distribution_is_scipys_at_broken_degrees():
    stats = pytest.importorskip("scipy.stats")
    for degrees in (1.0, 1.7, 2.76, 37.2):
        for t in (-3.0, -0.2, 0.0, 1.3, 20.0):
            assert student_cdf(t, degrees) == pytest.approx(stats.t.cdf(t, degrees), abs=1e-9)


def test_welch_by_hand():
    # Spreads 1 and 2, of 3 each: variances 1/3 + 4/3, degrees (5/3)^2 / (1/18 + 16/18) = 2.94.
    found = welch(spread_of([1, 2, 3]), spread_of([8, 10, 12]))
    assert found.degrees == pytest.approx(50 / 17)
    assert (found.low + found.high) / 2 == pytest.approx(8)
    assert found.high - 8 == pytest.approx(3.2189 * (5 / 3) ** 0.5, rel=1e-3)
    assert found.excludes_zero


def test_welch_is_scipys():
    stats = pytest.importorskip("scipy.stats")
    ours, theirs = [1, 2, 3.5], [4, 4.2, 9]
    low, high = stats.ttest_ind(theirs, ours, equal_var=False).confidence_interval()
    found = welch(spread_of(ours), spread_of(theirs))
    assert (found.low, found.high) == (pytest.approx(low), pytest.approx(high))
    assert not found.excludes_zero


def test_without_a_spread_there_is_no_interval():
    assert welch(spread_of([1]), spread_of([2, 3])) is None
    assert welch(spread_of([1, 1]), spread_of([2, 2])) is None


def test_three_seeds_never_come_below_a_tenth():
    found = permutation([1, 2, 3], [10, 11, 12])
    assert (found.splits, found.p_value, found.least) == (20, 0.1, 0.1)
    # 1 3 5 against 2 4 6: of 20 splits, those with sums from 9 to 12 differ by less or as much.
    sums = [a + b + c for a in range(1, 7) for b in range(a + 1, 7) for c in range(b + 1, 7)]
    by_hand = sum(abs(2 * total - 21) >= 3 for total in sums) / 20
    assert permutation([1, 3, 5], [2, 4, 6]).p_value == by_hand


def test_equal_values_are_no_difference():
    assert permutation([0.1, 0.2], [0.2, 0.1]).p_value == 1.0
    assert permutation([1, 2], []) is None and permutation([], [1]) is None
    assert permutation([1], [2, 3]).least == pytest.approx(1 / 3)
    assert permutation(range(20), range(20, 40)) is None  # too many to try
