"""When grids come: eight at least in any run, however short, unless the user says when."""

import pytest

from ganzoo.config import resolve
from ganzoo.training.rhythm import Rhythm


def grids(images, **train):
    config = resolve({"model": {"name": "dcgan"}, "train": {"images": images, "batch_size": 16, **train}})
    return images // Rhythm.of(config, 5_000).grid


@pytest.mark.parametrize("images", [160, 6_400, 30_000, 200_000])
def test_a_short_run_has_eight_grids(images):
    assert grids(images) >= 8  # 6,400 images had two


def test_a_run_has_no_more_grids_than_steps():
    assert grids(64) == 4


def test_a_rhythm_of_ones_own_is_kept():
    assert grids(6_400, grid_every=3_200) == 2
