"""Checksums of large files that are asked for again and again: read whole once, then as long as nobody wrote.

A prepared folder is trusted for hours of training, so what it holds is checked against the sums
in its store.json. Reading a gigabyte takes seconds; a file whose size, times and inode are those
of the last whole check is taken to be the same. Notes of such checks are kept in the user's cache
folder, never beside the pictures, which may lie on a disk that cannot be written.
"""

import contextlib
import hashlib
import json
from pathlib import Path

from ganzoo.base.errors import GanzooError
from ganzoo.disk.cache import cache_folder
from ganzoo.disk.files import write_bytes
from ganzoo.disk.sums import file_sum


def is_whole(path: Path, sha256: str) -> bool:
    """Whether a file has this checksum. Raises OSError if it cannot be read."""
    now = [*_state(path), sha256]
    with _best_effort():
        if json.loads(_note_of(path).read_text()) == now:
            return True
    if file_sum(path) != sha256:
        return False
    with _best_effort():
        note = _note_of(path)
        note.parent.mkdir(parents=True, exist_ok=True)
        write_bytes(note, json.dumps(now).encode())
    return True


def _best_effort() -> contextlib.suppress:
    """Where there is no place for notes (no home, nothing to write to), a file is read each time."""
    return contextlib.suppress(OSError, ValueError, RuntimeError, GanzooError)


def _state(path: Path) -> list[int]:
    status = path.stat()
    # The time of change of the inode cannot be set: it tells of contents whose old time was put back.
    return [status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino]


def _note_of(path: Path) -> Path:
    name = hashlib.sha256(str(path.resolve()).encode("utf-8", "surrogateescape")).hexdigest()[:24]
    return cache_folder() / "verified" / f"{name}.json"
