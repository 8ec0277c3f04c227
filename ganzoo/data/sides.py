"""Two sides of data: pictures that belong together by name or side by side, or two sets that do not."""

import dataclasses
import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data.data_config import NONE, DataConfig, side_of
from ganzoo.data.hidden import has_picture_ending
from ganzoo.data.row_names import Named, load_square, named, partners_of, stem
from ganzoo.data.store import Sides, Store, fingerprint
from ganzoo.kinds import Kind, LabelMap, Picture

ASPECT = 1.02  # how far the shapes of a pair may differ: a pixel of rounding, not another cut


def load_sides(config: DataConfig, columns: Mapping[str, Kind], progress: bool = True) -> Store | Sides:
    """Both sides of data, as the two picture columns of a family in their order: a's first.

    Args:
        config: a `[data]` table with `join`, and `a` and `b` or one source of pictures side by side.
        columns: what the family learns; two of them pictures or label maps.
        progress: whether to show what takes long.

    Returns:
        A store of pairs, or sides that are drawn each for itself.

    Raises:
        UsageError: for a family of other columns, or settings that would cut the two sides elsewhere.
        DataError: for sides that do not fit together; one example of each is named.
    """
    names = [name for name, kind in columns.items() if isinstance(kind, Picture | LabelMap)]
    if len(names) != 2:
        raise UsageError(
            f"[data.a] and [data.b] are two sides of pictures, but this model learns {', '.join(columns)}; "
            "give one source"
        )
    kinds = dict(zip("ab", (columns[name] for name in names), strict=True))
    if config.join == NONE:
        return _unpaired(config, dict(zip("ab", names, strict=True)), kinds, progress)
    _check_cuts(config)
    a = named(side_of(config, "a"), kinds["a"], progress)
    b = _maps(config, kinds["b"], a) if isinstance(kinds["b"], LabelMap) else None
    b = b or named(side_of(config, "b"), kinds["b"], progress)
    pairs = list(_matched(a, b))
    rows = [(i, j) for i, j in pairs if _is_held_out(a.names[i], config) == (config.split == "test")]
    if not rows:
        raise UsageError(f"no pair is left for the split {config.split!r}; see data.test_share")
    chosen = [[pair[side] for pair in rows] for side in (0, 1)]
    arrays = {name: each.store.images[own] for name, each, own in zip(names, (a, b), chosen, strict=True)}
    lone = {"a": len(a.names) - len(pairs), "b": len(b.names) - len(pairs)}
    told = [f"{n:,} of side {side} have no partner and are left out" for side, n in lone.items() if n]
    report = Sides({"a": a.store, "b": b.store}).report
    return Store(
        arrays,
        {name: kind for name, kind in columns.items() if name in names},
        fingerprint=fingerprint(a.store.fingerprint, b.store.fingerprint, [a.names[i] for i, _ in rows]),
        report={**report, "pictures": len(rows), "told": [*report["told"], *told]},
    )


def _unpaired(config, names, kinds, progress) -> Sides:
    stores = {}
    for side, name in names.items():
        if not isinstance(kinds[side], Picture):
            raise UsageError(
                f"{name} is a {kinds[side].word}, of use only beside its picture: data.join = name"
            )
        store = load_square(side_of(config, side), kinds[side], progress)
        stores[name] = dataclasses.replace(store, columns={name: store.images}, kinds={name: kinds[side]})
    return Sides(stores)


def _check_cuts(config: DataConfig) -> None:
    for side in "ab":
        if side_of(config, side).crop.startswith("random"):
            raise UsageError(
                "data.crop = random:N cuts each side of a pair elsewhere; give data.random_crop instead, "
                "which cuts both at the same place, anew in each epoch"
            )


def _maps(config: DataConfig, kind: LabelMap, pictures: Named) -> Named:
    """The label maps beside pictures, by name, cut as those are."""
    import numpy as np

    own = side_of(config, "b")
    found = {}
    for folder, _, files in sorted(os.walk(own.source, followlinks=True)):
        for file in sorted(files):
            path = Path(folder, file)
            if has_picture_ending(file) and not file.startswith("."):
                found[stem(path.relative_to(own.source).as_posix())] = path
    if not found:
        raise DataError(f"{own.source} holds no label map: expected a PNG for each picture, of the same name")
    partners = partners_of(pictures.names, list(found))
    paths = [found[name] for name in partners.values()]
    size = (kind.height + own.random_crop, kind.width + own.random_crop)
    maps = np.stack([kind.decode(path, size, own.crop) for path in paths]) if paths else np.zeros((0, *size))
    store = Store(
        {"image": maps}, {"image": kind}, fingerprint=fingerprint(maps), report={"found": len(found)}
    )
    aspects = [kind.aspect(path) for path in paths]
    return Named(store, list(partners.values()), aspects)


def _matched(a: Named, b: Named) -> Iterator[tuple[int, int]]:
    """The rows of both sides that belong together, in a's order. Raises DataError where they do not fit."""
    partners = partners_of(a.names, b.names)
    if not partners:
        raise DataError(
            f"no picture of one side has a partner of its name on the other: a has {a.names[0]}, b has "
            f"{b.names[0]}; give both the same name"
        )
    place = {name: row for row, name in enumerate(b.names)}
    for row, name in enumerate(a.names):
        if name not in partners:
            continue
        other = place[partners[name]]
        ratio = a.aspects[row] / b.aspects[other]
        if not 1 / ASPECT < ratio < ASPECT:
            raise DataError(
                f"the pictures of a pair are of different shapes: {name} is {a.aspects[row]:.3g} times as "
                f"wide as high in a, {b.names[other]} {b.aspects[other]:.3g} times in b; cut them alike"
            )
        yield row, other


def _is_held_out(name: str, config: DataConfig) -> bool:
    """Whether a pair is of the split test, by its name: both sides agree whatever is in their files."""
    if config.split == "all":
        return False
    share = int(hashlib.sha256(name.encode()).hexdigest()[:8], 16) / 2**32
    return share < config.test_share
