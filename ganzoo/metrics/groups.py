"""What is independent of what: pictures cut from one painting belong together.

Crops of one painting are like each other, so a hundred of them tell less of the world than a hundred
paintings. Every measure here counts paintings ("groups", numbered row by row): either it takes one crop
of each, in several draws so that no crop is wasted, or it compares whole groups. Generated pictures are
independent of each other, each a group of its own.
"""

import itertools

import numpy as np

from ganzoo.base.errors import DataError

MOST_DRAWS, DRAWN = 8, 2000  # draws of one crop a painting: until so many pictures a side have been seen


def numbered(groups: np.ndarray | None, length: int) -> np.ndarray:
    """The group of each row `(length,)`, counted from 0; None: each row is its own."""
    if groups is None:
        return np.arange(length)
    if len(groups) != length:
        raise DataError(f"{length} pictures come with {len(groups)} groups; expected one each")
    return np.unique(np.asarray(groups), return_inverse=True)[1]


def num_groups(groups: np.ndarray | None, length: int) -> int:
    """How many independent pictures stand behind `length` rows."""
    return length if groups is None else len(np.unique(groups))


def draws(
    groups: np.ndarray | None, length: int, num: int, rounds: int, draw: np.random.Generator
) -> np.ndarray:
    """Rows `(rounds, num)`: in each round at most one of a group, in the next ones others if there are any.

    `num` is not above the number of groups. Rounds go on where the one before ended, in a random order of
    the groups; in a group that comes again, it is the turn of its next picture.
    """
    group = numbered(groups, length)
    mixed = draw.permutation(length)
    order = mixed[np.argsort(group[mixed], kind="stable")]  # by groups, mixed within each
    sizes = np.bincount(group)
    starts = np.cumsum(sizes) - sizes
    place = np.arange(rounds * num)
    chosen, turn = draw.permutation(len(sizes))[place % len(sizes)], place // len(sizes)
    return order[starts[chosen] + turn % sizes[chosen]].reshape(rounds, num)


def num_draws(num: int, groups: np.ndarray | None, length: int) -> int:
    """How often to draw one of each of `num` groups: once where there is no more than one of each."""
    return int(np.clip(DRAWN // num, 1, min(MOST_DRAWS, length // num_groups(groups, length))))


def blocks(
    groups: np.ndarray | None, length: int, units: int, count: int, draw: np.random.Generator
) -> list[np.ndarray]:
    """`count` lists of rows that share no group, `units` whole groups in each, drawn at random."""
    if groups is None:
        order = draw.permutation(length)
        return [order[at * units : (at + 1) * units] for at in range(count)]
    group = numbered(groups, length)
    rank = draw.permutation(group.max() + 1)[group]
    order = np.argsort(rank, kind="stable")
    cuts = np.searchsorted(rank[order], np.arange(count + 1) * units)
    return [order[start:end] for start, end in itertools.pairwise(cuts)]


def grouped_order(
    length: int, first: int, groups: np.ndarray | None, seed: int | list[int]
) -> tuple[np.ndarray, int]:
    """A random order `(length,)` and where to cut it: at `first` or soon after, with no group on both sides.

    `groups` `(length,)` numbers the groups, such as the crops of one painting; None: each row is its own.
    """
    draw = np.random.default_rng(seed)
    if groups is None:
        return draw.permutation(length), first
    group = numbered(groups, length)
    rank = draw.permutation(group.max() + 1)[group]
    order = np.argsort(rank, kind="stable")
    cut = int(np.searchsorted(rank[order], rank[order[min(first, length) - 1]], side="right"))
    # Mixed within each side: who takes only the first of a side gets pictures of all its groups.
    return np.concatenate([draw.permutation(order[:cut]), draw.permutation(order[cut:])]), cut
