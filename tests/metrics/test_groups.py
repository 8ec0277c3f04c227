"""What is independent of what: crops of one painting, sorted sets, one N, sets without spread.

The truth is a perfect generator: independent samples of what the paintings' crops are drawn from. Every
measure has to give it what it gives real pictures.
"""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import MEASURES, Sample, memorisation, ms_ssim
from ganzoo.metrics.diversity import error_of_pairs, partners
from ganzoo.metrics.groups import draws, num_draws
from ganzoo.metrics.kernel import polynomial_mmd
from ganzoo.metrics.spaces import FeatureSpace
from ganzoo.metrics.subsets import arrange, sample_of

SPACE = FeatureSpace("toy", None, "none")
PAINTINGS, CROPS, DIM = 50, 6, 5


def sample(features, groups=None, labels=None):
    return Sample(features.astype(np.float32), np.zeros((len(features), 1, 1, 1), np.uint8), labels, groups)


def crops_of(draw, paintings, crops=CROPS, dim=DIM):
    """Standard normal features, those of one painting correlated by 0.85; and their paintings."""
    middle = draw.normal(size=(paintings, 1, dim))
    found = np.sqrt(0.85) * middle + np.sqrt(0.15) * draw.normal(size=(paintings, crops, dim))
    return found.reshape(-1, dim), np.arange(paintings * crops) // crops


@pytest.fixture(scope="module")
def scores():
    """Columns by row's name of a perfect generator, over repeated draws of paintings and samples."""
    found = {}
    names = ("frechet", "frechet_infinity", "kernel", "precision_recall", "sliced", "bins", "memorisation")
    for seed in range(100):  # the Frechet distance's ratio needs them all
        draw = np.random.default_rng([seed, 99])
        evaluation = arrange(
            SPACE,
            sample(*crops_of(draw, PAINTINGS)),
            sample(draw.normal(size=(PAINTINGS * CROPS, DIM))),
            seed,
        )
        evaluation.held_out = sample(*crops_of(draw, 20))
        for row in (row for name in names[: None if seed < 40 else 1] for row in MEASURES[name](evaluation)):
            columns = (row.value, row.floor, row.ratio, row.z, row.p_value)
            found.setdefault(row.name, []).append(columns)
    return {name: np.array(rows, float).T for name, rows in found.items()}


@pytest.mark.parametrize("name", ["FD-toy", "SWD-toy"])
def test_a_perfect_generator_has_the_ratio_of_reals(scores, name):
    # Crops taken for pictures gave 0.5: the fakes, which are independent, came nearer than other reals can.
    value, floor, ratio = scores[name][:3]
    assert value.mean() / floor.mean() == pytest.approx(1, abs=0.1)
    assert np.median(ratio) == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize("name", ["KID-toy", "FD-infinity-toy", "nearer to training"])
def test_a_perfect_generator_is_within_the_standard_error(scores, name):
    z = scores[name][3]
    assert (z > 3).mean() <= 0.025 and abs(z.mean()) < 0.5 and z.std() < 1.5


@pytest.mark.parametrize("name", ["SWD-toy", "nearer to training"])
def test_p_values_of_a_perfect_generator_are_uniform(scores, name):
    p = np.sort(scores[name][4])
    expected = (np.arange(len(p)) + 0.5) / len(p)
    assert np.abs(p - expected).max() < 1.63 / np.sqrt(len(p))  # Kolmogorov and Smirnov, at 1 %


@pytest.mark.parametrize("name", ["precision", "recall", "density", "coverage", "NDB/K"])
def test_a_perfect_generator_stands_at_the_floor(scores, name):
    value, floor = scores[name][:2]
    assert value.mean() == pytest.approx(floor.mean(), abs=4 * np.std(value - floor) / np.sqrt(len(value)))
    assert name == "NDB/K" or value.mean() > 0.8


def test_memorisation_is_a_half_on_average_whatever_the_numbers():
    shares = []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        train, held_out = crops_of(draw, 40, 8), crops_of(draw, 12, 3)
        new = draw.normal(size=(200, DIM))
        found = memorisation(
            new, train[0], held_out[0], train_groups=train[1], held_out_groups=held_out[1], permutations=20
        )
        assert (found.num_compared, found.crops) == (12, 3)
        shares.append(found.share)
    assert np.mean(shares) == pytest.approx(0.5, abs=3 * np.std(shares) / np.sqrt(60))


