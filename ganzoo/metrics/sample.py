"""The two sets of an evaluation and the halves of reals that make its floor."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ganzoo.errors import DataError
from ganzoo.metrics.classifier import Classifier
from ganzoo.metrics.extract import extract
from ganzoo.metrics.frechet import Gaussian, gaussian
from ganzoo.metrics.images import chosen_rows
from ganzoo.metrics.neighbours import nearest
from ganzoo.metrics.spaces import FeatureSpace

KEPT = 2000  # pictures kept of an iterator, for the measures that look at pixels
NEAREST_K = 5  # Naeem et al. 2020, section 4


@dataclass
class Sample:
    """One set in an evaluation: features `(num, dim)` and labels of all, pictures of all or the first few.

    Row for row the same picture in all three, except in the halves of reals that came from an iterator.
    """

    features: np.ndarray
    images: np.ndarray
    labels: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.features)

    @cached_property
    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        return nearest(self.features, k=NEAREST_K)

    @cached_property
    def gaussian(self) -> Gaussian:
        return gaussian(self.features)


@dataclass
class Evaluation:
    """What the measures work on. `real` and `fake` have the same number; so have the floor's two halves.

    The floor compares `half` with `other`, disjoint reals. With twice as many reals as fakes these are as
    many as the fakes; with fewer, all the reals are split in two, and the value beside the floor is taken
    again at that smaller number (`fake_at_floor` against `half`): a ratio never mixes two N.
    """

    space: FeatureSpace
    real: Sample
    fake: Sample
    half: Sample
    other: Sample
    fake_at_floor: Sample
    seed: int
    held_out: Sample | None = None
    classifier: Classifier | None = None
    kept: dict[Any, Sample] = field(default_factory=dict)  # parts whose neighbours are known

    @property
    def full_floor(self) -> bool:
        """Whether the floor stands at the full number."""
        return len(self.half) == len(self.fake)


def sample_of(
    source: np.ndarray | Iterable[np.ndarray] | Sample,
    space: FeatureSpace,
    num: int,
    seed: int = 0,
    labels: np.ndarray | None = None,
    what: str = "pictures",
) -> Sample:
    """Features and pictures of up to `num` of an array or iterator of uint8 batches; a Sample as it is."""
    if isinstance(source, Sample):
        return source
    if isinstance(source, np.ndarray):
        features = extract(source, space, num=num, seed=seed, what=what)
        rows = chosen_rows(len(source), num, seed)
        if labels is not None and len(labels) != len(source):
            raise DataError(f"{len(source)} {what} come with {len(labels)} labels; expected one each")
        images = source if len(rows) == len(source) else source[rows]
        return Sample(features, images, None if labels is None else np.asarray(labels)[rows])
    kept: list[np.ndarray] = []

    def keep(batch: np.ndarray) -> None:
        room = KEPT - sum(map(len, kept))
        if room > 0:
            kept.append(batch[:room])

    features = extract(source, space, num=num, watch=keep, what=what)
    return Sample(
        features, np.concatenate(kept), None if labels is None else np.asarray(labels)[: len(features)]
    )


def arrange(space: FeatureSpace, reals: Sample, fakes: Sample, seed: int) -> Evaluation:
    """Equal numbers on both sides, and two disjoint halves of reals for the floor."""
    num = min(len(reals), len(fakes))
    fake = part(fakes, np.arange(num)) if len(fakes) > num else fakes
    order = np.random.default_rng([seed, 3]).permutation(len(reals))
    at_floor = min(num, len(reals) // 2)
    half, other = part(reals, order[:at_floor]), part(reals, order[at_floor : 2 * at_floor])
    if at_floor == num:
        return Evaluation(space, half, fake, half, other, fake, seed)
    real = reals if len(reals) == num else part(reals, order[:num])
    return Evaluation(space, real, fake, half, other, part(fake, np.arange(at_floor)), seed)


def part(sample: Sample, rows: np.ndarray) -> Sample:
    """Some of a sample; of pictures as many as measures look at, of those that were kept."""
    with_picture = rows[rows < len(sample.images)][:KEPT]
    labels = None if sample.labels is None else sample.labels[rows]
    return Sample(sample.features[rows], sample.images[with_picture], labels)
