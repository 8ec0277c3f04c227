"""Two sides of data: pictures that belong together by name or side by side, or two sets that do not."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import about as about_of
from ganzoo.data.data_config import CROPS, NO_JOIN, DataConfig, side_of
from ganzoo.data.maps import maps_beside
from ganzoo.data.row_names import Named, load_square, named, partners_of
from ganzoo.data.sources import check
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
    if config.join == NO_JOIN:
        return _unpaired(config, dict(zip("ab", names, strict=True)), kinds, progress)
    sides = _loaded(config, kinds, progress)
    a, b = sides["a"], sides["b"]
    pairs, told = _matched(a, b)
    wanted = {"train": (False,), "test": (True,), "all": (False, True)}[config.split]
    rows = [(i, j) for i, j in pairs if _is_held_out(a, i, b, j, config) in wanted]
    if not rows:
        raise UsageError(f"no pair is left for the split {config.split!r}; see data.test_share")
    chosen = [[pair[side] for pair in rows] for side in (0, 1)]
    arrays = {name: each.store.images[own] for name, each, own in zip(names, (a, b), chosen, strict=True)}
    report = Sides({"a": a.store, "b": b.store}).report
    return Store(
        arrays,
        {name: kind for name, kind in columns.items() if name in names},
        fingerprint=fingerprint(a.store.fingerprint, b.store.fingerprint, [a.names[i] for i, _ in rows]),
        report={**report, "pictures": len(rows), "told": [*report["told"], *told]},
    )


def _loaded(config: DataConfig, kinds: Mapping[str, Kind], progress: bool) -> dict[str, Named]:
    """Both sides with their names; label maps after the pictures that they lie beside."""
    own = {side: side_of(config, side) for side in kinds}
    of_maps = [side for side, kind in kinds.items() if isinstance(kind, LabelMap)]
    if len(of_maps) == 2:
        raise UsageError("both sides are label maps, and one has to be of pictures")
    crop = _common_crop(config, own, of_maps)
    found = {side: named(own[side], kinds[side], progress) for side in kinds if side not in of_maps}
    for side in of_maps:
        (pictures,) = found.values()
        found[side] = maps_beside(own[side], kinds[side], pictures, crop)
    return found


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


def _common_crop(config: DataConfig, own: Mapping[str, DataConfig], of_maps: list[str]) -> str:
    """How both sides are cut. Raises UsageError where each is, or was prepared, to be cut its own way."""
    crops = {side: _crop_of(each) for side, each in own.items()}
    for side in of_maps:
        if "crop" not in (getattr(config, side) or {}):  # a map is cut as its picture is
            crops[side] = next(crop for other, crop in crops.items() if other not in of_maps)
    for side, crop in crops.items():
        if crop not in CROPS:
            raise UsageError(
                f"side {side} is cut by data.crop = {crop}, which cuts each side of a pair elsewhere; give "
                "data.random_crop instead, which cuts both at the same place, anew in each epoch (a prepared "
                "folder is prepared again with --crop center)"
            )
    if crops["a"] != crops["b"]:
        raise UsageError(
            f"the sides of a pair are cut differently: a by {crops['a']}, b by {crops['b']}; give one "
            "data.crop, or prepare both folders with the same --crop"
        )
    return crops["a"]


def _crop_of(own: DataConfig) -> str:
    """How a side is cut: a prepared folder as it was prepared."""
    if check(own) == "prepared":
        return about_of.read(Path(own.source)).settings.get("crop", DataConfig.crop)
    return own.crop


def _matched(a: Named, b: Named) -> tuple[list[tuple[int, int]], list[str]]:
    """The rows of both sides that belong together, in a's order, and what there is to say of the others.

    Raises DataError where they do not fit.
    """
    partners, is_by_last = partners_of(a.names, b.names)
    if not partners:
        raise DataError(
            f"no picture of one side has a partner of its name on the other: a has {a.names[0]}, b has "
            f"{b.names[0]}; give both the same name"
        )
    place, pairs = {name: row for row, name in enumerate(b.names)}, []
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
        pairs.append((row, other))
    told = ["pairs are matched by the names of files alone, whatever their folders"] if is_by_last else []
    used = {side: {pair[i] for pair in pairs} for i, side in enumerate("ab")}
    for (side, mine), other in zip((("a", a), ("b", b)), (b, a), strict=True):
        told += _of_the_lonely(side, [n for i, n in enumerate(mine.names) if i not in used[side]], other)
    return pairs, told


def _of_the_lonely(side: str, names: list[str], other: Named) -> list[str]:
    """Why pictures of a side are left out: no partner, or one that was rejected."""
    partners, _ = partners_of(names, list(other.rejected))
    reasons = Counter(other.rejected[partner].split(":")[0] for partner in partners.values())
    told = [
        f"{n:,} of side {side} are left out: their partner is rejected ({why})" for why, n in reasons.items()
    ]
    alone = len(names) - len(partners)
    return [*told, *([f"{alone:,} of side {side} have no partner and are left out"] if alone else [])]


def _is_held_out(a: Named, i: int, b: Named, j: int, config: DataConfig) -> bool:
    """Whether a pair is of the split test: by its name, whatever is in its files, or as it was prepared."""
    share = int(hashlib.sha256(a.names[i].encode()).hexdigest()[:8], 16) / 2**32
    return share < config.test_share or a.held_out[i] or b.held_out[j]
