"""Scores while a run is trained: the metric by which its best state is chosen."""

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.data import Store
from ganzoo.data.drawn import inputs_like
from ganzoo.metrics import feature_space, frechet_distance
from ganzoo.metrics.extract import extract
from ganzoo.pictures.layout import to_uint8


def score_name(features: str) -> str:
    """What the score in the feature space of that name is called, in logs and reports."""
    return f"FD-{features}"


class Scorer:
    """The Frechet distance of fresh samples to the training pictures.

    Lower is better. The real pictures' features are taken once. With few samples most of the
    distance is bias, the same at every moment of a run: good for choosing among its states, and
    not to be compared with `ganzoo-evaluate`'s at another number.

    Args:
        store: the training pictures, not varied, with the labels that the space `classifier` needs;
            a conditional GAN is asked for classes in their proportions.
        features: a name out of `ganzoo.metrics.SPACES`.
        num: how many are compared with as many samples; all of them if there are fewer.
        seed: of the choice and of the samples, the same ones at every moment.

    Raises:
        DataError: if the space is `classifier` and there are no labels.
    """

    def __init__(self, store: Store, features: str, num: int, seed: int):
        self.num, self.seed = min(num, len(store)), seed
        self.space = space_for(store, features)
        chosen = np.sort(np.random.default_rng(seed).permutation(len(store))[: self.num])
        self.of = f"{self.space.checksum[:12]}, {self.num} pictures"
        self.real = extract(np.asarray(store.images[chosen]), self.space)
        self.store, self.given = store, None

    def __call__(self, gan) -> float:
        """The score of a GAN's averaged generator."""
        # Another seed than the grids': "best" must not be the best at 64 known latents.
        if self.given is None:
            self.given = inputs_like(gan.family, self.store, self.num, self.seed)
        made = gan.sample(self.num, seed=self.seed + 1_000_003, **self.given)
        samples = to_uint8(gan.family.output.as_pictures(made))
        return float(frechet_distance(self.real, extract(samples, self.space)))


def space_for(store: Store, features: str):
    """The feature space of that name; `classifier` is the one `ganzoo-evaluate` trains on these pictures."""
    if features != "classifier":
        return feature_space(features)
    if store.labels is None:
        raise DataError("train.eval_features is classifier, which needs labels, and the data has none")
    images = np.asarray(store.images)
    return feature_space(features, images=images, labels=store.labels, groups=store.groups)
