"""Memorisation: are samples copies of training pictures?"""

from dataclasses import dataclass

import numpy as np

from ganzoo.errors import DataError
from ganzoo.metrics.images import check_images, need
from ganzoo.metrics.neighbours import nearest


@dataclass(frozen=True)
class Memorisation:
    """`share` of samples nearer to training than to held-out pictures: 0.5 at best, towards 1 copies."""

    share: float
    num_compared: int  # training pictures and held-out pictures, of each


def memorisation(fake: np.ndarray, train: np.ndarray, held_out: np.ndarray, *, seed: int = 0) -> Memorisation:
    """Share of generated samples nearer to training than to held-out pictures, in [0, 1]; 0.5 is best.

    After Meehan et al. 2020 (arXiv:2004.05675): features `(num, dim)`; as many training as held-out
    pictures are compared (a random subset of the larger set), for the larger set would win by its size alone.
    Raises UsageError for fewer than 10 held-out pictures, DataError for NaN.
    """
    num = min(len(train), len(held_out))
    need(num, 10, "the memorisation share", "held-out pictures")
    draw = np.random.default_rng(seed)
    train = train[draw.permutation(len(train))[:num]]
    held_out = held_out[draw.permutation(len(held_out))[:num]]
    to_train, to_held_out = nearest(fake, train)[0][:, 0], nearest(fake, held_out)[0][:, 0]
    closer = (to_train < to_held_out) + 0.5 * (to_train == to_held_out)
    return Memorisation(float(closer.mean()), num)


def neighbour_sheet(samples: np.ndarray, train: np.ndarray, rows: np.ndarray, *, gap: int = 4) -> np.ndarray:
    """One picture to look at: a row per sample, the sample first, then its nearest training pictures.

    uint8 `(num, height, width, channels)` both; `rows` `(num, k)` as `nearest` returns them; the
    result is uint8 `(sheet height, sheet width, channels)`. Raises DataError for unequal sizes.
    """
    samples, train = check_images(samples, "samples"), check_images(train, "training pictures")
    if samples.shape[1:] != train.shape[1:]:
        raise DataError(
            f"samples are {samples.shape[1:]}, training pictures {train.shape[1:]}; bring them to one"
        )
    num, height, width, channels = samples.shape
    columns = 1 + rows.shape[1]
    sheet = np.full((num * (height + gap) - gap, columns * (width + gap), channels), 255, np.uint8)
    for line in range(num):
        top = line * (height + gap)
        sheet[top : top + height, :width] = samples[line]
        for place, row in enumerate(rows[line]):
            left = (place + 1) * (width + gap) + gap  # a double gap sets the sample apart
            sheet[top : top + height, left : left + width] = train[row]
    return sheet
