"""Arrays on disk that can be read without trusting whoever wrote them.

A file is what `numpy.savez` writes: a zip of plain arrays, uncompressed. Reading one runs
no code (no pickle), and memory is set aside only for bytes that are there: an array whose
header promises more than its member of the file holds is refused before anything is
allocated, and so is a compressed member, which could promise anything.
"""

import math
import zipfile
from pathlib import Path

import numpy as np

from ganzoo.base.errors import RunError
from ganzoo.disk.sums import sha256_of

HEADER = 4096  # bytes that an array's header may take, far more than it does
KINDS = "fiub"  # floats, integers, truth values: numbers of a fixed size


def read_arrays(path: Path, sha256: str | None = None) -> dict[str, np.ndarray]:
    """The arrays of an archive, by name; without a checksum, each is held to the archive's own sum.

    Raises:
        RunError: if the checksum does not match, or the file is not what it says.
    """
    path = Path(path)
    try:
        if sha256 is not None and sha256_of(path) != sha256:
            raise RunError(f"{path} is damaged: its checksum does not match")
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if len(set(names)) != len(names):
                raise RunError(f"{path} is damaged: a name is there twice")
            return {name.removesuffix(".npy"): _array(archive, name, path) for name in names}
    except RunError:
        raise
    except Exception as error:  # anything a damaged file can make the readers raise
        raise RunError(f"{path} cannot be read: {error}") from None


def _array(archive: zipfile.ZipFile, name: str, path: Path) -> np.ndarray:
    member = archive.getinfo(name)
    if member.compress_type != zipfile.ZIP_STORED or member.file_size > path.stat().st_size:
        raise RunError(f"{path} is not an archive of plain arrays: {name!r} is compressed")
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            read_header = np.lib.format.read_array_header_1_0
        else:
            read_header = np.lib.format.read_array_header_2_0
        shape, fortran, dtype = read_header(file, max_header_size=HEADER)
        if dtype.hasobject or dtype.kind not in KINDS or any(side < 0 for side in shape):
            raise RunError(f"{path} is not an archive of plain arrays: {name!r} is of type {dtype}")
        num_bytes = math.prod(shape) * dtype.itemsize
        if num_bytes != member.file_size - file.tell():
            raise RunError(
                f"{path} is damaged: {name!r} should hold {num_bytes} bytes and holds "
                f"{member.file_size - file.tell()}"
            )
        flat = np.frombuffer(file.read(), dtype)
    return flat.reshape(shape, order="F" if fortran else "C").copy()
