"""Sheets and films have a size for eyes, by a whole number, and no holes where that can be."""

import io

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import UsageError
from ganzoo.pictures.layout import Style, for_eyes, for_films, full_columns
from ganzoo.pictures.picture_files import encoded


@pytest.mark.parametrize(
    "num, columns", [(24, 6), (64, 8), (36, 6), (10, 5), (8, 4), (7, 4), (2, 2), (3, 3), (1, 1)]
)
def test_a_sheet_has_as_few_holes_as_can_be(num, columns):
    assert full_columns(num) == columns  # 24 were 5 x 5 with a hole


@pytest.mark.parametrize("side", [8, 16, 28, 32, 64, 128, 256])
@pytest.mark.parametrize("num", [1, 2, 16, 24, 64, 100])
def test_a_sheet_is_enlarged_to_about_a_thousand_pixels(num, side):
    shape = (side, side, 3)
    plain, large = (max(Style(scale=scale).sheet_size(num, shape)) for scale in (1, None))
    assert large % plain == 0  # a whole number: no pixel is wider than another
    assert large == plain if plain > 500 else 500 < large <= 1000


def test_a_film_has_at_least_256_pixels_and_one_picture_has_no_rim():
    for side in (8, 28, 32, 64, 100):
        assert min(Style(fit=for_films).sheet_size(1, (side, side, 1))) >= 256
        assert Style(fit=for_films).sheet_size(1, (side, side, 1))[0] % side == 0
    assert Style(fit=for_films).sheet_size(1, (512, 512, 3)) == (512, 512)


def test_what_is_asked_for_is_kept():
    assert Style(columns=5, gap=1, scale=3).sheet_size(24, (8, 8, 1)) == ((5 * 9 + 1) * 3,) * 2
    assert Style(gap=4, scale=1).sheet_size(1, (8, 8, 1)) == (16, 16)
    picture = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    assert Style().enlarged(picture).shape == (8, 8, 1)  # a single file


def test_a_finished_sheet_is_enlarged_by_repeating_its_pixels():
    sheet = np.arange(100 * 60 * 3, dtype=np.uint32).astype(np.uint8).reshape(100, 60, 3)
    large = for_eyes(sheet)
    assert large.shape == (1000, 600, 3)
    np.testing.assert_array_equal(large[::10, ::10], sheet)


def test_a_jpeg_keeps_the_colours_of_every_pixel():
    pixels = np.zeros((16, 16, 3), np.uint8)
    pixels[:, ::2] = 255, 0, 0
    pixels[:, 1::2] = 0, 0, 255
    read = np.asarray(Image.open(io.BytesIO(encoded(pixels, "jpg"))))
    assert np.abs(read.astype(int) - pixels).max() < 30  # with halved colours all of it is purple


def test_a_jpeg_that_would_be_too_large_is_refused():
    with pytest.raises(UsageError, match="65,535 a side"):
        Style(columns=1, scale=1).check_sheet(1200, (64, 64, 3), ".jpg")
