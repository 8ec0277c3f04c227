"""A feature space: a function of pictures, with all that names it in a report; and the registry of them."""

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.base.registry import Registry

OFFLINE = "mobilenet, pixels and random"  # the spaces that need no network, for error messages


@dataclass(frozen=True)
class FeatureSpace:
    """A function from pictures to features, and all that makes its scores comparable.

    `function` takes float32 `(batch, size, size, channels)` in [0, 255] and returns
    `(batch, dim)`; `size` None means pictures as they are.
    """

    name: str
    function: Callable[[Any], Any]
    checksum: str
    size: int | None = None
    channels: int | None = 3  # 3: grey pictures are repeated to RGB; None: as they are
    batch_size: int = 64  # pictures per call; larger ones gain nothing but memory
    resize_within: str = ""  # how `function` itself resizes, in words

    @property
    def resize(self) -> str:
        """How pictures come to the size of the space, in words, for reports."""
        if self.resize_within:
            return self.resize_within
        return "none" if self.size is None else f"bicubic, antialiased, to {self.size}x{self.size}"


SPACES: Registry[Callable[..., FeatureSpace]] = Registry("feature space")


def checksum(*arrays: np.ndarray) -> str:
    """SHA-256 over shapes and values, the first 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for array in arrays:
        digest.update(repr((array.shape, array.dtype.str)).encode())
        digest.update(np.ascontiguousarray(array).reshape(-1).data)
    return digest.hexdigest()[:16]


def weights_checksum(model: Any) -> str:
    """`checksum` of all weights of a Keras model."""
    return checksum(*(weight.numpy() for weight in model.weights))


def load_weights(model: Any, path: str) -> None:
    """Loads a Keras weights file, or raises DataError saying why it does not fit."""
    try:
        with warnings.catch_warnings():
            # Keras only warns about layers that it leaves at random weights.
            warnings.simplefilter("error", UserWarning)
            model.load_weights(path)
    except (OSError, ValueError, KeyError, UserWarning) as problem:
        first = str(problem).strip().split("\n")[0]
        raise DataError(
            f"the weights file {path} does not fit {model.name}: {first}; give the file made for that network"
        ) from problem
