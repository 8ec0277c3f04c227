"""From arrays to files for people: sheets, PNG, WebP, GIF and films."""

from ganzoo.base.lazy import late_names

HOMES = {
    "Style": "layout",
    "to_uint8": "layout",
}
__all__ = list(HOMES)
__getattr__ = late_names(__name__, HOMES)
