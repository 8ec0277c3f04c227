"""Toy problems: the distributions, counting modes, and a short training that finds some."""

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import toys


def test_the_ring_and_the_grid_are_those_of_the_papers():
    ring, grid = toys.ring(), toys.grid()
    assert len(ring.centres) == 8 and ring.sigma == 0.01
    np.testing.assert_allclose(np.linalg.norm(ring.centres, axis=1), 1.0)
    assert len(grid.centres) == 25 and grid.sigma == 0.05
    axis = np.unique(np.array(grid.centres))
    np.testing.assert_allclose(axis, [-4, -2, 0, 2, 4])


@pytest.mark.parametrize("toy", [toys.ring(), toys.grid()])
def test_samples_have_the_stated_moments_and_repeat(toy):
    points = toy.sample(20_000, seed=1)
    assert points.shape == (20_000, 2) and points.dtype == np.float32
    np.testing.assert_array_equal(points, toy.sample(20_000, seed=1))
    distances = np.linalg.norm(points[:, None] - np.array(toy.centres)[None], axis=2)
    nearest = distances.argmin(axis=1)
    assert np.bincount(nearest).min() > 0.8 * len(points) / len(toy.centres)
    offsets = points - np.array(toy.centres)[nearest]
    np.testing.assert_allclose(offsets.std(axis=0), toy.sigma, rtol=0.05)


def test_the_truth_covers_all_modes_with_all_samples_but_the_tail():
    for toy in (toys.ring(), toys.grid()):
        modes = toy.modes(toy.sample(2_500))
        assert modes.covered == modes.num_modes == len(toy.centres)
        assert modes.high_quality == pytest.approx(1 - np.exp(-4.5), abs=0.006)  # within 3 sigma, in a plane


def test_a_mode_needs_twenty_samples_within_three_sigma():
    ring = toys.ring()
    near = np.add(ring.centres[0], [[0.0, 0.029]])
    far = np.add(ring.centres[1], [[0.0, 0.031]])
    points = np.concatenate(
        [np.repeat(near, 20, 0), np.repeat(far, 20, 0), np.repeat(ring.centres[2:3], 19, 0)]
    )
    modes = ring.modes(points)
    assert modes.covered == 1 and modes.high_quality == pytest.approx(39 / 59)


def test_the_density_is_normalised_and_peaks_at_the_centres():
    mixture = toys.Mixture(((-1.0,), (1.5,)), 0.3)
    x = np.linspace(-4, 5, 20_001)[:, None]
    density = np.exp(mixture.log_density(x))
    assert density.sum() * (x[1, 0] - x[0, 0]) == pytest.approx(1.0, rel=1e-6)
    assert abs(x[density.argmax(), 0]) in (pytest.approx(1.0, abs=0.01), pytest.approx(1.5, abs=0.01))
    assert toys.ring().log_density([[1.0, 0.0]])[0] == pytest.approx(np.log(1 / (8 * 2 * np.pi * 1e-4)))


def test_the_swiss_roll_is_a_spiral():
    points = toys.swiss_roll(sigma=0.0).sample(2_000)
    radius = np.linalg.norm(points, axis=1) * 15.0
    np.testing.assert_allclose(np.cos(radius), points[:, 0] * 15.0 / radius, atol=1e-4)  # t is its own radius
    assert 1.5 * np.pi <= radius.min() and radius.max() <= 4.5 * np.pi


@pytest.mark.parametrize("bad", [np.zeros((5, 3)), np.full((5, 2), np.nan), np.zeros(5)])
def test_points_that_cannot_be_counted(bad):
    with pytest.raises(DataError, match=r"expected finite numbers of shape \(num, 2\)"):
        toys.ring().modes(bad)


def test_the_stream_is_endless_and_repeats():
    first, again = (
        [batch["image"].numpy() for batch in toys.stream(toys.grid(), 16, seed=3, num=50).take(5)]
        for _ in range(2)
    )
    np.testing.assert_array_equal(first, again)
    assert first[0].shape == (16, 2) and np.any(first[0] != first[1])
    with pytest.raises(UsageError, match="batch_size is 0"):
        toys.stream(toys.ring(), 0)


def test_training_on_a_toy_comes_nearer_to_the_truth():
    # Two wide modes: a minute's recipe in a second. The full recipes are in experiments/toys_modes.py.
    toy = toys.Mixture(((-1.0, 0.0), (1.0, 0.0)), 0.2)
    gan = ganzoo.build(
        "vanilla", data_shape=(2,), latent_dim=2, width=32, d_width=32, activation="leaky_relu",
        d_activation="leaky_relu", dropout=0.0, learning_rate=2e-3, penalties=[{"name": "r1", "weight": 0.1}],
        ema_decay=0.99,
    )  # fmt: skip
    before = toy.modes(gan.sample(2_500))
    gan.fit(toys.stream(toy, 128), steps_per_epoch=400, verbose=0)
    after = toy.modes(gan.sample(2_500))
    assert after.covered == 2 and after.high_quality > max(0.8, before.high_quality)
