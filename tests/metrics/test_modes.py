"""Bins, classes and toy modes on sets whose answer is known."""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import (
    class_agreement,
    count_modes,
    different_bins,
    per_class_distance,
    stacked_labels,
    toy_modes,
)
from ganzoo.metrics.modes import kmeans


def test_different_bins_hold_their_level_and_see_a_missing_mode():
    draw = np.random.default_rng(1)
    centres = draw.normal(size=(20, 4)) * 8

    def mixture(num, modes):
        return centres[draw.integers(0, modes, num)] + draw.normal(size=(num, 4))

    same = different_bins(mixture(4000, 20), mixture(4000, 20), bins=50)
    assert same.share < 0.15
    missing = different_bins(mixture(4000, 20), mixture(4000, 10), bins=50)
    assert missing.share > 0.8
    assert missing.divergence > 10 * same.divergence
    with pytest.raises(UsageError, match="NDB with 100 bins needs at least 1000 pictures, 900 given"):
        different_bins(mixture(900, 20), mixture(900, 20))


def test_kmeans_finds_separate_clusters():
    draw = np.random.default_rng(2)
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]], np.float32)
    points = centres[draw.integers(0, 4, 800)] + draw.normal(0, 0.5, (800, 2))
    found = kmeans(points, 4)
    np.testing.assert_allclose(found[np.lexsort(found.round().T)], centres[np.lexsort(centres.T)], atol=0.15)
    assert np.isfinite(kmeans(np.zeros((50, 2)), 4)).all()  # fewer different points than centres


def test_modes_and_kl_by_hand():
    found = count_modes(np.array([0, 0, 1, 1]), 4)
    assert (found.modes, found.num_modes) == (2, 4)
    assert found.kl == pytest.approx(np.log(2))
    shares = np.array([0.5, 0.25, 0.25, 0])
    assert count_modes(np.array([0, 0, 1, 2]), 4, shares).kl == pytest.approx(0, abs=1e-12)
    assert count_modes(np.array([3]), 4, shares).kl == np.inf
    with pytest.raises(DataError, match="reach from 0 to 4; expected 0 to 3"):
        count_modes(np.array([0, 4]), 4)


def test_stacked_labels_cover_a_thousand_modes():
    digits = np.stack(np.meshgrid(*[np.arange(10)] * 3, indexing="ij"), axis=-1).reshape(-1, 3)
    np.testing.assert_array_equal(stacked_labels(digits), np.arange(1000))
    assert count_modes(stacked_labels(digits), 1000).modes == 1000


def test_toy_modes_by_hand():
    centres = np.array([[0.0, 0], [10, 0], [20, 0]])
    points = np.array([[0.1, 0], [0.2, 0], [10, 0.29], [10, 0.31]])
    found = toy_modes(points, centres, sigma=0.1)
    assert (found.modes, found.num_modes, found.good) == (2, 3, 0.75)
    assert found.kl == pytest.approx(2 / 3 * np.log(2) + 1 / 3 * np.log(1))
    assert toy_modes(points + 5, centres, sigma=0.1).modes == 0


def test_class_agreement_by_hand():
    found = class_agreement(np.array([0, 1, 1, 2]), np.array([0, 1, 2, 2]))
    assert found.share == 0.75
    assert found.per_class == {0: 1, 1: 1, 2: 0.5}
    with pytest.raises(DataError, match="expected equal"):
        class_agreement(np.array([0]), np.array([0, 1]))


def test_per_class_distance_sees_swapped_classes():
    draw = np.random.default_rng(3)
    labels = np.arange(600) % 2
    real, fake = (draw.normal(size=(600, 4)) + labels[:, None] * 3 for _ in range(2))
    right, swapped = (
        per_class_distance(real, labels, fake, labels),
        per_class_distance(real, labels, fake, 1 - labels),
    )
    assert right.mean < 0.3 and swapped.mean == pytest.approx(4 * 9, rel=0.1)
    sparse = per_class_distance(real, labels, fake[:3], np.array([0, 0, 1]))
    assert list(sparse.per_class) == [0] and "at least 2 pictures, 1 given" in sparse.left_out[1]
    with pytest.raises(DataError, match="600 features come with 5 labels"):
        per_class_distance(real, labels[:5], fake, labels)
