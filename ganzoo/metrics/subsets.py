"""The two sets of an evaluation and the halves of reals that make its floor."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.metrics.classifier import Classifier
from ganzoo.metrics.extract import extract
from ganzoo.metrics.frechet import Gaussian, gaussian
from ganzoo.metrics.groups import draws, grouped_order, num_draws, num_groups
from ganzoo.metrics.images import chosen_rows
from ganzoo.metrics.neighbours import nearest
from ganzoo.metrics.space import FeatureSpace

KEPT = 2000  # pictures kept of an iterator, for the measures that look at pixels
NEAREST_K = 5  # Naeem et al. 2020, section 4


@dataclass
class Sample:
    """One set in an evaluation: features `(num, dim)`, labels and groups of all, pictures of all or some.

    Row for row the same picture: where there are fewer pictures, they are those of the first rows.
    """

    features: np.ndarray
    images: np.ndarray
    labels: np.ndarray | None = None
    groups: np.ndarray | None = None  # pictures of one group are cut from one, see `ganzoo.metrics.groups`

    def __len__(self) -> int:
        return len(self.features)

    @property
    def num_groups(self) -> int:
        """How many independent pictures stand behind it."""
        return num_groups(self.groups, len(self))

    @cached_property
    def nearest(self) -> tuple[np.ndarray, np.ndarray]:
        return nearest(self.features, k=NEAREST_K)

    @cached_property
    def gaussian(self) -> Gaussian:
        return gaussian(self.features)


@dataclass
class Round:
    """Three sets of equally many independent pictures: disjoint reals `half` and `other`, and `fake`."""

    half: Sample
    other: Sample
    fake: Sample


@dataclass
class Evaluation:
    """What the measures work on. `real` and `fake` are as many pictures; `reals` are all that were given.

    A biased measure compares `half` with `fake` beside `half` with `other`, its floor, both at one N, in
    each of the `rounds`. Where every real is a picture of its own there is one round, and with twice as many
    reals as fakes it is of all of them. Of reals that are cut from fewer paintings, a round has one of each:
    only these are independent, as the fakes are. `pairs` are the same without a floor: `real` and `fake`.
    """

    space: FeatureSpace
    reals: Sample
    real: Sample
    fake: Sample
    rounds: list[Round]
    pairs: list[tuple[Sample, Sample]]
    seed: int
    held_out: Sample | None = None
    classifier: Classifier | None = None
    class_names: tuple[str, ...] = ()
    kept: dict[Any, Sample] = field(default_factory=dict)  # parts whose neighbours are known

    def called(self, label: int) -> str:
        """A class by its name where names are known, else by its number."""
        return self.class_names[label] if label < len(self.class_names) else str(label)

    @property
    def num(self) -> int:
        """Independent pictures a side of a round."""
        return len(self.rounds[0].half)

    @property
    def drawn(self) -> bool:
        """Whether a round has one crop of each painting."""
        return self.real.groups is not None or self.fake.groups is not None

    @property
    def drawn_note(self) -> str:
        """What is to be said of such rounds."""
        return f"one crop of each original, mean of {len(self.rounds)} draws" if self.drawn else ""

    @property
    def of_rounds(self) -> dict[str, int | None]:
        """The N of a row about rounds: pictures a side, and the paintings they are of."""
        return {"num": self.num, "num_groups": self.num if self.drawn else None}

    @property
    def of_all(self) -> dict[str, int | None]:
        """The N of a row about `real` and `fake`."""
        paintings = min(self.real.num_groups, self.fake.num_groups)
        return {"num": len(self.fake), "num_groups": paintings if self.drawn else None}

    def some(self, sample: Sample, num: int) -> Sample:
        """At most `num` of a set at random, the same ones when asked again: they keep their neighbours."""
        if len(sample) <= num:
            return sample
        name = id(sample), num
        if name not in self.kept:
            draw = np.random.default_rng([self.seed, 5])
            self.kept[name] = part(sample, draw.permutation(len(sample))[:num])
        return self.kept[name]


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

    Of an array a random choice, of an iterator the first `num`, see `batches_of`, and a random choice of
    their pictures. `extract` may be one that remembers (`remembering`); `watch(done, total)` hears of it.
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
    kept = Kept(seed)

    def keep(batch: np.ndarray) -> None:
        count(batch)
        kept.add(batch)

    features = extract(source, space, num=num, watch=keep, what=what)
    order = kept.first(len(features))
    labels, groups = (
        None if each is None else np.asarray(each)[: len(features)][order] for each in (labels, groups)
    )
    return Sample(features[order], np.stack(kept.images), labels, groups)


class Kept:
    """A random choice of `KEPT` pictures out of those that pass by (Vitter's algorithm R)."""

    def __init__(self, seed: int):
        self.images: list[np.ndarray] = []
        self._rows: list[int] = []
        self._draw, self._passed = np.random.default_rng([seed, 4]), 0

    def add(self, batch: np.ndarray) -> None:
        """Sees the next pictures."""
        for image in batch:
            place = int(self._draw.integers(self._passed + 1))
            if len(self.images) < KEPT:
                self.images.append(image.copy())  # a view would keep its whole batch
                self._rows.append(self._passed)
            elif place < KEPT:
                self.images[place], self._rows[place] = image.copy(), self._passed
            self._passed += 1

    def first(self, length: int) -> np.ndarray:
        """All `length` rows that passed, those first whose pictures were kept."""
        others = np.ones(length, bool)
        others[self._rows] = False
        return np.concatenate([np.array(self._rows, np.int64), np.flatnonzero(others)])


def arrange(space: FeatureSpace, reals: Sample, fakes: Sample, seed: int) -> Evaluation:
    """Equal numbers on both sides, and rounds of disjoint reals for the floors.

    Reals of one group, such as crops of one painting, are never in both halves: each would find itself
    in the other, and the floor would be lower than two sets of different pictures can come.
    """
    reals, fakes = ungrouped(reals), ungrouped(fakes)
    num = min(len(reals), len(fakes))
    draw = np.random.default_rng([seed, 3])
    fake = part(fakes, some_rows(len(fakes), num, draw)) if len(fakes) > num else fakes
    order, cut = grouped_order(len(reals), max(len(reals) // 2, 1), reals.groups, [seed, 3])
    if reals.groups is None and fakes.groups is None:
        at_floor = min(num, cut, len(reals) - cut)
        half, other = part(reals, order[:at_floor]), part(reals, order[cut : cut + at_floor])
        whole = at_floor == num
        real = half if whole else reals if len(reals) == num else part(reals, order[:num])
        at_floor_fake = fake if whole else part(fake, draw.permutation(num)[:at_floor])
        return Evaluation(space, reals, real, fake, [Round(half, other, at_floor_fake)], [(real, fake)], seed)
    real = reals if len(reals) == num else part(reals, draw.permutation(len(reals))[:num])
    halves = part(reals, order[:cut]), part(reals, order[cut:])
    rounds = [Round(*sets) for sets in one_of_each((*halves, fake), draw)]
    return Evaluation(space, reals, real, fake, rounds, one_of_each((real, fake), draw), seed)


def some_rows(length: int, num: int, draw: np.random.Generator) -> np.ndarray:
    """A random choice of `num` rows: in their order, or mixed where only the first keep their pictures."""
    rows = draw.permutation(length)[:num]
    return np.sort(rows) if num <= KEPT else rows


def one_of_each(samples: tuple[Sample, ...], draw: np.random.Generator) -> list[tuple[Sample, ...]]:
    """Draws of equally many independent pictures of several sets: one of each group."""
    num = min(sample.num_groups for sample in samples)
    count = max(num_draws(num, sample.groups, len(sample)) for sample in samples)
    rows = [draws(sample.groups, len(sample), num, count, draw) for sample in samples]
    return [
        tuple(part(sample, chosen[at]) for sample, chosen in zip(samples, rows, strict=True))
        for at in range(count)
    ]


def ungrouped(sample: Sample) -> Sample:
    """The same without groups where every picture is its own."""
    if sample.groups is None or sample.num_groups < len(sample):
        return sample
    return Sample(sample.features, sample.images, sample.labels)


def part(sample: Sample, rows: np.ndarray) -> Sample:
    """Some of a sample, those first that have a picture; as many pictures as measures look at."""
    pictured = rows < len(sample.images)
    rows = np.concatenate([rows[pictured], rows[~pictured]])
    labels, groups = (None if each is None else each[rows] for each in (sample.labels, sample.groups))
    return Sample(sample.features[rows], sample.images[rows[: pictured.sum()][:KEPT]], labels, groups)
