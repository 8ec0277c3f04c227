"""From pictures to pixels: uint8, enlarged, and laid out as a sheet."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from PIL import Image

from ganzoo.base.errors import DataError, UsageError

FILTERS = {"none": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
MOST_SHEET_PIXELS = 2**27  # 400 MB before it is encoded
MOST_WEBP_SIDE = 16_383  # of the format


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


@dataclass(frozen=True)
class Style:
    """How pictures are laid out.

    Attributes:
        columns: pictures in a row of a sheet; default as square as it goes.
        gap: white pixels between them, before they are enlarged.
        scale: whole-number enlargement.
        enhance: how, "none" (repeated pixels) or "lanczos" (smooth).
    """

    columns: int | None = None
    gap: int = 2
    scale: int = 1
    enhance: str = "none"

    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        """A picture `(height, width, channels)`, uint8 or in [-1, 1], as uint8, `scale` times as large."""
        pixels = to_uint8(picture)
        if self.scale == 1:
            return pixels
        height, width, channels = pixels.shape
        large = as_image(pixels).resize((width * self.scale, height * self.scale), FILTERS[self.enhance])
        return np.asarray(large).reshape(height * self.scale, width * self.scale, channels)

    def sheet_size(self, num: int, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width in pixels of a sheet of `num` pictures of `shape` (height, width, channels)."""
        columns = self._columns(num)
        rows = -(-num // columns)
        return tuple(
            (count * (side + self.gap) + self.gap) * self.scale
            for count, side in ((rows, shape[0]), (columns, shape[1]))
        )

    def check_sheet(self, num: int, shape: tuple[int, ...], ending: str) -> None:
        """Raises UsageError if a sheet would be larger than memory or its format takes."""
        height, width = self.sheet_size(num, shape)
        if height * width > MOST_SHEET_PIXELS:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels; "
                "write single files into a folder: --out FOLDER/"
            )
        if ending == ".webp" and max(height, width) > MOST_WEBP_SIDE:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels, but WebP ends at "
                f"{MOST_WEBP_SIDE:,} a side; give a .png"
            )

    def sheet(self, images: Iterable[np.ndarray], num: int, shape: tuple[int, ...]) -> np.ndarray:
        """`num` pictures out of batches on white, row by row, uint8 `(height, width, 3)`."""
        sheet = np.full((*self.sheet_size(num, shape), 3), 255, np.uint8)
        columns, gap = self._columns(num), self.gap * self.scale
        high, wide = shape[0] * self.scale, shape[1] * self.scale
        for i, picture in enumerate(picture for batch in images for picture in batch):
            y, x = gap + (i // columns) * (high + gap), gap + (i % columns) * (wide + gap)
            seen = picture[..., :3] if shape[2] >= 3 else picture[..., :1]  # what a screen can show of it
            sheet[y : y + high, x : x + wide] = self.enlarged(seen)
        return sheet

    def _columns(self, num: int) -> int:
        return self.columns or int(np.ceil(np.sqrt(num)))
