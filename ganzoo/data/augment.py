"""Varying stored pictures: mirror, cut, colour; each by the random words of its own image number."""

import numpy as np

from ganzoo.data.config import DataConfig

_GREY = np.array([0.299, 0.587, 0.114], np.float32)  # luma of ITU-R BT.601, as Pillow's convert("L")


def batch(images: np.ndarray, rows: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    """Stored pictures `rows`, varied: uint8 `(len(rows), size, size, channels)`.

    Args:
        images: stored pictures, uint8 `(num, size + random_crop, size + random_crop, channels)`.
        rows: which of them.
        words: uint64 `(len(rows), WORDS)`, see `ganzoo.data.order`.
        config: what to vary. Nothing set: a plain copy.
    """
    result = _cut(images, rows, words, config) if config.random_crop or config.flip else images[rows]
    if config.brightness or config.contrast or config.saturation:
        result = _colour(result, words[:, 3:6], config)
    return result


def _cut(images: np.ndarray, rows: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    size, channels = images.shape[1] - config.random_crop, images.shape[3]
    # One opaque item for each pixel: reversing a row then moves pixels, several times quicker than bytes.
    pixels = images.view(np.dtype((np.void, channels)))[..., 0]
    result = np.empty((len(rows), size, size), pixels.dtype)
    places = (words[:, 1:3] % np.uint64(config.random_crop + 1)).astype(np.int64).tolist()
    mirrored = (words[:, 0] >> np.uint64(63)).astype(bool).tolist()
    for number, (row, (top, left)) in enumerate(zip(rows.tolist(), places, strict=True)):
        picture = pixels[row, top : top + size, left : left + size]
        result[number] = picture[:, ::-1] if config.flip and mirrored[number] else picture
    return result[..., None].view(np.uint8)


def _colour(images: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    unit = (words >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - 1  # 24 bits into [-1, 1)
    light, contrast, saturation = (unit[:, i, None, None, None] for i in range(3))
    value = images.astype(np.float32)
    if config.saturation and images.shape[-1] == 3:
        grey = (value @ _GREY)[..., None]
        value = grey + (value - grey) * (1 + saturation * config.saturation)
    if config.contrast:
        mean = value.mean(axis=(1, 2, 3), keepdims=True)
        value = mean + (value - mean) * (1 + contrast * config.contrast)
    if config.brightness:
        value += 255 * light * config.brightness
    return np.clip(np.rint(value), 0, 255).astype(np.uint8)
