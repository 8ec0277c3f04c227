"""When grids come: many at first, so that a short run has some, whatever the run's length will be."""

import pytest

from ganzoo.config import resolve
from ganzoo.training.rhythm import Rhythm


def grids(images, **train):
    """The steps after which a run of batches of 16 has a grid."""
    config = resolve({"model": {"name": "dcgan"}, "train": {"images": images, "batch_size": 16, **train}})
    rhythm = Rhythm.of(config, 5_000)
    return [step for step in range(1, images // 16 + 1) if rhythm.draws((step - 1) * 16, step * 16)]


@pytest.mark.parametrize("steps", [16, 100, 400, 2_000])
def test_a_short_run_has_eight_grids(steps):
    assert len(grids(steps * 16)) >= 7  # and one before the first step; 400 steps had two


def test_grids_come_after_every_half_of_a_doubling_and_later_in_even_steps():
    early = [1, 2, 3, 4, 6, 8, 12, 16, 23, 32, 46, 64, 91, 128, 182]
    assert grids(1_000 * 16) == [*early, 200, 400, 600, 800, 1000]


def test_a_longer_run_has_the_grids_of_the_shorter_one():
    assert grids(1_600) == [step for step in grids(16_000) if step <= 100]


def test_a_rhythm_of_ones_own_is_kept():
    assert grids(6_400, grid_every=3_200) == [200, 400]
