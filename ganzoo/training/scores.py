"""Scores while a run is trained: the metric by which its best state is chosen."""

import numpy as np

from ganzoo.layout import to_uint8
from ganzoo.metrics import feature_space, frechet_distance
from ganzoo.metrics.extract import extract


class Scorer:
    """The Frechet distance of fresh samples to the training pictures, in MobileNet's features.

    Lower is better. The real pictures' features are taken once. With few samples most of the
    distance is bias, the same at every moment of a run: good for choosing among its states, and
    not to be compared with `ganzoo-evaluate`'s at another number.

    Args:
        images: the training pictures, uint8 `(num, height, width, channels)`.
        num: how many are compared with as many samples; all of them if there are fewer.
        seed: of the choice and of the samples, the same ones at every moment.
    """

    name = "FD-mobilenet"

    def __init__(self, images: np.ndarray, num: int, seed: int):
        self.num, self.seed = min(num, len(images)), seed
        self.space = feature_space("mobilenet")
        chosen = np.sort(np.random.default_rng(seed).permutation(len(images))[: self.num])
        self.real = extract(np.asarray(images[chosen]), self.space)

    def __call__(self, gan) -> float:
        """The score of a GAN's averaged generator."""
        # Another seed than the grids': "best" must not be the best at 64 known latents.
        samples = to_uint8(gan.sample(self.num, seed=self.seed + 1_000_003))
        return float(frechet_distance(self.real, extract(samples, self.space)))
