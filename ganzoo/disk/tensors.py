"""Arrays in a safetensors file: what weights are given away in, for any framework, without pickles.

A length, a header in JSON, the bytes of the arrays. The library holds the header to the bytes that are
there (each belongs to one array, of the size that its shape and type say) before it sets memory aside.
What runs keep for themselves is in `ganzoo.disk.archive`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load, save

from ganzoo.base.errors import RunError
from ganzoo.disk import regular
from ganzoo.disk.archive import KINDS
from ganzoo.disk.sums import sha256_of


def write_tensors(path: Path, arrays: Mapping[str, np.ndarray], card: Mapping[str, Any]) -> None:
    """Writes arrays by name, and as metadata what they are: `card`, in JSON."""
    # The library takes the bytes as they lie, whatever their order.
    rows = {name: np.asarray(array, order="C") for name, array in arrays.items()}
    Path(path).write_bytes(save(rows, {"card": json.dumps(card)}))


def read_tensors(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """The arrays of a safetensors file, by name.

    Raises:
        RunError: if the checksum does not match, or the file is not what it says.
    """
    try:
        if sha256_of(path) != sha256:
            raise RunError(f"{path} is damaged: its checksum does not match")
        arrays = load(regular.read(path))
    except RunError:
        raise
    except Exception as error:  # anything a hostile header can make the library raise
        raise RunError(f"{path} cannot be read: {type(error).__name__}: {error}") from None
    for name, array in arrays.items():
        if array.dtype.kind not in KINDS:
            raise RunError(f"{path} is not a file of plain arrays: {name!r} is of type {array.dtype}")
    return arrays
