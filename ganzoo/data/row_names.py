"""Pictures with the names of their files: how pairs, captions and label maps find each other."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import manifest
from ganzoo.data.data_config import WHOLE, DataConfig
from ganzoo.data.load import load
from ganzoo.data.sources import check
from ganzoo.data.store import Store
from ganzoo.kinds import Picture

_ENDING = re.compile(r"\.[A-Za-z][A-Za-z0-9]{0,4}$")


@dataclass(frozen=True)
class Named:
    """A store with what each row is cut from.

    Attributes:
        store: all of a side's pictures.
        names: of the file that each row is cut from, without its ending.
        aspects: width by height of that file, upright.
        held_out: whether each row is of the split test, of a folder that was prepared with one.
        rejected: why a picture is not in the store, by its name.
    """

    store: Store
    names: list[str]
    aspects: list[float]
    held_out: list[bool]
    rejected: dict[str, str]


def named(own: DataConfig, kind: Picture, progress: bool) -> Named:
    """The pictures of a source with their names; raw files and prepared folders have some.

    Raises UsageError for other sources; else as `ganzoo.data.load` does.
    """
    what = check(own)
    if what not in ("raw", "prepared"):
        raise UsageError(
            f"{own.source} has no names of files, by which pictures find their partners; give a folder"
        )
    size = kind.height + own.random_crop
    store = load_square(own, kind, progress)
    folder = Path(own.source)
    if what == "raw":
        from ganzoo.data.cached import cached_folder

        folder = cached_folder(own, size, kind.channels, progress=False)
    everything = manifest.read(folder / "manifest.csv")
    rejected = {stem(line["path"]): line["reason"] for line in everything if line["verdict"] == "rejected"}
    lines = sorted((line for line in everything if line["row"]), key=lambda line: int(line["row"]))
    lines = [line for line in lines if own.split in ("all", line["split"])]
    if len(lines) * store.copies != len(store):
        raise DataError(f"{folder} has another number of pictures than its manifest; prepare it again")
    refuse_same_names([line["path"] for line in lines], own.source)
    half = 1 if own.part == WHOLE else 2
    lines = [line for line in lines for _ in range(store.copies)]
    return Named(
        store,
        [stem(line["path"]) for line in lines],
        [int(line["width"]) / half / int(line["height"]) for line in lines],
        [line["split"] == "test" for line in lines],
        rejected,
    )


def refuse_same_names(paths: list[str], source: str) -> None:
    """Raises DataError for two pictures whose names differ by their endings alone."""
    known: dict[str, str] = {}
    for path in paths:
        other = known.setdefault(stem(path), path)
        if other != path:
            raise DataError(
                f"{source} holds {other} and {path}, whose names differ by their endings alone: what belongs "
                "to which cannot be told; rename one"
            )


def load_square(config: DataConfig, kind: Picture, progress: bool) -> Store:
    """The pictures of a source at the size of a kind. Raises UsageError for one that is not square."""
    if kind.height != kind.width:
        raise UsageError(f"pictures are prepared square, but this model learns {kind.describe()}")
    return load(config, kind.height, kind.channels, progress)


def stem(path: str) -> str:
    """A path without its ending, by which a picture and what belongs to it have one name.

    Letters with accents count as the same however a file system spells them; `art_1.0` has no ending.
    """
    return _ENDING.sub("", unicodedata.normalize("NFC", path))


def partners_of(ours: list[str], theirs: list[str]) -> tuple[dict[str, str], bool]:
    """The partner of each of our names: of the same path; where none is, of the same last part if unique.

    Returns:
        The partners, and whether they were found by the last part alone, whatever the folders.
    """
    same = set(theirs)
    if found := {name: name for name in ours if name in same}:
        return found, False
    last = {name.rpartition("/")[2]: name for name in theirs}
    unique = [
        {part for part, n in Counter(name.rpartition("/")[2] for name in names).items() if n == 1}
        for names in (ours, theirs)
    ]
    parts = {name: name.rpartition("/")[2] for name in ours}
    return {name: last[part] for name, part in parts.items() if part in unique[0] and part in unique[1]}, True
