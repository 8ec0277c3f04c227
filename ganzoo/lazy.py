"""Modules that are imported at their first use.

Importing TensorFlow takes seconds; saying that a flag is misspelt must not. A family
file declares its arguments (plain dataclass fields) and builds its networks (Keras) in
one place, so the heavy names it uses come from here:

    from ganzoo.lazy import keras, tf

and cost nothing until the first attribute is read. (Python's own `lazy import`, PEP 810,
will make this file unnecessary.)
"""

import importlib
import os
import sys


class LazyModule:
    """Stands for a module and imports it when an attribute is first read."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str):
        if self._name == "tensorflow" or self._name == "keras":
            quiet()
        module = importlib.import_module(self._name)
        return getattr(module, attribute)

    def __repr__(self) -> str:
        return f"<lazy module {self._name!r}>"


def quiet() -> None:
    """Asks TensorFlow not to greet on standard error; has no effect once it is imported."""
    if "tensorflow" not in sys.modules:
        os.environ.setdefault("KERAS_BACKEND", "tensorflow")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        os.environ.setdefault("GRPC_VERBOSITY", "ERROR")


tf = LazyModule("tensorflow")
keras = LazyModule("keras")
layers = LazyModule("ganzoo.layers")
