"""The film of a run: captioned with images seen, small enough to send, whole rows of its grids."""

import numpy as np
import pytest
from PIL import Image

from ganzoo.training import evolution, run_pictures


@pytest.fixture
def grids(tmp_path):
    def make(num, shape, count, scale=None):
        rng = np.random.default_rng(0)
        for i in range(count):
            sheet = run_pictures.grid(rng.integers(0, 256, (num, *shape), np.uint8), 8, scale=scale)
            run_pictures.save_png(tmp_path / f"images-{i * 3200:012d}.png", sheet)
        return sorted(tmp_path.glob("*.png"))

    return make


def test_even_noise_stays_under_four_megabytes(grids, tmp_path):
    evolution.save(grids(64, (64, 64, 3), 40), tmp_path / "a.gif", evolution.Sheet(64, 8, (64, 64, 3)))
    assert (tmp_path / "a.gif").stat().st_size <= 4_000_000
    with Image.open(tmp_path / "a.gif") as film:
        assert evolution.LEAST_FRAMES <= film.n_frames < 40
        assert film.width >= 512


def test_frames_are_the_first_rows_of_the_grids_whatever_their_size(grids, tmp_path):
    sheet = evolution.Sheet(64, 8, (64, 64, 3))
    frames = []
    for scale in (1, 2):  # an older run has grids of its own size
        (grid,) = grids(64, (64, 64, 3), 1, scale)
        with Image.open(grid) as opened:
            frames.append(np.asarray(sheet.film_part(opened)))
    assert frames[0].shape == (4 * 66 + 2, 8 * 66 + 2, 3)
    np.testing.assert_array_equal(*frames)
    with Image.open(grid) as opened:
        np.testing.assert_array_equal(frames[0], np.asarray(opened)[:532:2, ::2])


def test_the_images_seen_stand_above_the_pictures(grids, tmp_path):
    sheet = evolution.Sheet(8, 8, (16, 16, 3))
    evolution.save(grids(8, (16, 16, 3), 2), tmp_path / "a.gif", sheet)
    with Image.open(tmp_path / "a.gif") as film:
        bars = []
        for index in range(film.n_frames):
            film.seek(index)
            bars.append(np.asarray(film.convert("L"))[: evolution.BAR])
    assert len(bars) == 2 and not np.array_equal(*bars)  # "0" and "3,200"
    assert all(bar.min() < 60 and bar.max() > 240 for bar in bars)


def test_no_grids_no_film(tmp_path):
    evolution.save([], tmp_path / "a.gif", evolution.Sheet(8, 8, (16, 16, 3)))
    assert not (tmp_path / "a.gif").exists()
