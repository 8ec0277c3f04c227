"""The two sets of an evaluation and the halves of reals that make its floor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ganzoo.errors import DataError
from ganzoo.metrics.classifier import Classifier
from ganzoo.metrics.extract import extract
from ganzoo.metrics.frechet import Gaussian, gaussian
from ganzoo.metrics.images import chosen_rows, grouped_order
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
    groups: np.ndarray | None = None  # pictures of one group are cut from one, see `arrange`

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
    *,
    groups: np.ndarray | None = None,
    extract: Callable = extract,
    watch: Callable[[int, int], None] = lambda done, total: None,
) -> Sample:
    """Features and pictures of up to `num` of an array or iterator of uint8 batches; a Sample as it is.

    `extract` may be one that remembers (`remembering`); `watch(done, total)` is called as it goes.
    """
    if isinstance(source, Sample):
        return source
    passed = 0

    def count(batch: np.ndarray) -> None:
        nonlocal passed
        passed += len(batch)
        watch(passed, min(num, len(source)) if isinstance(source, np.ndarray) else num)

    if isinstance(source, np.ndarray):
        rows = chosen_rows(len(source), num, seed)
        for given, kind in ((labels, "labels"), (groups, "groups")):
            if given is not None and len(given) != len(source):
                raise DataError(f"{len(source)} {what} come with {len(given)} {kind}; expected one each")
        images = source if len(rows) == len(source) else source[rows]
        features = extract(images, space, watch=count, what=what)
        labels, groups = (None if each is None else np.asarray(each)[rows] for each in (labels, groups))
        return Sample(features, images, labels, groups)
    kept: list[np.ndarray] = []

    def keep(batch: np.ndarray) -> None:
        count(batch)
        room = KEPT - sum(map(len, kept))
        if room > 0:
            kept.append(batch[:room])

    features = extract(source, space, num=num, watch=keep, what=what)
    return Sample(
        features, np.concatenate(kept), None if labels is None else np.asarray(labels)[: len(features)]
    )


def arrange(space: FeatureSpace, reals: Sample, fakes: Sample, seed: int) -> Evaluation:
    """Equal numbers on both sides, and two disjoint halves of reals for the floor.

    Reals of one group, such as crops of one painting, are never in both halves: each would find itself
    in the other, and the floor would be lower than two sets of different pictures can come.
    """
    num = min(len(reals), len(fakes))
    fake = part(fakes, np.arange(num)) if len(fakes) > num else fakes
    order, cut = grouped_order(len(reals), max(len(reals) // 2, 1), reals.groups, [seed, 3])
    at_floor = min(num, cut, len(reals) - cut)
    half, other = part(reals, order[:at_floor]), part(reals, order[cut : cut + at_floor])
    if at_floor == num:
        return Evaluation(space, half, fake, half, other, fake, seed)
    real = reals if len(reals) == num else part(reals, order[:num])
    return Evaluation(space, real, fake, half, other, part(fake, np.arange(at_floor)), seed)


def part(sample: Sample, rows: np.ndarray) -> Sample:
    """Some of a sample; of pictures as many as measures look at, of those that were kept."""
    with_picture = rows[rows < len(sample.images)][:KEPT]
    labels, groups = (None if each is None else each[rows] for each in (sample.labels, sample.groups))
    return Sample(sample.features[rows], sample.images[with_picture], labels, groups)
