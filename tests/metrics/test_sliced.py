"""Sliced Wasserstein distances: closed forms, the permutation test's level, the pyramid."""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import sliced_wasserstein, sliced_wasserstein_patches, sliced_wasserstein_test
from ganzoo.metrics.sliced import laplacian_pyramid
from tests.metrics.metrics_pictures import crops


def test_one_dimension_equals_sorted_differences_and_scipy():
    draw = np.random.default_rng(1)
    real, fake, fewer = (
        draw.normal(size=(80, 1)),
        draw.normal(0.7, 2, size=(80, 1)),
        draw.normal(size=(33, 1)),
    )
    expected = np.abs(np.sort(real[:, 0]) - np.sort(fake[:, 0])).mean()
    assert sliced_wasserstein(real, fake, projections=3) == pytest.approx(expected, rel=1e-12)
    stats = pytest.importorskip("scipy.stats")
    expected = stats.wasserstein_distance(real[:, 0], fewer[:, 0])
    assert sliced_wasserstein(real, fewer, projections=3) == pytest.approx(expected, rel=1e-12)


def test_a_shift_costs_its_mean_projection():
    real = np.random.default_rng(2).normal(size=(200, 3))
    # In 3 dimensions a unit vector's projection is uniform in [-1, 1]: 1/2 on average.
    moved = real + np.array([2, 0, 0])
    assert sliced_wasserstein(real, moved, projections=4000) == pytest.approx(1.0, rel=0.05)
    assert sliced_wasserstein(real, real[::-1]) == 0


def test_permutation_test_keeps_its_level_and_finds_differences():
    p_values = []
    for seed in range(40):
        draw = np.random.default_rng(seed)
        real, fake = draw.normal(size=(60, 5)), draw.normal(size=(60, 5))
        found = sliced_wasserstein_test(real, fake, projections=16, permutations=50, seed=seed)
        p_values.append(found.p_value)
    assert np.mean(np.array(p_values) <= 0.1) < 0.25
    assert 0.35 < np.mean(p_values) < 0.65
    found = sliced_wasserstein_test(real, fake + 1, projections=16, permutations=50)
    assert found.p_value == pytest.approx(1 / 51)
    assert found.value == pytest.approx(sliced_wasserstein(real, fake + 1, projections=16))


def test_pyramid_adds_up_to_the_picture_and_separates_detail():
    flat = np.full((1, 64, 64, 3), 100, np.uint8)
    levels = laplacian_pyramid(flat)
    assert [level.shape[1] for level in levels] == [64, 32, 16]
    np.testing.assert_allclose(levels[0], 0, atol=1e-4)  # nothing but the border could leave detail here
    np.testing.assert_allclose(levels[-1], 100, atol=1e-4)
    checks = (np.indices((64, 64)).sum(0) % 2 * 200).astype(np.uint8)[None, :, :, None]
    levels = laplacian_pyramid(checks)
    assert np.abs(levels[0]).mean() > 90 and np.abs(levels[1]).max() < 30


def test_patches_see_blur_where_it_is():
    pictures = crops(240)
    real, fake = pictures[:120], pictures[120:]
    same = sliced_wasserstein_patches(real, fake, patches_per_image=32, projections=64)
    assert list(same) == [64, 32, 16]
    checked = fake.copy()
    checked[:, ::2, ::2] = 255  # a regular grid: the finest level's doing
    spoilt = sliced_wasserstein_patches(real, checked, patches_per_image=32, projections=64)
    assert spoilt[64] > 4 * same[64]
    assert spoilt[64] > spoilt[16]
    assert sliced_wasserstein_patches(real, real.copy(), patches_per_image=8) == {64: 0, 32: 0, 16: 0}


def test_bad_input_is_said():
    pictures = np.zeros((4, 64, 64, 3), np.uint8)
    with pytest.raises(DataError, match="bring them to one size"):
        sliced_wasserstein_patches(pictures, pictures[:, :32])
    with pytest.raises(UsageError, match="16 pixels, \\(8, 8\\) given"):
        sliced_wasserstein_patches(pictures[:, :8, :8], pictures[:, :8, :8])
    with pytest.raises(UsageError, match="\\(45, 45\\) is odd"):
        sliced_wasserstein_patches(pictures[:, :45, :45], pictures[:, :45, :45])
    with pytest.raises(UsageError, match="at least 2 pictures, 1 given"):
        sliced_wasserstein(np.zeros((5, 2)), np.zeros((1, 2)))
