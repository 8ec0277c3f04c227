"""Memorisation: are samples copies of training pictures?"""

from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.metrics.frechet import check_finite
from ganzoo.metrics.groups import draws, num_groups, numbered
from ganzoo.metrics.images import check_images, need
from ganzoo.metrics.neighbours import Screen

PERMUTATIONS = 200
MOST_TRAIN = 10  # training paintings that are looked at for every held-out one
EQUAL = 1e-6  # shares: what lies beyond the reach weighs less
REACH = 10  # paintings sought, in units of those that it takes to meet one of the smaller side


@dataclass(frozen=True)
class Memorisation:
    """`share` of samples nearer to training than to held-out pictures: 0.5 at best, towards `most` copies.

    `standard_error` is the spread of the share when the paintings are dealt to the two sides at random,
    `p_value` how rarely it then reaches what was found, in (0, 1]: small speaks of copying.
    """

    share: float
    standard_error: float
    p_value: float
    num_compared: int  # training paintings and held-out paintings, of each; pictures where each is its own
    crops: int  # of each painting
    most: float  # what nothing but copies gives: with few held-out pictures much below 1

    @property
    def z(self) -> float | None:
        """Standard errors above 0.5; None where every deal gives the same."""
        return (self.share - 0.5) / self.standard_error if self.standard_error else None


def memorisation(
    fake: np.ndarray,
    train: np.ndarray,
    held_out: np.ndarray,
    *,
    train_groups: np.ndarray | None = None,
    held_out_groups: np.ndarray | None = None,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> Memorisation:
    """Share of generated samples nearer to training than to held-out pictures, in [0, 1]; 0.5 is best.

    After Meehan et al. 2020 (arXiv:2004.05675): features `(num, dim)`; as many training as held-out
    pictures are compared, for the larger set would win by its size alone. `groups` `(num,)` number what is
    cut from one painting: as many paintings a side then, and as many crops of each. The share is the mean
    over all choices of so many paintings of the larger set, worked out exactly; its error and p-value come
    from paintings that change sides, whatever the samples are. The two sides must be cut alike.
    Raises UsageError for fewer than 10 held-out pictures, DataError for NaN.
    """
    draw = np.random.default_rng(seed)
    crops = min(fewest(train_groups, len(train)), fewest(held_out_groups, len(held_out)))
    counts = num_groups(train_groups, len(train)), num_groups(held_out_groups, len(held_out))
    need(min(counts), 10, "the memorisation share", "held-out pictures")
    few = min(counts)
    sides = [
        check_finite(features)[draws(groups, len(features), min(count, MOST_TRAIN * few), crops, draw).T]
        for features, groups, count in zip(
            (train, held_out), (train_groups, held_out_groups), counts, strict=True
        )
    ]
    many = max(len(side) for side in sides)
    larger, smaller = sides if counts[0] >= counts[1] else sides[::-1]
    mixed = draw.permutation(few + many)  # no side comes first where paintings are equally near
    small, paintings = mixed < few, np.concatenate([smaller, larger])[mixed]
    found = ranked(check_finite(fake), paintings, -(-REACH * (few + many) // few))
    chance = reached(few, many, found[0].shape[1])
    share = nearer_to_larger(small, *found, chance)
    dealt = [nearer_to_larger(draw.permutation(small), *found, chance) for _ in range(permutations)]
    if counts[0] < counts[1]:
        share, dealt = 1 - share, [1 - other for other in dealt]
    as_far = sum(other >= share - EQUAL for other in dealt)
    error = float(np.std(dealt))
    return Memorisation(
        share=float(share),
        standard_error=error if error > EQUAL else 0.0,
        p_value=(1 + int(as_far)) / (1 + permutations),
        num_compared=few,
        crops=crops,
        most=1.0 if counts[0] <= counts[1] else (1 + counts[1] / counts[0]) / 2,
    )


def fewest(groups: np.ndarray | None, length: int) -> int:
    """The pictures of the smallest group."""
    return int(np.bincount(numbered(groups, length)).min()) if length else 0


def ranked(fake: np.ndarray, paintings: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Squared distances and numbers `(num, reach)` of the `paintings` nearest to each sample, nearest first.

    Paintings are features `(num, crops, dim)`; the nearest of the crops counts. Distances are rounded to
    what float32 is sure of: equal pictures are equally near.
    """
    num, crops = paintings.shape[:2]
    reach = min(reach, num)
    screen = Screen(fake, paintings.reshape(num * crops, -1))

    def nearest_of(at: int, squared: np.ndarray, slack: float) -> tuple[np.ndarray, np.ndarray]:
        to_each = squared.reshape(-1, num, crops).min(axis=2)
        to_each = np.rint(to_each / (4 * slack)) if slack else np.zeros_like(to_each)
        best = np.argpartition(to_each, reach - 1, axis=1)[:, :reach]
        near = np.take_along_axis(to_each, best, axis=1)
        order = np.argsort(near, axis=1, kind="stable")
        return np.take_along_axis(near, order, 1), np.take_along_axis(best, order, 1)

    parts = screen.each_block(nearest_of)
    return np.concatenate([near for near, _ in parts]), np.concatenate([best for _, best in parts])


def reached(few: int, many: int, most: int) -> np.ndarray:
    """The chance that `few` of `many` paintings have one among 0, 1, ... `most` of them: `(most + 1,)`."""
    at = np.arange(most)
    none = np.cumprod(np.maximum(many - few - at, 0) / np.maximum(many - at, 1))
    return np.concatenate([[0.0], 1 - none])


def nearer_to_larger(small: np.ndarray, near: np.ndarray, paintings: np.ndarray, chance: np.ndarray) -> float:
    """The share of samples nearer to the larger side than to the smaller, which `small` `(num,)` marks.

    Both with as many paintings: the mean over every choice of so many of the larger side. A sample counts
    by how many of the larger side come before the first of the smaller; those equally near count half.
    """
    is_small = small[paintings]
    seen = is_small.any(axis=1)
    first = np.where(seen, is_small.argmax(axis=1), near.shape[1])
    limit = np.take_along_axis(near, np.minimum(first, near.shape[1] - 1)[:, None], axis=1)
    before = np.where(seen, (near < limit).sum(axis=1), first)
    through = np.where(seen, ((near <= limit) & ~is_small).sum(axis=1), first)
    return float((chance[before] + chance[through]).mean() / 2)


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
