"""How a picture becomes square: the ways of `data.crop`."""

import numpy as np
from PIL import Image

from ganzoo.data.data_config import NONE, PAD, TOP

Box = tuple[float, float, float, float]


def box(crop: str, width: float, height: float) -> Box:
    """What of a picture is taken: (left, top, right, bottom) of its middle or top square, or all of it."""
    if crop in (NONE, PAD):
        return (0.0, 0.0, width, height)
    short = min(width, height)
    left, top = (width - short) / 2, 0.0 if crop == TOP else (height - short) / 2
    return (left, top, left + short, top + short)


def square(image: Image.Image, extent: tuple[float, float], size: int, crop: str, mode: str) -> np.ndarray:
    """A picture brought to `(size, size)`, or `(size, size, 3)` in the mode RGB.

    Args:
        image: the picture.
        extent: its width and height, of which the image may hold a little more.
        size: side of the square.
        crop: center, top, none (squeezed into the square) or pad (whole, on the mean colour of its rim).
        mode: L or RGB.
    """
    # Pillow's bilinear filter is antialiased when it shrinks: the thesis's way, and the quickest that is.
    if crop != PAD or extent[0] == extent[1]:
        small = image.resize((size, size), Image.Resampling.BILINEAR, box=box(crop, *extent))
        return np.asarray(small.convert(mode))
    scale = size / max(extent)
    width, height = (max(1, round(scale * length)) for length in extent)
    small = image.resize((width, height), Image.Resampling.BILINEAR, box=box(crop, *extent))
    inner = np.asarray(small.convert(mode))
    rim = np.concatenate([inner[0], inner[-1], inner[:, 0], inner[:, -1]])
    whole = np.empty((size, size, *inner.shape[2:]), np.uint8)
    whole[:] = np.rint(rim.mean(axis=0))
    top, left = (size - height) // 2, (size - width) // 2
    whole[top : top + height, left : left + width] = inner
    return whole
