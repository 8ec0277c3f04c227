"""Reading files that others gave: ordinary ones alone.

A link in a folder of weights may lead to a pipe, from which nothing ever comes, or to a device without end.
"""

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_file(path: str | Path) -> BinaryIO:
    """An ordinary file, or a link to one, to read from. Raises OSError for anything else, without waiting."""
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # else a pipe waits for its writer
    try:
        if stat.S_ISDIR(mode := os.fstat(handle).st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is a device or a pipe, not a file", str(path))
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def read(path: str | Path) -> bytes:
    """All of an ordinary file. Raises OSError."""
    with open_file(path) as file:
        return file.read()


def read_text(path: str | Path) -> str:
    """All of an ordinary file in UTF-8. Raises OSError, UnicodeDecodeError."""
    return read(path).decode("utf-8")
