"""Files that are there whole or not at all, and the lock of a folder."""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from ganzoo.base.errors import DataError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write; under its own name only once it is complete and on disk, else removed."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write(path: Path, data: bytes) -> None:
    """Writes a small file whole."""
    with replacing(path) as file:
        file.write(data)


@contextlib.contextmanager
def lock(path: Path, wait: bool) -> Iterator[None]:
    """Holds the lock file `path`. Raises BlockingIOError if another process does and `wait` is False."""
    try:
        import fcntl
    except ImportError:  # Windows: two runs into one folder are then the user's own risk
        yield
        return
    with open(path, "ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield  # closing the file, or the end of the process, gives it back


@contextlib.contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns the system's errors about `folder` into sentences that say how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DataError(
                f"no space left for {folder}: what is done is kept, make room and give the same command again"
            ) from None
        if (
            isinstance(error, PermissionError | NotADirectoryError | FileExistsError)
            or error.errno == errno.EROFS
        ):
            raise DataError(f"{folder} cannot be written ({error.strerror}): give another folder") from None
        raise
