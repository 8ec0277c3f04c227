"""Features of real pictures, kept between evaluations under a fingerprint of all they depend on."""

import contextlib
import functools
import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.disk.cache import cache_folder
from ganzoo.disk.files import replacing
from ganzoo.metrics.extract import extract
from ganzoo.metrics.space import FeatureSpace, checksum

_SEAL = hashlib.sha256().digest_size


def remembering(cache_dir: str | Path | None = None) -> Callable[..., np.ndarray]:
    """An `extract` of arrays that keeps what it found in the cache folder, by content.

    A file takes 5 kB a picture in MobileNet's space. One that cannot be read, or whose bytes are no longer
    those that were written, is made again; where the folder cannot be written, nothing is kept.
    """
    try:
        return functools.partial(_remembered, cache_folder(cache_dir) / "features")
    except DataError:  # a user without a home
        return extract


def _remembered(folder: Path, images, space: FeatureSpace, **more) -> np.ndarray:
    if not isinstance(images, np.ndarray):  # what passes by once cannot be known before
        return extract(images, space, **more)
    about = np.frombuffer(f"{space.name} {space.checksum} {space.resize} {images.shape}".encode(), np.uint8)
    path = folder / f"{space.name}-{checksum(about, images)}.npy"
    found = _kept(path)
    if found is not None and found.ndim == 2 and len(found) == len(images) and np.isfinite(found).all():
        more.get("watch", len)(images)
        return found
    found = extract(images, space, **more)
    _keep(path, found)
    return found


def _kept(path: Path) -> np.ndarray | None:
    """An array that `_keep` wrote, None if it is not there or not what was written."""
    try:
        content = path.read_bytes()
        data, seal = content[:-_SEAL], content[-_SEAL:]
        if hashlib.sha256(data).digest() == seal:
            return np.load(io.BytesIO(data), allow_pickle=False)
    except (OSError, ValueError, EOFError):
        pass
    return None


def _keep(path: Path, found: np.ndarray) -> None:
    """Writes an `.npy` with the checksum of its bytes behind it, which other readers pass over."""
    buffer = io.BytesIO()
    np.save(buffer, found)
    # A full or read-only disk costs the next evaluation time, not this one its result.
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(buffer.getbuffer())
            file.write(hashlib.sha256(buffer.getbuffer()).digest())