def test_memorisation_judges_few_paintings_and_says_what_copies_would_give():
    draw = np.random.default_rng(3)
    (train, of_train), (held_out, of_held_out) = crops_of(draw, 60), crops_of(draw, 15)
    copies = train[draw.integers(0, len(train), 300)]
    groups = {"train_groups": of_train, "held_out_groups": of_held_out}
    found = memorisation(copies, train, held_out, **groups)
    assert found.most == (1 + 15 / 60) / 2
    assert found.share == pytest.approx(found.most, abs=0.06) and found.p_value < 0.02 and found.z > 2
    swapped = memorisation(copies, held_out, train, train_groups=of_held_out, held_out_groups=of_train)
    assert swapped.share == pytest.approx(1 - found.share, abs=0.01) and swapped.most == 1
    alike = memorisation(np.zeros((9, 2)), np.ones((30, 2)), np.ones((20, 2)))
    assert (alike.share, alike.standard_error, alike.z) == (0.5, 0, None)


def test_draws_take_one_of_each_and_in_the_end_all():
    groups = np.array([0] * 4 + [1] * 4 + [2] * 4 + [7] * 4)
    rows = draws(groups, 16, 4, 4, np.random.default_rng(0))
    assert sorted(rows.ravel()) == list(range(16))
    assert all(len(set(groups[row])) == 4 for row in rows)
    fewer = draws(groups, 16, 3, 5, np.random.default_rng(0))
    assert len(set(fewer.ravel())) == 15 and all(len(set(groups[row])) == 3 for row in fewer)
    assert sorted(draws(None, 6, 3, 2, np.random.default_rng(0)).ravel()) == list(range(6))
    assert (num_draws(4, groups, 16), num_draws(1000, groups, 16), num_draws(6, None, 6)) == (4, 2, 1)
    with pytest.raises(DataError, match="5 pictures come with 4 groups"):
        draws(groups[:4], 5, 1, 1, np.random.default_rng(0))


def test_kernel_compares_no_two_of_a_group():
    draw = np.random.default_rng(4)
    (real, groups), fake = crops_of(draw, 9, 3), draw.normal(size=(14, DIM))
    kernel = (np.concatenate([real, fake]) @ np.concatenate([real, fake]).T / DIM + 1) ** 3
    apart = groups[:, None] != groups
    within = kernel[:27, :27][apart].mean() + (kernel[27:, 27:].sum() - np.trace(kernel[27:, 27:])) / (
        14 * 13
    )
    assert polynomial_mmd(real, fake, groups) == pytest.approx(within - 2 * kernel[:27, 27:].mean(), rel=1e-9)
    assert polynomial_mmd(real, fake, np.arange(27)) == pytest.approx(polynomial_mmd(real, fake), rel=1e-9)


