"""What a source holds: every file of folders and zips, in one order, without reading pictures."""

import os
import stat
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ganzoo.data.config import DataConfig
from ganzoo.errors import DataError

KAGGLE_CSV = "all_data_info.csv"
REPLACEMENTS = "replacements_for_corrupted_files.zip"
_PICTURE_ENDINGS = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff")


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
    def replaces(self) -> bool:
        """Whether it comes from Kaggle's zip of replacements, superseding files of the same name."""
        return self.member >= 0 and os.path.basename(self.file) == REPLACEMENTS


def entries(config: DataConfig) -> tuple[list[Entry], Path | None]:
    """All that the source holds, and the CSV with labels, if any; the CSV is not counted as found.

    Raises:
        DataError: nothing there at all, or the CSV is missing.
    """
    words = [config.source] if os.path.exists(config.source) else config.source.split(",")
    paths = [Path(word.strip()) for word in words]
    table = Path(config.labels_csv) if config.labels_csv else _table(paths)
    if table is not None and not table.is_file():
        raise DataError(f"data.labels_csv {table} does not exist: expected a CSV file with labels")
    paths = [path for path in paths if path.suffix.lower() != ".csv"]
    several = len(paths) > 1
    found: list[Entry] = []
    for path in paths:
        if path.is_dir():
            found += _folder(path, f"{path.name}/" if several else "", table)
        elif zipfile.is_zipfile(path) or path.suffix.lower() == ".zip":
            found += _zip(str(path), f"{path.name}/" if several else "")
        else:
            found.append(_file(str(path), path.name, str(path.parent)))
    if not found:
        raise DataError(f"{config.source} holds no files: expected pictures in it")
    return found, table


def _table(paths: list[Path]) -> Path | None:
    given = [path for path in paths if path.suffix.lower() == ".csv"]
    beside = [(path if path.is_dir() else path.parent) / KAGGLE_CSV for path in paths]
    return next((path for path in [*given, *beside] if path.is_file()), None)


def _folder(root: Path, prefix: str, table: Path | None) -> Iterator[Entry]:
    top, own = os.path.realpath(root), os.path.realpath(table) if table else None
    # Sorted by bytes: the same order whatever the language of the machine.
    for path in sorted(_walk(str(root), ""), key=os.fsencode):
        full = os.path.join(root, path)
        if own == os.path.realpath(full):
            continue
        if "/" not in path and path.lower().endswith(".zip") and os.path.isfile(full) and _inside(full, top):
            yield from _zip(full, f"{prefix}{path}/")
        else:
            yield _file(full, prefix + path, top)


def _walk(root: str, below: str) -> Iterator[str]:
    """Paths of all but ordinary folders; links to folders are not followed, so there are no circles."""
    pending = [below]
    while pending:
        below = pending.pop()
        try:
            with os.scandir(os.path.join(root, below)) as things:
                for thing in things:
                    path = f"{below}/{thing.name}" if below else thing.name
                    if thing.is_dir(follow_symlinks=False):
                        pending.append(path)
                        if not path.lower().endswith(_PICTURE_ENDINGS):
                            continue
                    yield path
        except OSError:
            yield below or "."


def _inside(path: str, top: str) -> bool:
    real = os.path.realpath(path)
    return real.startswith(top.rstrip("/") + "/")


def _file(full: str, path: str, top: str) -> Entry:
    try:
        link = os.path.islink(full)
        status = os.stat(full)
    except OSError:
        return Entry(path, full, reason="broken link" if os.path.islink(full) else "unreadable")
    size, stamp = status.st_size, f"{status.st_size},{status.st_mtime_ns}"
    if link and not _inside(full, top):
        return Entry(path, full, size=size, reason="link out of the source")
    if stat.S_ISDIR(status.st_mode):
        reason = "link to a folder" if link else "a folder" if os.access(full, os.R_OK) else "unreadable"
        return Entry(path, full, reason=reason)
    if not stat.S_ISREG(status.st_mode):
        return Entry(path, full, reason="not a regular file")
    return Entry(path, full, size=size, stamp=stamp)


def _zip(file: str, prefix: str) -> Iterator[Entry]:
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
    except Exception as error:  # damaged archives raise nearly anything
        words = " ".join(str(error).split())[:80]
        yield Entry(prefix.rstrip("/") or os.path.basename(file), file, reason=f"unreadable zip: {words}")
        return
    order = sorted(range(len(members)), key=lambda i: os.fsencode(_utf8(members[i].filename)))
    for number in order:
        member = members[number]
        if member.is_dir():
            continue
        reason = "encrypted" if member.flag_bits & 1 else ""
        path = prefix + _utf8(member.filename)
        stamp = f"{member.file_size},{member.CRC}"
        yield Entry(path, file, number, member.file_size, reason, stamp)


def _utf8(name: str) -> str:
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")
