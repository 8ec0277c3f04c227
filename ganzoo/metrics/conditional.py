"""Conditional generation: does a sample show the class it was asked for?"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError, GanzooError
from ganzoo.metrics.frechet import frechet_distance


@dataclass(frozen=True)
class ClassAgreement:
    """`share` of samples recognised as the class asked for, in [0, 1], and per class `{label: share}`."""

    share: float
    per_class: dict[int, float]


def class_agreement(predicted: np.ndarray, asked: np.ndarray) -> ClassAgreement:
    """Share of predicted labels `(num,)` equal to those asked for `(num,)`; higher is better.

    The "classification accuracy" of conditional GANs (Shmelkov et al. 2018, arXiv:1807.09499, GAN-test).
    Raises DataError for unequal lengths.
    """
    predicted, asked = np.asarray(predicted), np.asarray(asked)
    if predicted.shape != asked.shape or not asked.size:
        raise DataError(
            f"predicted labels are {predicted.shape}, those asked for {asked.shape}; expected equal (num,)"
        )
    right = predicted == asked
    return ClassAgreement(
        float(right.mean()), {int(label): float(right[asked == label].mean()) for label in np.unique(asked)}
    )


@dataclass(frozen=True)
class PerClass:
    """Mean of a distance over classes, per class `{label: distance}`, and why classes are missing."""

    mean: float
    per_class: dict[int, float]
    left_out: dict[int, str]


def per_class_distance(
    real: np.ndarray,
    real_labels: np.ndarray,
    fake: np.ndarray,
    fake_labels: np.ndarray,
    *,
    distance: Callable[[np.ndarray, np.ndarray], float] = frechet_distance,
    equal: bool = True,
    most: dict[int, int] | None = None,
    seed: int = 0,
) -> PerClass:
    """A distance within every class (Intra-FID of Miyato and Koyama 2018, arXiv:1802.05637); lower is better.

    Features `(num, dim)` with labels `(num,)`. `equal`: every class is cut to the same number a side as its
    smaller one has, at random by `seed`, and to `most` `{label: number}` where given. Classes too small for
    the distance are named in `left_out`.
    Raises DataError where labels do not fit or no class is left.
    """
    for features, labels in ((real, real_labels), (fake, fake_labels)):
        if len(features) != len(labels):
            raise DataError(f"{len(features)} features come with {len(labels)} labels; expected one each")
    found, left_out = {}, {}
    for label in np.unique(real_labels):
        sides = real[real_labels == label], fake[fake_labels == label]
        if equal:
            num = min(*map(len, sides), *(() if most is None else (most.get(int(label), 0),)))
            sides = [side[np.random.default_rng(seed).permutation(len(side))[:num]] for side in sides]
        try:
            found[int(label)] = float(distance(*sides))
        except GanzooError as problem:
            left_out[int(label)] = str(problem)
    if not found:
        raise DataError(
            f"no class has samples enough on both sides: {next(iter(left_out.values()), 'no labels')}"
        )
    return PerClass(float(np.mean(list(found.values()))), found, left_out)
