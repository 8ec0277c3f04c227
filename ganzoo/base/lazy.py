"""Modules that are imported at their first use.

Importing TensorFlow takes seconds; saying that a flag is misspelt must not. A family
file declares its arguments (plain dataclass fields) and builds its networks (Keras) in
one place, so the heavy names it uses come from here:

    from ganzoo.base.lazy import keras, tf

and cost nothing until the first attribute is read. (Python's own `lazy import`, PEP 810,
will make this file unnecessary.)
"""

import contextlib
import importlib
import os
import sys
from collections.abc import Mapping

from ganzoo.base import surroundings
from ganzoo.base.errors import RunError


class LazyModule:
    """Stands for a module and imports it when an attribute is first read."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str):
        with contextlib.nullcontext() if self._name in sys.modules else quiet_imports():
            module = importlib.import_module(self._name)
        return getattr(module, attribute)

    def __repr__(self) -> str:
        return f"<lazy module {self._name!r}>"


def late_names(package: str, homes: Mapping[str, str]):
    """The `__getattr__` of a package whose public names are imported at their first use.

    Args:
        package: its name, e.g. "ganzoo.nn".
        homes: each public name and the module of the package that it lives in.
    """

    def attribute(name: str):
        if name not in homes:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with quiet_imports():
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)

    return attribute


@contextlib.contextmanager
def quiet_imports():
    """Within, TensorFlow is imported without its greeting on standard error.

    Some of its libraries print while they are loaded, before any log level is read, so file descriptor 2
    looks away for that moment. Where TensorFlow is imported already, by the user perhaps, nothing changes.
    """
    if "tensorflow" in sys.modules:
        yield
        return
    has_driver = sys.platform != "linux" or os.path.exists("/dev/nvidiactl")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2" if has_driver else "3")  # 3: not "no GPU" as an error
    if sys.stderr is not None:
        sys.stderr.flush()
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow without its greeting on standard error: ganzoo speaks for itself.

    What the user's environment says to it and to Keras of other projects is not heard by a command, see
    `ganzoo.base.surroundings`.

    Raises:
        RunError: if they cannot be imported.
    """
    try:
        with quiet_imports():
            importlib.import_module("tensorflow")
            surroundings.fit_keras(importlib.import_module("keras"))
    except Exception as error:  # of an installation, a driver, a file of Keras's: anything
        raise RunError(surroundings.why_not(error)) from None


tf = LazyModule("tensorflow")
keras = LazyModule("keras")
