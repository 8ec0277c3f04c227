"""Varying stored pictures: mirror, cut, colour; each by the random words of its own image number."""

import numpy as np

from ganzoo.data.data_config import DataConfig

LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # of ITU-R BT.601, as Pillow's convert("L")


def batch(images: np.ndarray, rows: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    """Stored pictures `rows`, varied: uint8 `(len(rows), size, size, channels)`.

    Args:
        images: stored pictures, uint8 `(num, size + random_crop, size + random_crop, channels)`.
        rows: which of them.
        words: uint64 `(len(rows), WORDS)`, see `ganzoo.data.order`.
        config: what to vary. Nothing set: a plain copy.
    """
    result = cut(images, rows, words, config)
    if config.brightness or config.contrast or config.saturation:
        result = _colour(result, words[:, 3:6], config)
    return result


def cut(images: np.ndarray, rows: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    """Stored pictures or label maps `rows`, cut and mirrored as `config` says; all else stays as it is."""
    if not (config.random_crop or config.flip):
        return images[rows]
    size, channels = images.shape[1] - config.random_crop, images.shape[3]
    # One opaque item for each pixel: reversing a row then moves pixels, several times quicker than bytes.
    pixels = images.view(np.dtype((np.void, channels)))[..., 0]
    result = np.empty((len(rows), size, images.shape[2] - config.random_crop), pixels.dtype)
    places = (words[:, 1:3] % np.uint64(config.random_crop + 1)).astype(np.int64).tolist()
    mirrored = (words[:, 0] >> np.uint64(63)).astype(bool).tolist()
    for number, (row, (top, left)) in enumerate(zip(rows.tolist(), places, strict=True)):
        picture = pixels[row, top : top + size, left : left + result.shape[2]]
        result[number] = picture[:, ::-1] if config.flip and mirrored[number] else picture
    return result[..., None].view(np.uint8)


def _colour(images: np.ndarray, words: np.ndarray, config: DataConfig) -> np.ndarray:
    """All three changes are linear in the colours: one small matrix and one offset for each picture."""
    unit = (words >> np.uint64(40)).astype(np.float32) * np.float32(2**-23) - 1  # 24 bits into [-1, 1)
    light, contrast, saturation = unit.T * np.float32(
        [[config.brightness], [config.contrast], [config.saturation]]
    )
    channels = images.shape[-1]
    luma = LUMA if channels == 3 else np.ones(1, np.float32)
    to_grey, same = np.repeat(luma[:, None], channels, axis=1), np.eye(channels, dtype=np.float32)
    result = np.empty_like(images)
    for number, image in enumerate(
        images
    ):  # one by one: a picture fits the processor's cache, a batch does not
        mix = same * (1 + saturation[number]) - to_grey * saturation[number]
        value = image.reshape(-1, channels).astype(np.float32)
        mean = value.mean(axis=0) @ luma
        value = value @ (mix * (1 + contrast[number]))
        value += 255 * light[number] - contrast[number] * mean + 0.5
        result[number] = np.clip(value, 0, 255, out=value).reshape(image.shape)
    return result
