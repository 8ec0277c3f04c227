"""From pictures to pixels: uint8, enlarged to a size for eyes, and laid out as a sheet."""

import dataclasses
import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ganzoo.base.errors import DataError, UsageError

FILTERS = {"none": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
MOST_SHEET_PIXELS = 2**27  # 400 MB before it is encoded
MOST_SIDES = {".webp": 16_383, ".jpg": 65_535, ".jpeg": 65_535}  # of the formats
SHEET_SIDE = 1_000  # pixels that the longer side of a sheet is enlarged to at most
FILM_SIDE = 256  # pixels that the shorter side of a film has at least
GAP = 2  # white pixels between pictures, before they are enlarged
WIDEST = 3  # times as many columns as rows that a sheet may have for the sake of a full last row


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Float images in [-1, 1], of any shape, as uint8 in [0, 255], rounded; uint8 is left alone.

    Raises DataError for NaN or infinite pixels, which a cast would make into any number.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    if not np.isfinite(images).all():
        raise DataError(
            "the images hold NaN or infinite pixels; the generator has diverged, take an earlier one"
        )
    return np.clip(np.rint((images.astype(np.float32) + 1.0) * 127.5), 0, 255).astype(np.uint8)


def as_image(pixels: np.ndarray) -> Image.Image:
    """A picture, uint8 `(height, width, 1 or 3)`, as PIL has it."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def for_sheets(height: int, width: int) -> int:
    """The whole number by which a sheet of that size is enlarged: up to SHEET_SIDE pixels, at least once."""
    return max(1, SHEET_SIDE // max(height, width))


def for_films(height: int, width: int) -> int:
    """The whole number by which a film of that size is enlarged: at least FILM_SIDE pixels on each side."""
    return max(1, math.ceil(FILM_SIDE / min(height, width)))


def for_eyes(pixels: np.ndarray) -> np.ndarray:
    """A finished sheet, uint8 `(height, width, channels)`, enlarged as a sheet of samples is."""
    times = for_sheets(*pixels.shape[:2])
    return pixels.repeat(times, axis=0).repeat(times, axis=1)


def full_columns(num: int) -> int:
    """How many columns leave the fewest holes in the last row of `num` pictures; 24 is 6 x 4, 64 is 8 x 8."""
    least = math.ceil(math.sqrt(num))
    possible = range(least, max(least, math.isqrt(WIDEST * num)) + 1)
    return min(possible, key=lambda columns: (-num % columns, columns))


@dataclass(frozen=True)
class Style:
    """How pictures are laid out.

    Attributes:
        columns: pictures in a row of a sheet; default as square as it goes without holes.
        gap: white pixels between and around them, before they are enlarged; default 2, or none around one.
        scale: whole-number enlargement; default as `fit` says of a sheet, 1 of single files.
        enhance: how, "none" (repeated pixels) or "lanczos" (smooth).
        fit: the default enlargement by a sheet's height and width, `for_sheets` or `for_films`.
    """

    columns: int | None = None
    gap: int | None = None
    scale: int | None = None
    enhance: str = "none"
    fit: Callable[[int, int], int] = for_sheets

    def settled(self, num: int, shape: tuple[int, ...]) -> "Style":
        """The style with every default made a number, for a sheet of `num` pictures of `shape`."""
        columns = self.columns or full_columns(num)
        gap = self.gap if self.gap is not None else GAP if num > 1 else 0
        own = dataclasses.replace(self, columns=columns, gap=gap, scale=self.scale or 1)
        return own if self.scale else dataclasses.replace(own, scale=self.fit(*own.sheet_size(num, shape)))

    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        """A picture `(height, width, channels)`, uint8 or in [-1, 1], as uint8, `scale` times as large."""
        pixels, scale = to_uint8(picture), self.scale or 1
        if scale == 1:
            return pixels
        height, width, channels = pixels.shape
        large = as_image(pixels).resize((width * scale, height * scale), FILTERS[self.enhance])
        return np.asarray(large).reshape(height * scale, width * scale, channels)

    def sheet_size(self, num: int, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width in pixels of a sheet of `num` pictures of `shape` (height, width, channels)."""
        if None in (self.columns, self.gap, self.scale):
            return self.settled(num, shape).sheet_size(num, shape)
        rows = -(-num // self.columns)
        return tuple(
            (count * (side + self.gap) + self.gap) * self.scale
            for count, side in ((rows, shape[0]), (self.columns, shape[1]))
        )

    def check_sheet(self, num: int, shape: tuple[int, ...], ending: str) -> None:
        """Raises UsageError if a sheet would be larger than memory or its format takes."""
        height, width = self.sheet_size(num, shape)
        if height * width > MOST_SHEET_PIXELS:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels; "
                "write single files into a folder: --out FOLDER/"
            )
        most = MOST_SIDES.get(ending)
        if most is not None and max(height, width) > most:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels, but "
                f"{ending} ends at {most:,} a side; give a .png"
            )

    def sheet(self, images: Iterable[np.ndarray], num: int, shape: tuple[int, ...]) -> np.ndarray:
        """`num` pictures out of batches on white, row by row, uint8 `(height, width, 3)`."""
        own = self.settled(num, shape)
        sheet = np.full((*own.sheet_size(num, shape), 3), 255, np.uint8)
        columns, gap = own.columns, own.gap * own.scale
        high, wide = shape[0] * own.scale, shape[1] * own.scale
        for i, picture in enumerate(picture for batch in images for picture in batch):
            y, x = gap + (i // columns) * (high + gap), gap + (i % columns) * (wide + gap)
            seen = picture[..., :3] if shape[2] >= 3 else picture[..., :1]  # what a screen can show of it
            sheet[y : y + high, x : x + wide] = own.enlarged(seen)
        return sheet
