"""Data sets by name: `--data digits`, embedded, and those that Keras downloads once, such as `--data mnist`.

A file or folder of the same name, where there is one, is meant and not the set.
"""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError


@dataclass(frozen=True)
class Named:
    """A set of arrays, as an .npz has them, by its name.

    Args:
        about: what it holds.
        arrays: loads its arrays `image` and `label`, or `x_train`, `y_train`, ... by name.
        is_embedded: whether it is inside the package, so that no network is needed.
    """

    about: str
    arrays: Callable[[], Mapping]
    is_embedded: bool = False


def digits() -> Mapping:
    """The embedded digits: `image` uint8 (1797, 8, 8) and `label` int64 (1797,)."""
    import numpy as np

    with np.load(Path(__file__).parent / "digits/digits.npz", allow_pickle=False) as found:
        return dict(found)


def _of_keras(name: str, files: str, megabytes: int) -> Callable[[], Mapping]:
    """Loads a set of `keras.datasets`, which Keras keeps as `files` below its own folder."""

    def arrays() -> Mapping:
        import keras

        home = Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser()
        place = home / "datasets" / files
        if not place.exists():
            print(f"data: Keras downloads {name}, {megabytes} MB, from storage.googleapis.com to {place}")
        try:
            (x_train, y_train), (x_test, y_test) = getattr(keras.datasets, name).load_data()
        except Exception as error:  # Keras raises a bare Exception where there is no network
            said = " ".join(str(error).split())[:200]
            raise DataError(
                f"{name} is not on this machine and could not be downloaded ({said}): put {place} there by "
                "hand, allow this machine the network once, or give another --data"
            ) from None
        return {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}

    return arrays


NAMED = {
    "digits": Named("1,797 handwritten digits, 8x8, embedded (CC BY 4.0)", digits, is_embedded=True),
    "mnist": Named("70,000 handwritten digits, 28x28", _of_keras("mnist", "mnist.npz", 11)),
    "fashion_mnist": Named(
        "70,000 garments and shoes, 28x28", _of_keras("fashion_mnist", "fashion-mnist", 30)
    ),
}


def is_named(source: str) -> bool:
    """Whether a source is one of these sets, and not a file or folder that is there."""
    return source in NAMED and not os.path.exists(source)