def test_pairs_are_of_two_paintings_and_their_error_knows_what_they_share():
    groups, draw = np.repeat([0, 1, 2, 3], [1, 5, 2, 4]), np.random.default_rng(5)
    first = draw.integers(0, 12, 4000)
    second = partners(groups, first, draw)
    assert (groups[first] != groups[second]).all()
    assert set(second[first == 0]) == set(range(1, 12))
    means, errors = [], []
    for _ in range(150):  # likeness of a pair: the product of two paintings' values
        of_painting, first = 1 + draw.normal(size=30), draw.integers(0, 30, 400)
        second = partners(np.arange(30), first, draw)
        found = of_painting[first] * of_painting[second]
        means.append(found.mean())
        errors.append(error_of_pairs(found, first, second))
    assert np.sqrt(np.mean(np.square(errors))) == pytest.approx(np.std(means), rel=0.25)
    pictures = draw.integers(0, 255, (3, 16, 16, 1)).astype(np.uint8)
    alike = ms_ssim(np.repeat(pictures, 4, axis=0), pairs=60)
    apart = ms_ssim(np.repeat(pictures, 4, axis=0), pairs=60, groups=np.arange(12) // 4)
    assert apart.value < alike.value - 0.1
    with pytest.raises(UsageError, match="at least 2 originals, 1 given"):
        ms_ssim(pictures, groups=np.zeros(3))


def test_the_order_of_a_set_is_nothing():
    """Reals in folder order, sorted by class, fakes of the same mixture: the first of them gave p 0.005."""
    p_values, patches = [], []
    for seed in range(5):
        draw = np.random.default_rng(seed)
        labels = np.sort(draw.integers(0, 4, 1600))
        reals = draw.normal(size=(1600, 3)) + 3 * labels[:, None]
        pictures = np.full((1600, 16, 16, 1), 20 * labels[:, None, None, None], np.uint8)
        pictures += draw.integers(0, 20, pictures.shape).astype(np.uint8)
        mixed = draw.integers(0, 1600, 1600)
        evaluation = arrange(
            SPACE,
            Sample(reals.astype(np.float32), pictures, labels),
            Sample(
                (reals[mixed] + draw.normal(0, 1e-3, (1600, 3))).astype(np.float32), pictures[np.sort(mixed)]
            ),
            seed,
        )
        p_values.append(MEASURES["sliced"](evaluation)[0].p_value)
        patches.append(MEASURES["patches"](evaluation)[0].ratio) if seed == 0 else None
    assert min(p_values) > 0.02 and np.mean(p_values) > 0.2
    assert patches[0] < 2


def test_pictures_of_more_fakes_than_reals_are_of_all_of_them(monkeypatch):
    # Fakes sorted by class, of which some are taken: those whose pictures are kept are no first of them.
    monkeypatch.setattr("ganzoo.metrics.subsets.KEPT", 200)
    draw = np.random.default_rng(8)
    real, fake = (
        Sample(draw.normal(size=(num, 2)), np.zeros((num, 1, 1, 1), np.uint8) + labels[:, None, None, None])
        for num, labels in ((600, np.arange(600) % 4), (1200, np.arange(1200) // 300))
        for labels in [labels.astype(np.uint8)]
    )
    for seed in range(3):
        kept = arrange(SPACE, real, fake, seed).fake.images
        assert len(kept) == 200 and np.bincount(kept.ravel(), minlength=4).min() > 25


def test_pictures_kept_of_an_iterator_are_of_all_that_passed(monkeypatch):
    monkeypatch.setattr("ganzoo.metrics.subsets.KEPT", 40)
    values = np.arange(200, dtype=np.uint8)
    pictures = np.broadcast_to(values[:, None, None, None], (200, 4, 4, 1))
    by_mean = lambda source, space, num, watch, what: np.concatenate(  # noqa: E731
        [(watch(batch), batch.mean(axis=(1, 2)))[1] for batch in source]
    )
    found = sample_of(
        iter(np.array_split(pictures, 9)), SPACE, 200, labels=values.astype(int), extract=by_mean
    )
    assert len(found.images) == 40 and found.images.max() > 120  # not the first 40
    np.testing.assert_array_equal(found.features[:40, 0], found.images[:, 0, 0, 0])
    np.testing.assert_array_equal(found.features[:, 0], found.labels)
    assert sorted(found.labels) == list(range(200))


@pytest.mark.parametrize("name", sorted({*MEASURES} - {"modes", "stacked_modes", "agreement"}))
@pytest.mark.parametrize("without", ["real", "fake", "both"])
@pytest.mark.parametrize("colour", [0, 0.1])  # which no sum in binary hits exactly
def test_sets_without_spread_are_measured_or_said(name, without, colour):
    draw = np.random.default_rng(7)

    def side(flat):
        features = np.full((240, 30), colour) if flat else draw.normal(size=(240, 30))
        pictures = draw.integers(0, 1 if flat else 255, (240, 16, 16, 1)).astype(np.uint8)
        return Sample(features.astype(np.float32), pictures, np.arange(240) % 2)

    evaluation = arrange(SPACE, side(without != "fake"), side(without != "real"), 0)
    evaluation.held_out = evaluation.real
    for row in MEASURES[name](evaluation):
        assert np.isfinite(row.value)
        if without == "both":
            assert row.z in (None, 0) and row.ratio in (None, pytest.approx(1))
