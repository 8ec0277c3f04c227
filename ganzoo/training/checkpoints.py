"""Checkpoints: everything an exact continuation needs, in files that can be trusted.

One checkpoint is `images-000001234.npz` (plain arrays, no pickle) and beside it a `.json`, the
seal, with its SHA-256 and the run's notes. The seal is written last, so a checkpoint that has one
was complete; one that does not match it is passed over. A checkpoint that replaces another of its
number goes into a second file, `images-000001234.b.npz`, until the seal names that one: at no
moment is there less than a whole one. The notes are within the arrays' file, too, so that one
whose seal was lost can be used.
"""

import contextlib
import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.base.errors import RunError
from ganzoo.disk import regular
from ganzoo.disk.archive import read_arrays
from ganzoo.disk.files import is_temporary, write_atomically, write_text

NAME = re.compile(r"images-(\d{12})(?:\.b)?\.npz")
NOTES = "__notes__"  # the entry of the arrays' file that repeats the seal's notes


@dataclass(frozen=True)
class Checkpoint:
    """A checkpoint on disk that has been read and found whole."""

    path: Path
    images_seen: int
    notes: dict[str, Any]  # the run's own bookkeeping at that moment
    arrays: dict[str, np.ndarray]


def save(folder: Path, images_seen: int, arrays: dict[str, np.ndarray], notes: dict[str, Any]) -> Path:
    """Writes a checkpoint atomically and returns its path. Raises RunError on a full disk."""
    path = free_name(folder, images_seen)
    digest = hashlib.sha256()
    repeated = np.frombuffer(json.dumps(notes).encode(), np.uint8)

    def write(file):
        np.savez(_Hashing(file, digest), **arrays, **{NOTES: repeated})

    write_atomically(path, write)
    seal = {"sha256": digest.hexdigest(), "images_seen": images_seen, "arrays": path.name, "notes": notes}
    write_text(seal_of(path), json.dumps(seal, indent=1))
    with contextlib.suppress(OSError):  # what the seal named before; `clear_remains` finds it, too
        other(path).unlink()
    return path


def free_name(folder: Path, images_seen: int) -> Path:
    """Where arrays may be written without touching what a seal of the same number names."""
    path = folder / f"images-{images_seen:012d}.npz"
    return other(path) if arrays_of(path) == path else path


def other(path: Path) -> Path:
    """The second of the two names that the arrays of one number can have."""
    stem = path.name.removesuffix(".npz")
    return path.with_name(stem.removesuffix(".b") + ("" if stem.endswith(".b") else ".b") + ".npz")


def arrays_of(path: Path) -> Path | None:
    """The arrays' file that the seal beside `path` names, if it is there."""
    seal = read_seal(path)
    named = path.with_name(str(seal.get("arrays", f"images-{images_of(path):012d}.npz"))) if seal else path
    return named if NAME.fullmatch(named.name) and named.is_file() else None


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
    return path.with_name(f"images-{images_of(path):012d}.json")


def list_sealed(folder: Path) -> list[Path]:
    """The arrays' files of the complete checkpoints in a folder, the oldest first."""
    names = [path.with_suffix(".npz") for path in folder.glob("images-*.json")]
    sealed = [arrays_of(path) for path in names if NAME.fullmatch(path.name)]
    return sorted((path for path in sealed if path is not None), key=images_of)


def list_unsealed(folder: Path) -> list[Path]:
    """Arrays' files without a seal that can be read, the oldest first."""
    found = [path for path in folder.glob("images-*.npz") if NAME.fullmatch(path.name)]
    return sorted((path for path in found if read_seal(path) is None), key=images_of)


def read_seal(path: Path) -> dict[str, Any] | None:
    """What the JSON beside a checkpoint says; None if it is damaged."""
    try:
        seal = json.loads(regular.read_text(seal_of(path)))
        return seal if isinstance(seal, dict) and isinstance(seal.get("notes"), dict) else None
    except (OSError, ValueError, RecursionError):
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
    arrays = read_arrays(path, sha256)
    arrays.pop(NOTES, None)
    return Checkpoint(path, images_seen, notes, arrays)


def read_unsealed(path: Path) -> Checkpoint:
    """Reads a checkpoint whose seal is lost, by the sums of its archive. Raises RunError if that fails."""
    arrays = read_arrays(path)
    notes = arrays.pop(NOTES, None)
    if notes is None:
        raise RunError(f"the checkpoint {path} has no seal ({seal_of(path).name}), nor notes of its own")
    try:
        return Checkpoint(path, images_of(path), dict(json.loads(notes.tobytes())), arrays)
    except (ValueError, TypeError, RecursionError) as error:
        raise RunError(f"the checkpoint {path} cannot be read: {type(error).__name__}: {error}") from None


def newest(folder: Path, say=print) -> Checkpoint | None:
    """The newest checkpoint that is whole; damaged ones are passed over, and said.

    One without a seal is taken only where no sealed one can be used.
    """
    for paths, reader in ((list_sealed(folder), read), (list_unsealed(folder), read_unsealed)):
        for path in reversed(paths):
            try:
                return reader(path)
            except RunError as error:
                say(f"{error}; going back to the one before")
    return None


def is_whole(path: Path) -> bool:
    """Whether a checkpoint can be read."""
    try:
        read(path)
    except RunError:
        return False
    return True


def rotate(folder: Path, keep: int, newest: int) -> None:
    """Deletes all but the `keep` checkpoints up to the one at `newest` images seen, which was just written.

    Later ones are what it was gone back from: damaged, or of weights that had diverged.
    """
    sealed = list_sealed(folder)
    kept = [path for path in sealed if images_of(path) <= newest][-keep:]
    for path in sealed:
        if path not in kept:
            delete(path)


def delete(path: Path) -> None:
    """Deletes a checkpoint; the seal goes first, so that no half of one passes for whole."""
    seal_of(path).unlink(missing_ok=True)
    for each in (path, other(path)):
        each.unlink(missing_ok=True)


def clear_remains(folder: Path) -> None:
    """Deletes what a killed process left behind: files half-written, arrays that no seal names, seals alone.

    Nothing without a seal is deleted where nothing has one: it may be all that is left.
    """
    if not folder.is_dir():
        return
    sealed = set(list_sealed(folder))
    for path in list(folder.iterdir()):
        is_ours = path.suffix in (".npz", ".json") and NAME.fullmatch(path.with_suffix(".npz").name)
        is_left = is_ours and sealed and path not in sealed and path not in map(seal_of, sealed)
        if is_temporary(path) or is_left:
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
