"""Which kind of source the words of a recipe mean, and whether it is there at all."""

import dataclasses
import os
from pathlib import Path

from ganzoo.base.errors import DataError, unknown
from ganzoo.base.peers import nearest
from ganzoo.data import embedded, foreign, named, outputs
from ganzoo.data.data_config import DataConfig

PAINTINGS = "paintings"
KNOWN = (PAINTINGS, *named.NAMED, *embedded.FILES)  # sets by name


def counted(num: int, copies: int, source: str) -> str:
    """How many pictures there are to learn from, in words: "1,072 crops of 134 paintings"."""
    word = "paintings" if source == PAINTINGS else "pictures"
    return f"{num:,} {word}" if copies == 1 else f"{num:,} crops of {num // copies:,} {word}"


def located(config: DataConfig) -> DataConfig:
    """The same data by absolute paths, so that a run can go on from another folder."""

    def absolute(word: str) -> str:
        return os.path.abspath(word) if os.path.exists(word) else word

    source, table = config.source, config.labels_csv
    if source != PAINTINGS and not source.startswith("tfds:"):
        words = [source] if os.path.exists(source) else source.split(",")
        source = ",".join(absolute(word.strip()) for word in words)
    sides = {name: _located_side(getattr(config, name)) for name in "ab"}
    return dataclasses.replace(config, source=source, labels_csv=table and absolute(table), **sides)


def _located_side(own: dict | None) -> dict | None:
    """The table of a side by absolute paths."""
    if own is None:
        return None
    found = located(DataConfig(**{k: v for k, v in own.items() if k in ("source", "labels_csv")}))
    return {**own, "source": found.source} | ({"labels_csv": found.labels_csv} if found.labels_csv else {})


def is_public(source: str) -> bool:
    """Whether a source is a public set's name, which tells nothing of anybody's machine."""
    return source in KNOWN or source.startswith("tfds:")


def is_embedded(source: str) -> bool:
    """Whether a source is inside the package."""
    of_arrays = source in named.NAMED and named.NAMED[source].is_embedded
    return source == PAINTINGS or source in embedded.FILES or of_arrays


def check(config: DataConfig) -> str:
    """The kind of the source: paintings, tfds, arrays, prepared, or raw. Takes no time and imports nothing.

    Raises:
        DataError: it is not there, or holds nothing.
        UsageError: it is no kind of source at all.
    """
    source = config.source
    if source == PAINTINGS:
        return "paintings"
    if source.startswith("tfds:"):
        return "tfds"
    if named.is_named(source):
        return "arrays"
    if embedded.is_embedded_file(source):
        return "raw"
    for word in source.split(",") if not Path(source).exists() else [source]:
        path = Path(word.strip())
        if not path.exists():
            if "/" not in word and "." not in word and not nearest(word, KNOWN):
                raise DataError(
                    f"there is no folder {word!r} here, and no data of that name: give a folder, "
                    f"zip files, an .npz, tfds:NAME, or one of {', '.join(KNOWN)}"
                )
            if "/" not in word and "." not in word:
                known = (*KNOWN, "tfds:NAME", "a folder", "a .zip", "an .npz")
                raise unknown("data source", word, known)
            raise DataError(
                f"{path} does not exist: give a folder, zip files, tfds:NAME, an .npz or 'paintings'"
            )
        try:
            names = os.listdir(path) if path.is_dir() else None
        except OSError as error:
            raise DataError(f"{path} cannot be read ({error.strerror}): see its permissions") from None
        if names is not None:
            _check_folder(path, names)
        elif kind := foreign.of_file(path):
            raise DataError(f"{path} cannot be read as pictures, it is of the kind {kind}")
    if Path(source).suffix == ".npz":
        return "arrays"
    return "prepared" if (Path(source) / "store.json").is_file() else "raw"


def _check_folder(path: Path, names: list[str]) -> None:
    if not names:
        raise DataError(f"{path} is an empty folder: expected pictures in it")
    wrote = outputs.what_wrote(names, lambda below: (path / below).exists())
    if wrote == outputs.UNFINISHED:
        raise DataError(f"{path} is {wrote}: give the command again that began it, and it is finished")
    # A folder of samples may be meant; the grids of a run never are.
    if wrote and wrote != outputs.SAMPLES[0] and "store.json" not in names:
        raise DataError(f"{path} is {wrote}, whose pictures are no data: give the folder of the pictures")
