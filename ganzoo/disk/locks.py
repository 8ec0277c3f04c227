"""The lock of a file: one process at a time, and what a process held is free again when it dies, however.

The library `filelock` asks the system: `flock` on Linux and macOS, `LockFileEx` on Windows. On a file
system that knows no locks (some network disks) it warns and marks the lock by a file, whose owner is
looked for before it is believed.
"""

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, Timeout


@contextlib.contextmanager
def locked(path: Path, wait: bool) -> Iterator[None]:
    """Holds the lock file `path`, which is made if it is not there.

    Raises:
        BlockingIOError: if another holds it and `wait` is False. OSError: if it cannot be opened.
    """
    lock = FileLock(path, blocking=wait, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path)) from None
    try:
        yield
    finally:
        lock.release()
