"""Is the run alive? Cheap readings at each line of the log, and words when it is not.

Losses do not tell: a collapsed generator's may look like any other's. The readings are
the variety of the fixed-latent samples, which are drawn anyway, and how many pictures
the discriminator recognises, which is counted anyway.
"""

import math

import numpy as np

from ganzoo.base.errors import Diverged

COLLAPSED = 0.15  # diversity below this: the samples are all but one picture
ALIVE = 0.3  # once it has been above this
PATIENCE = 10  # or after so many lines of the log: samples are all alike at the very beginning, too
WON = 0.995  # share recognised, of real and of generated pictures, above which D has won
SIDE = 8  # pictures are compared at this size: noise is not variety
LEAST = 1 / 127.5  # one grey level in one value: pictures no further apart have no variety


def spread(images: np.ndarray) -> float:
    """The mean distance between two of some pictures, float `(num, height, width, channels)`.

    They are averaged down to 8x8 first.
    """
    images = np.asarray(images, np.float64)
    side = min(images.shape[1:3])
    block = max(1, side // SIDE)
    kept = side // block * block
    small = images[:, :kept, :kept].reshape(
        len(images), kept // block, block, kept // block, block, images.shape[3]
    )
    rows = small.mean(axis=(2, 4)).reshape(len(images), -1)
    squares = (rows**2).sum(1)
    distances = np.sqrt(np.maximum(0.0, squares[:, None] + squares - 2.0 * rows @ rows.T))
    return float(distances.sum() / max(1, len(rows) * (len(rows) - 1)))


class Health:
    """Reads a run's health and says once when it turns bad.

    Args:
        reals: some pictures of the data set, uint8.
        can_be_won: whether a discriminator that recognises everything is bad news, see `losses.Loss`.
    """

    def __init__(self, reals: np.ndarray, can_be_won: bool = True):
        self._can_be_won = can_be_won
        self._reals = spread(reals.astype(np.float32) / 127.5 - 1.0)
        self._alike = self._reals < LEAST
        if self._alike:  # as far apart as pictures that differ by one grey level in every value
            self._reals = LEAST * math.sqrt(min(SIDE, *reals.shape[1:3]) ** 2 * reals.shape[3])
        self._said: set[str] = set()

    def diversity(self, samples: np.ndarray) -> float:
        """The spread of samples as a share of the data's; 1 is as varied as the data.

        Of data that are all alike, as a share of one grey level: alike samples are collapsed there, too.
        """
        return spread(samples) / self._reals

    def words(self, rows: list[dict]) -> list[str]:
        """Warnings that the log's lines give reason to; each once until it is well again."""
        found, row = {}, rows[-1]
        if is_collapsed(rows) and self._alike:
            found["collapsed"] = (
                "the samples hardly differ from each other, and neither do the data's pictures, of which "
                "some were looked at: there is but one picture to learn; look at reals.png"
            )
        elif is_collapsed(rows):
            found["collapsed"] = (
                f"the samples hardly differ from each other any more (diversity {row['diversity']:.2f} of "
                "the data's): the generator has collapsed; a lower learning rate, augmentation or a gradient "
                "penalty may help, and an earlier checkpoint may be better than this"
            )
        has_won = len(rows) > 1 and all(
            min(line.get("d_real", 0.0), line.get("d_fake", 0.0)) > WON for line in rows[-2:]
        )
        if has_won and self._can_be_won:
            found["won"] = (
                f"the discriminator tells {row['d_real']:.1%} of the real and {row['d_fake']:.1%} of "
                "the generated pictures apart: it has won outright, and the generator may no longer learn; "
                "augmentation, a gradient penalty or a lower d_learning_rate may help"
            )
        new = [text for name, text in found.items() if name not in self._said]
        self._said = set(found)
        return [f"warning at {row['images_seen']:,} images: {text}" for text in new]


def is_collapsed(rows: list[dict]) -> bool:
    """Whether the lines of a log are of a run whose samples have become, or stayed, alike."""
    before = max((row["diversity"] for row in rows if math.isfinite(row["diversity"])), default=0.0)
    return rows[-1]["diversity"] < COLLAPSED and (before > ALIVE or len(rows) >= PATIENCE)


def check_readings(logs: dict, step: int, images_seen: int) -> None:
    """Raises Diverged, naming step and quantity, unless all readings are finite."""
    for name, value in logs.items():
        if not math.isfinite(float(value)):
            raise Diverged(f"{name} is {float(value)} at step {step} ({images_seen:,} images)")


def check_weights(arrays: dict[str, np.ndarray], step: int, images_seen: int) -> None:
    """Raises Diverged, naming step and variable, unless all weights are finite."""
    for name, value in arrays.items():
        if not np.all(np.isfinite(value)):
            raise Diverged(f"the weight {name} is no longer finite at step {step} ({images_seen:,} images)")
