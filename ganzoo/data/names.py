"""Which row of a table speaks of which file: names with other folders, other letters, other endings.

A row and a file fit when all that the shorter of their paths says, the longer says too: "x.jpg",
"./train/x.jpg" and "data\\\\train\\\\x.jpg" all fit the file train/x.jpg, "test/x.jpg" does not. Where
nothing fits as it is written, small and large letters count as the same, then endings as nothing,
and last of all folders; each only where it leaves no doubt.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence

from ganzoo.data.hidden import has_picture_ending

EXACT, FOLDERS, LETTERS, ENDINGS, NAMES = range(5)
HOW = {
    FOLDERS: "by their last parts",
    LETTERS: "whatever their letters' case",
    ENDINGS: "without their endings",
    NAMES: "by name alone, without folders",
}


def matched(rows: Sequence[str], files: Iterable[str]) -> tuple[dict[str, int], int]:
    """Which row each file is named by.

    Args:
        rows: names in the order of a table; of equal ones the first counts.
        files: paths relative to the source.

    Returns:
        by file the number of the row, only for files with a row; and how far names had to be bent,
        one of EXACT to NAMES.
    """
    found: dict[str, int] = {}
    how, left = EXACT, list(files)
    steps = ((FOLDERS, _as_written), (LETTERS, _same_letters), (ENDINGS, _without_ending))
    for step, spelled in steps:
        if not left:
            return found, how
        index = _index(rows, spelled)
        hits = {path: row for path in left if (row := _fitting(spelled(path), index, rows)) is not None}
        if step != FOLDERS:  # bent names may fall together: two files of a folder for one row
            hits = _without_doubt(hits)
        if hits:
            plain = step == FOLDERS and all(rows[row] in (path, _last(path)) for path, row in hits.items())
            how = max(how, EXACT if plain else step)
        found |= hits
        left = [path for path in left if path not in hits]
    hits = _by_name(rows, left, set(found.values()))
    return found | hits, NAMES if hits else how


def _as_written(name: str) -> tuple[str, ...]:
    parts = name.split("/")
    if "\\" in name and "/" not in name:
        parts = name.split("\\")
    return tuple(part for part in parts if part not in ("", "."))


def _same_letters(name: str) -> tuple[str, ...]:
    # macOS and Windows also differ in how they spell letters with accents.
    parts = name.replace("\\", "/").split("/")
    folded = (unicodedata.normalize("NFC", part).casefold().strip() for part in parts)
    return tuple(part for part in folded if part not in ("", "."))


def _without_ending(name: str) -> tuple[str, ...]:
    parts = _same_letters(name)
    if not parts or not has_picture_ending(parts[-1]):
        return parts
    return (*parts[:-1], parts[-1].rpartition(".")[0])


def _index(rows: Sequence[str], spelled) -> dict[str, list[tuple[tuple[str, ...], int]]]:
    """Spelled rows by their last part; of equal ones the first."""
    index, seen = defaultdict(list), set()
    for number, row in enumerate(rows):
        parts = spelled(row)
        if parts and parts not in seen:
            seen.add(parts)
            index[parts[-1]].append((parts, number))
    return index


def _fitting(path: tuple[str, ...], index: dict, rows: Sequence[str]) -> int | None:
    """The row that fits a path: one that says all of it or more, else the longest part of it."""
    fitting = []
    for parts, number in index.get(path[-1], ()) if path else ():
        common = min(len(parts), len(path))
        if parts[-common:] == path[-common:]:
            fitting.append((common, number))
    longest = max((common for common, _ in fitting), default=0)
    best = [number for common, number in fitting if common == longest]
    return best[0] if len(best) == 1 else None


def _without_doubt(hits: dict[str, int]) -> dict[str, int]:
    together = defaultdict(list)
    for path, row in hits.items():
        together[row, path.rpartition("/")[0]].append(path)
    return {paths[0]: row for (row, _), paths in together.items() if len(paths) == 1}


def _by_name(rows: Sequence[str], left: list[str], used: set[int]) -> dict[str, int]:
    """Names that fit but for their folders, where only one row and one file are called so."""
    index = _index(rows, _same_letters)
    called = defaultdict(list)
    for path in left:
        called[_same_letters(path)[-1:]].append(path)
    hits = {}
    for name, paths in called.items():
        candidates = index.get(name[0], ()) if name else ()
        if len(paths) == len(candidates) == 1 and candidates[0][1] not in used:
            hits[paths[0]] = candidates[0][1]
    return hits


def _last(path: str) -> str:
    return path.rpartition("/")[2]
