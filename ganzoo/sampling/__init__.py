"""Drawing from a trained generator: averaged weights, latents, walks, and the way back from a picture."""

from ganzoo.base.lazy import late_names

HOMES = {
    "Sampling": "samples",
    "invert": "inversion",
    "walk": "walks",
}
__all__ = list(HOMES)
__getattr__ = late_names(__name__, HOMES)
