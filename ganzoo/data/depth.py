"""Pictures of more than eight bits: brought to eight, and told where most of their bits are not used.

Cameras and microscopes write ten, twelve or fourteen bits into sixteen. Taken for what the format
says, such pictures are nearly black; how many bits are meant, nothing in the file says.
"""

import numpy as np
from PIL import Image

_USUAL = (8, 10, 12, 14)


def eight_bits(image: Image.Image, bits: int = 0) -> Image.Image:
    """A picture of whole or real numbers as mode L; with `bits`, 2 ** bits - 1 and above are white."""
    values = np.nan_to_num(np.asarray(image, np.float32), posinf=0, neginf=0)
    return Image.fromarray(
        np.clip(np.rint(values * (255 / _top(image, values, bits))), 0, 255).astype(np.uint8)
    )


def _top(image: Image.Image, values: np.ndarray, bits: int) -> float:
    if bits and image.mode.startswith("I"):
        return 2.0**bits - 1
    if image.mode.startswith("I;16"):
        return 65535.0
    # Nothing in a file says how wide 32-bit values are used: the nearest usual range that holds them.
    highest, usual = float(values.max(initial=0)), (255.0, 65535.0)
    ranges = (1.0, *usual) if image.mode == "F" else usual
    return next((top for top in ranges if highest <= top), highest)


def is_deep(image: Image.Image) -> bool:
    """Whether the colours of a picture that is not decoded yet have sixteen bits each in the file."""
    if image.mode not in ("RGB", "RGBA"):
        return False
    parts = [tile[3] for tile in getattr(image, "tile", ()) or ()]
    return any(";16" in str(part) for part in parts)


def notes(image: Image.Image, deep: bool, bits: int) -> tuple[str, ...]:
    """What there is to say of the bits of a decoded picture.

    Args:
        image: decoded.
        deep: whether its colours had sixteen bits in the file, of which Pillow keeps the upper eight.
        bits: how many it is taken to use.
    """
    if deep:
        highest = max(high for _, high in image.getextrema()[:3]) * 256 + 255
        used = _used(highest)
        return (f"{used} of 16 bits of each colour used: of these only the upper 8 are read",) if used else ()
    if not image.mode.startswith("I"):
        return ()
    highest = _highest(image)
    if bits:
        bright = highest > 2**bits - 1
        return (f"brighter than {bits} bits: up to {highest:.0f}, taken for white",) if bright else ()
    used = _used(highest) if image.mode != "I" or highest > 255 else 0
    return (f"{used} of 16 bits used: nothing is brighter than {highest:.0f}",) if used else ()


def _highest(image: Image.Image) -> float:
    try:
        return float(image.getextrema()[1])
    except (ValueError, TypeError):  # of a mode that Pillow has no extrema of
        return float(np.asarray(image).max(initial=0))


def _used(highest: float) -> int:
    """The smallest usual number of bits that holds a value; 0 if it takes all."""
    return next((bits for bits in _USUAL if highest < 2**bits), 0)
