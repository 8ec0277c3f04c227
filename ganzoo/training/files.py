"""Files that are there whole or not at all."""

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from ganzoo.errors import RunError


def write_atomically(path: Path, write: Callable[[BinaryIO], None]) -> None:
    """Calls `write(file)` on a temporary neighbour, syncs it and renames it to `path`.

    Raises:
        RunError: if the disk is full or the folder cannot be written; nothing is left behind.
    """
    path = Path(path)
    temporary = None
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".tmp", dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except BaseException as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        if isinstance(error, OSError):
            raise RunError(f"{path} could not be written: {error.strerror or error}") from None
        raise
    _sync_folder(path.parent)


def is_temporary(path: Path) -> bool:
    """Whether `path` is what `write_atomically` leaves when its process is killed."""
    return path.name.startswith(".") and path.name.endswith(".tmp")


def write_text(path: Path, text: str) -> None:
    """Writes UTF-8 text atomically."""
    write_atomically(path, lambda file: file.write(text.encode("utf-8")))


def _sync_folder(folder: Path) -> None:
    # The rename itself is durable only when the folder is synced, too.
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
