"""Any mode of picture to RGB or grey of eight bits, upright, first frame, over white, shrunk early."""

import struct
import zlib
from dataclasses import dataclass

from PIL import Image

from ganzoo.data import depth

_ORIENTATION = 0x0112  # EXIF's tag
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_STRIP = 2**22  # pixels converted at a time, so that a large picture is never in memory twice


class Rejected(Exception):
    """A picture that cannot be used, with the reason for the manifest."""


@dataclass(frozen=True)
class Loaded:
    """A decoded picture of mode RGB or L.

    `extent` is its true width and height in its own pixels: shrinking 101 pixels by 4 gives 26,
    of which the picture covers 25.25.
    """

    image: Image.Image
    extent: tuple[float, float]
    notes: tuple[str, ...] = ()


def load(image: Image.Image, keep: int, bits: int = 0) -> Loaded:
    """Decodes an opened picture, shrinking it early, but never to a short side below `keep` pixels.

    Args:
        image: the opened picture.
        keep: the short side that has to be left.
        bits: of pictures with more than 8 bits, how many of them are used: their largest value is white.
            0: all that the file has.

    Raises:
        ganzoo.data.cleaning.Rejected: it cannot be decoded.
    """
    full = image.size
    # JPEG only: decodes at 1/2, 1/4 or 1/8, the largest step that stays above `keep`.
    image.draft(None, (keep, keep))
    deep = depth.is_deep(image)
    _decode(image)
    notes = depth.notes(image, deep, bits)
    shrunk = max(1, round(full[0] / image.size[0]))
    if shrunk == 1:  # TIFF is turned upright by Pillow itself, which may have swapped the sides
        full = image.size
    turn = _TURNS.get(_orientation(image))
    factor = max(1, min(image.size) // keep)
    if factor > 1 and image.mode not in ("RGB", "L") and image.size[0] * image.size[1] > _STRIP:
        image, shrunk = _by_strips(image, factor, bits), shrunk * factor
    else:
        image = _flat(image, bits)
    extent = (full[0] / shrunk, full[1] / shrunk)
    if turn is not None:
        # The border that exceeds the extent would turn to the other side: cut it off (less than one pixel).
        image = image.crop((0, 0, max(1, int(extent[0])), max(1, int(extent[1])))).transpose(turn)
        extent = image.size
    return Loaded(image, extent, notes)


def _decode(image: Image.Image) -> None:
    try:
        image.load()
    except MemoryError:
        raise Rejected("too many pixels: not enough memory to decode it") from None
    except Exception as error:  # damaged data makes decoders raise nearly anything
        raise Rejected(failure(error)) from error


def failure(error: Exception) -> str:
    """Why a picture could not be decoded, as a reason for the manifest."""
    words = " ".join(str(error).split())[:120] or type(error).__name__
    ended = isinstance(error, EOFError | struct.error) or "truncated" in words.lower()
    return f"truncated: {words}" if ended and not isinstance(error, zlib.error) else f"undecodable: {words}"


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(_ORIENTATION, 1))
    except Exception:  # damaged metadata says nothing about the pixels
        return 1


def _flat(image: Image.Image, bits: int) -> Image.Image:
    return depth.eight_bits(image, bits) if bits and image.mode.startswith("I") else flatten(image)


def flatten(image: Image.Image) -> Image.Image:
    """The picture in mode RGB or L: transparency over white, 16 bits and floats brought to eight."""
    if image.mode in ("RGB", "L") and "transparency" not in image.info:
        return image
    if image.mode.startswith("I") or image.mode == "F":
        return depth.eight_bits(image)
    if image.mode == "1":
        return image.convert("L")
    if image.mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        layer = image.convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, layer).convert("RGB")
    return image.convert("RGB")


def _by_strips(image: Image.Image, factor: int, bits: int) -> Image.Image:
    width, height = image.size
    rows = max(1, _STRIP // width // factor) * factor
    strips = []
    for top in range(0, height, rows):
        strip = image.crop((0, top, width, min(top + rows, height)))
        strip.info.update(image.info)
        strips.append(_flat(strip, bits).reduce(factor))
    result = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    top = 0
    for strip in strips:
        result.paste(strip, (0, top))
        top += strip.height
    return result
