"""What may be replaced: only what a command itself wrote. Anything else among it is somebody's own."""

import mmap
from collections.abc import Collection
from fnmatch import fnmatchcase
from pathlib import Path

from ganzoo.base.errors import UsageError

# What file managers leave in a folder that was looked at.
OF_SYSTEMS = (".DS_Store", "Thumbs.db", "desktop.ini", ".directory")


def foreign(folder: Path, own: Collection[str]) -> str | None:
    """The first thing within a folder that is not one of `own`, a path relative to it; None if there is none.

    Args:
        folder: an existing folder; links within it count as things, and are not followed.
        own: names, with `/` for those in subfolders, as they are or as patterns such as `variables/*`.
    """
    names, patterns = set(own), [name for name in own if "*" in name]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.name in OF_SYSTEMS or name in names or any(fnmatchcase(name, each) for each in patterns):
            continue
        return name
    return None


def refuse_foreign(folder: Path, own: Collection[str]) -> None:
    """Raises UsageError, naming it, if there is anything in a folder besides `own`."""
    if (name := foreign(folder, own)) is not None:
        raise UsageError(
            f"{folder} holds {name}, which was not written by this command, so --overwrite leaves all of it "
            "alone; move that away, or name another folder"
        )


def holds(path: Path, mark: bytes) -> bool:
    """Whether a regular file has `mark` in it; nothing is read into memory."""
    if not path.is_file() or path.stat().st_size < len(mark):
        return False
    with open(path, "rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return content.find(mark) >= 0
