"""What a source holds: every file of folders and zips, in one order, without reading pictures."""

import os
import stat
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

from ganzoo.base.errors import DataError
from ganzoo.data.data_config import DataConfig
from ganzoo.data.embedded import paths_of
from ganzoo.data.tree import Tree, passed_in_zip

KAGGLE_CSV = "all_data_info.csv"
REPLACEMENTS = "replacements_for_corrupted_files.zip"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing found.

    `path` is what the manifest calls it, relative to the source. It is read from `file`, or from
    member number `member` of the zip `file`. `reason` is set where it is rejected unread. `stamp`
    tells one version of the contents from another.
    """

    path: str
    file: str
    member: int = -1
    size: int = 0
    reason: str = ""
    stamp: str = ""

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The name of the folder that it lies in."""
        return self.path.rpartition("/")[0].rpartition("/")[2]

    @property
    def replaces(self) -> bool:
        """Whether it comes from Kaggle's zip of replacements, superseding files of the same name."""
        return self.member >= 0 and os.path.basename(self.file) == REPLACEMENTS


@dataclass
class Listing:
    """What was found; `skipped` is what is no data (path and reason); `table` the CSV with labels, if any."""

    entries: list[Entry] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    table: Path | None = None


def listing(config: DataConfig, without: tuple[Path, ...] = ()) -> Listing:
    """All that the source holds; the CSV with labels is not counted as found.

    Args:
        config: names the source.
        without: folders that are passed over without a word: those which are being written.

    Raises:
        DataError: nothing there at all, or the CSV is missing.
    """
    paths = paths_of(config.source)
    table = Path(config.labels_csv) if config.labels_csv else _table(paths)
    if table is not None and not table.is_file():
        raise DataError(f"data.labels_csv {table} does not exist: expected a CSV file with labels")
    paths = [path for path in paths if path.suffix.lower() != ".csv"]
    several = len(paths) > 1
    found = Listing(table=table)
    for path in paths:
        prefix = f"{path.name}/" if several else ""
        if path.is_dir():
            _folder(found, path, prefix, without)
        elif zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
            _zip(found, str(path), prefix)
        else:
            found.entries.append(_file(str(path), path.name, str(path.parent)))
    if not found.entries:
        why = f" (passed over: {found.skipped[0][0]}, {found.skipped[0][1]})" if found.skipped else ""
        raise DataError(f"{config.source} holds no files{why}: expected pictures in it")
    return found


def _table(paths: list[Path]) -> Path | None:
    given = [path for path in paths if path.suffix.lower() == ".csv"]
    beside = [(path if path.is_dir() else path.parent) / KAGGLE_CSV for path in paths]
    return next((path for path in [*given, *beside] if path.is_file()), None)


def _folder(found: Listing, root: Path, prefix: str, without: tuple[Path, ...]) -> None:
    top, own = os.path.realpath(root), os.path.realpath(found.table) if found.table else None
    tree = Tree(str(root), without)
    found.skipped += [(prefix + path, why) for path, why in _in_order(tree.skipped)]
    # Sorted by bytes: the same order whatever the language of the machine.
    for path in sorted(tree.paths, key=os.fsencode):
        full = os.path.join(root, path)
        if own == os.path.realpath(full):
            continue
        if path in tree.reasons:
            found.entries.append(Entry(prefix + path, full, reason=tree.reasons[path]))
        elif _is_zip(path, full) and (path in tree.followed or _inside(full, top)):
            _zip(found, full, f"{prefix}{path}/")
        else:
            found.entries.append(_file(full, prefix + path, top, path in tree.followed))


def _is_zip(path: str, full: str) -> bool:
    return "/" not in path and path.lower().endswith(".zip") and os.path.isfile(full)


def _in_order(skipped: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return sorted(skipped, key=lambda each: (os.fsencode(each[0]), each[1]))


def _inside(path: str, top: str) -> bool:
    real = os.path.realpath(path)
    return real.startswith(top.rstrip("/") + "/")


def _file(full: str, path: str, top: str, follow: bool = False) -> Entry:
    try:
        link = os.path.islink(full)
        status = os.stat(full)
    except OSError:
        return Entry(path, full, reason="broken link" if os.path.islink(full) else "unreadable")
    size, stamp = status.st_size, f"{status.st_size},{status.st_mtime_ns}"
    if link and not follow and not _inside(full, top):
        return Entry(path, full, size=size, reason=_STRAY)
    if stat.S_ISDIR(status.st_mode):
        reason = "a folder" if os.access(full, os.R_OK) else "unreadable"
        return Entry(path, full, reason=reason)
    if not stat.S_ISREG(status.st_mode):
        return Entry(path, full, reason="not a regular file")
    return Entry(path, full, size=size, stamp=stamp)


_STRAY = "link out of the source: among files it may be there by mistake, put a copy in its place"


def _zip(found: Listing, file: str, prefix: str) -> None:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception as error:  # damaged archives raise nearly anything
        words = " ".join(str(error).split())[:80]
        path = prefix.rstrip("/") or os.path.basename(file)
        found.entries.append(Entry(path, file, reason=f"unreadable zip: {words}"))
        return
    names = [_utf8(member.filename) for member in members]
    is_passed, skipped = passed_in_zip(names)
    found.skipped += [(prefix + path, why) for path, why in _in_order(skipped)]
    order = sorted(range(len(members)), key=lambda i: os.fsencode(names[i]))
    for number in order:
        member = members[number]
        if member.is_dir() or is_passed(names[number]):
            continue
        reason = "encrypted" if member.flag_bits & 1 else ""
        stamp = f"{member.file_size},{member.CRC}"
        entry = Entry(prefix + names[number], file, number, member.file_size, reason, stamp)
        found.entries.append(entry)


def _utf8(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
