"""The schedule of growth, without a network: a pure function of images seen."""

import numpy as np
import pytest

from ganzoo.base.errors import UsageError
from ganzoo.config import resolve
from ganzoo.step.growth import Growth, Schedule

PAPER = Growth(4, 64, 600_000, 600_000)


def test_the_papers_schedule():
    at = {0: "4x4", 599_999: "4x4", 600_000: "8x8 fading in 0%", 900_000: "8x8 fading in 50%"}
    at |= {1_200_000: "8x8", 1_800_000: "16x16 fading in 0%", 4_799_999: "64x64 fading in 100%"}
    at |= {4_800_000: "64x64", 10**9: "64x64"}
    assert {images: PAPER.describe(images) for images in at} == at
    assert [PAPER.begins(stage) for stage in range(PAPER.num_stages)][-2:] == [4_200_000, 4_800_000]


@pytest.mark.parametrize("growth", [PAPER, Growth(8, 32, 7, 3), Growth(4, 16, 5, 0), Growth(4, 8, 1, 9)])
def test_every_image_is_in_the_stage_that_began_last(growth):
    edges = [growth.begins(stage) for stage in range(growth.num_stages)]
    assert edges == sorted(edges)
    for edge in edges:
        for images in {max(0, edge - 1), edge, edge + 1}:
            began = [stage for stage, first in enumerate(edges) if first <= images]
            assert growth.stage(images) == began[-1]


def test_the_fade_goes_from_nothing_to_all_and_stays_exact_at_large_numbers():
    growth = Growth(4, 8, 10**9, 1000)
    seen = [10**9 - 5, 10**9, 10**9 + 1, 10**9 + 250, 10**9 + 1000, 2 * 10**9]
    fades = [float(growth.fade(1, images)) for images in seen]
    np.testing.assert_allclose(fades, [0, 0, 0.001, 0.25, 1, 1], rtol=1e-6)


def test_a_size_that_never_fades_switches_at_once():
    growth = Growth(4, 16, 10, 0)
    assert [growth.stage(images) for images in (9, 10, 19, 20)] == [0, 2, 2, 4]


def test_batch_sizes_follow_the_size_and_default_to_the_recipes():
    growth = Growth(4, 16, 10, 10, {4: 32, 8: 16, 16: 8})
    assert [growth.batch_size(images, 64) for images in (0, 10, 20, 30)] == [32, 16, 16, 8]
    assert Growth(4, 16, 10, 10).batch_size(10, 64) == 64
    assert growth.all_batch_sizes(64) == (32, 16, 8)


def test_work_adds_up_and_counts_what_each_size_costs():
    growth = Growth(4, 16, 10, 10, costs={4: 1.0, 8: 2.0, 16: 8.0})
    assert growth.work(0, 10) == 10 and growth.work(0, 30) == 10 + 40
    assert growth.work(25, 35) == 5 * 2 + 5 * 8
    assert growth.work(100, 200) == 800 and growth.work(50, 50) == 0
    pieces = [growth.work(start, start + 7) for start in range(0, 70, 7)]
    assert sum(pieces) == growth.work(0, 70)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"stable_images": 0}, "shorter than one level"),
        ({"fade_images": -1}, "at least 0"),
        ({"batch_sizes": {4: 8}}, "nothing for 8x8, 16x16"),
        ({"batch_sizes": {4: 8, 8: 8, 16: 8, 32: 8}}, "has 32x32"),
        ({"batch_sizes": {4: 8, 8: 0, 16: 8}}, "0 for 8"),
    ],
)
def test_impossible_schedules_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        Growth(**{"start_size": 4, "image_size": 16, "stable_images": 9, "fade_images": 9, **arguments})


def test_a_level_shorter_than_a_step_is_refused_with_the_recipe():
    model = {"name": "progan", "image_size": 16, "stable_images": 100}
    with pytest.raises(UsageError, match=r"100, shorter than one step of 128 images at 4x4"):
        resolve({"model": model, "train": {"batch_size": 128}})
    with pytest.raises(UsageError, match=r"shorter than one step of 120"):
        resolve({"model": model, "train": {"batch_size": 60, "d_steps": 2}})
    resolve({"model": model, "train": {"batch_size": 100}})


def test_a_budget_that_ends_within_a_level_is_said():
    assert "full size from 4,800,000 images" in PAPER.announce(5_000_000, 16)
    assert "ends at 16x16 fading in 50%" in PAPER.announce(2_100_000, 16)
    assert "batch 128, 64, 64" in Growth(4, 16, 10, 10, {4: 128, 8: 64, 16: 64}).announce(1000, 16)


def test_a_family_that_does_not_grow_has_one_stage_for_ever():
    fixed = Schedule()
    assert (fixed.num_stages, fixed.stage(10**9), fixed.batch_size(5, 64)) == (1, 0, 64)
    assert fixed.describe(5) == fixed.announce(5, 64) == "" and fixed.work(3, 10) == 7
    with pytest.raises(UsageError, match="leave level out"):
        fixed.stage_of(8)


def test_batch_sizes_in_a_recipe_are_a_table_by_side():
    model = {"name": "progan", "image_size": 8, "batch_sizes": {"4": 16, "8": 8}}
    config = resolve({"model": model})
    assert config.family.batch_sizes == {4: 16, 8: 8}
    assert (config.batch_size(0), config.batch_size(10**9)) == (16, 8)
    assert resolve(config.tables()) == config
    for wrong in ({"4": 16, "eight": 8}, {"4": 16, "8": "few"}, 16):
        with pytest.raises(UsageError, match="batch_sizes"):
            resolve({"model": {**model, "batch_sizes": wrong}})
