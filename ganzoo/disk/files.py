"""Files that are there whole or not at all."""

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from ganzoo.base.errors import RunError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write; under its own name only once it is complete and on disk, else removed.

    The system's errors pass as they are, for those who know what to say of them; see `write_atomically`.
    """
    path = Path(path)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _sync(path.parent)


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Calls `write(file)` on a temporary neighbour, syncs it and renames it to `path`.

    Raises:
        RunError: if the disk is full or the folder cannot be written; nothing is left behind.
    """
    try:
        with replacing(path) as file:
            write(file)
    except OSError as error:
        raise RunError(f"{path} could not be written: {error.strerror or error}") from None


@contextlib.contextmanager
def built(path: Path, durable: bool = True, allow: Callable[[Path], None] | None = None):
    """A path beside `path` to write a file or a folder to; it takes `path`'s place when all went well.

    A file there is replaced by the rename itself; a folder is moved aside first and comes back if its
    successor cannot take its place. `durable` syncs every file before: not for thousands of them.
    `allow(path)` is called last of all before something there is replaced, and may raise.

    Raises:
        RunError: if the disk is full or the folder cannot be written; nothing is left behind.
    """
    path, folder = Path(path), None
    try:
        folder = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent))
        new = folder / path.name
        yield new
        for each in [new, *new.rglob("*")] if durable else ():
            _sync(each)
        if allow is not None and path.exists():
            allow(path)
        _put(new, path, folder / "before")
        _sync(path.parent)
    except OSError as error:
        raise RunError(f"{path} could not be written: {error.strerror or error}") from None
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _put(new: Path, path: Path, before: Path) -> None:
    if not path.is_dir():
        new.replace(path)
        return
    path.rename(before)
    try:
        new.rename(path)
    except OSError:
        before.rename(path)
        raise


def is_temporary(path: Path) -> bool:
    """Whether `path` is what `replacing` and `write_atomically` leave when their process is killed."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


def write_bytes(path: Path, data: bytes) -> None:
    """Writes a small file whole; the system's errors pass as they are."""
    with replacing(path) as file:
        file.write(data)


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    write_atomically(path, lambda file: file.write(text.encode("utf-8")))


def _sync(path: Path) -> None:
    # A file, or a folder: a rename is durable only when the folder is synced, too.
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
