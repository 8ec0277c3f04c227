"""Layers that two or more families use: dropout by (seed, step), equalised rates, spectral normalisation."""

from ganzoo.base.lazy import late_names

HOMES = {
    "BatchNormalization": "layers",
    "Dropout": "layers",
    "EqualizedConv2D": "equalized",
    "EqualizedDense": "equalized",
    "LearnedNumber": "layers",
    "Maxout": "layers",
    "MinibatchStddev": "equalized",
    "PixelNorm": "equalized",
    "SpectralNorm": "spectral",
    "SubPixelConv2DTranspose": "layers",
    "Upscale": "equalized",
}
__all__ = list(HOMES)
__getattr__ = late_names(__name__, HOMES)
