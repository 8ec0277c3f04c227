"""Checkpoints: everything an exact continuation needs, in files that can be trusted.

One checkpoint is `images-000001234.npz` (plain arrays, no pickle) and beside it a `.json`
with its SHA-256. The JSON is written last, so a checkpoint that has one was complete;
one that does not match it is passed over.
"""

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo import regular
from ganzoo.archive import read_arrays
from ganzoo.errors import RunError
from ganzoo.training.files import is_temporary, write_atomically, write_text

NAME = re.compile(r"images-(\d{12})\.npz")


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk that has been read and found whole."""

    path: Path
    images_seen: int
    notes: dict[str, Any]  # the run's own bookkeeping at that moment
    arrays: dict[str, np.ndarray]


def save(folder: Path, images_seen: int, arrays: dict[str, np.ndarray], notes: dict[str, Any]) -> Path:
    """Writes a checkpoint atomically and returns its path. Raises RunError on a full disk."""
    path = folder / f"images-{images_seen:012d}.npz"
    digest = hashlib.sha256()

    def write(file):
        np.savez(_Hashing(file, digest), **arrays)

    # An older one of this name (a run gone back to an earlier state) loses its seal first.
    seal_of(path).unlink(missing_ok=True)
    write_atomically(path, write)
    seal = {"sha256": digest.hexdigest(), "images_seen": images_seen, "notes": notes}
    write_text(seal_of(path), json.dumps(seal, indent=1))
    return path


class _Hashing:
    """A file that can only be appended to and hashes what goes through: it is never read back."""

    def __init__(self, file, digest):
        self._file, self._digest = file, digest

    def write(self, data) -> int:
        self._digest.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()

    # zipfile falls back to pure streaming when tell() is not supported; numpy asks for read().
    def read(self, *_):
        raise OSError("this file is only written")

    def tell(self):
        raise OSError("this file is a stream")


def seal_of(path: Path) -> Path:
    """The JSON beside a checkpoint."""
    return path.with_suffix(".json")


def list_sealed(folder: Path) -> list[Path]:
    """The complete checkpoints in a folder, the oldest first."""
    if not folder.is_dir():
        return []
    return sorted(p for p in folder.iterdir() if NAME.fullmatch(p.name) and seal_of(p).is_file())


def read_seal(path: Path) -> dict[str, Any] | None:
    """What the JSON beside a checkpoint says; None if it is damaged."""
    try:
        return json.loads(regular.read_text(seal_of(path)))
    except (OSError, ValueError):
        return None


def images_of(path: Path) -> int:
    """The images seen that a checkpoint's name states."""
    return int(NAME.fullmatch(path.name)[1])


def read(path: Path) -> Checkpoint:
    """Reads a checkpoint and verifies its checksum. Raises RunError if it is damaged."""
    try:
        seal = json.loads(regular.read_text(seal_of(path)))
        notes, images_seen, sha256 = dict(seal["notes"]), int(seal["images_seen"]), str(seal["sha256"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"the checkpoint {path} cannot be read: {type(error).__name__}: {error}") from None
    return Checkpoint(path, images_seen, notes, read_arrays(path, sha256))


def newest(folder: Path, say=print) -> Checkpoint | None:
    """The newest checkpoint that is whole; damaged ones are passed over, and said."""
    for path in reversed(list_sealed(folder)):
        try:
            return read(path)
        except RunError as error:
            say(f"{error}; going back to the one before")
    return None


def rotate(folder: Path, keep: int) -> None:
    """Deletes all but the newest `keep` checkpoints."""
    for path in list_sealed(folder)[:-keep]:
        delete(path)


def delete(path: Path) -> None:
    """Deletes a checkpoint; the seal goes first, so that no half of one passes for whole."""
    seal_of(path).unlink(missing_ok=True)
    path.unlink(missing_ok=True)


def clear_remains(folder: Path) -> None:
    """Deletes what a killed process left behind: files half-written, arrays and seals without the other."""
    for path in list(folder.iterdir()) if folder.is_dir() else ():
        half = path.suffix in (".npz", ".json") and NAME.fullmatch(path.with_suffix(".npz").name)
        whole = all(path.with_suffix(suffix).exists() for suffix in (".npz", ".json"))
        if is_temporary(path) or (half and not whole):
            path.unlink(missing_ok=True)


def values(state: dict[str, Any]) -> dict[str, np.ndarray]:
    """The values of a GAN's `state()` as arrays."""
    return {name: variable.numpy() for name, variable in state.items()}


def check_fits(state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Raises RunError unless a checkpoint's arrays are those of a GAN's `state()`."""
    missing = [name for name in state if name not in arrays]
    wrong = [n for n, v in state.items() if n in arrays and tuple(v.shape) != arrays[n].shape]
    if missing or wrong or len(arrays) != len(state):
        odd = (missing + wrong + [name for name in arrays if name not in state])[0]
        raise RunError(f"the checkpoint does not fit the model: {odd!r} differs; was it made by other code?")


def restore(state: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
    """Assigns a checkpoint's arrays to a GAN's `state()`. Raises RunError if they do not fit."""
    check_fits(state, arrays)
    for name, variable in state.items():
        variable.assign(arrays[name])
