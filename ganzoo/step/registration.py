"""Registers ganzoo's classes as soon as Keras is imported: `.keras` files load after `import ganzoo`.

Keras finds a saved class by its registered name alone. Importing the modules that register them takes
TensorFlow, which `import ganzoo` does not wait for; so it is done as soon as Keras is there.
"""

import importlib
import importlib.abc
import importlib.util
import sys

MODULES = (
    "gan",
    "nn.layers",
    "nn.equalized",
    "step.optimizers",
    "step.replicas",
)  # whose classes a file may name


def register_with_keras() -> None:
    """Registers now if Keras is imported already, else once it is."""
    if "keras" in sys.modules:
        register()
    elif not any(isinstance(finder, AfterKeras) for finder in sys.meta_path):
        sys.meta_path.insert(0, AfterKeras())


def register() -> None:
    """Imports what registers classes; nothing under another backend, for which there is no ganzoo."""
    keras = sys.modules["keras"]
    # Not while Keras is being imported, nor for a stand-in of a test.
    if hasattr(keras, "backend") and keras.backend.backend() == "tensorflow":
        for name in MODULES:
            importlib.import_module(f"ganzoo.{name}")


class AfterKeras(importlib.abc.MetaPathFinder):
    """Sees Keras being imported, and registers when that is done."""

    _looking = False

    def find_spec(self, name, path=None, target=None):
        if name != "keras" or self._looking:
            return None
        self._looking = True  # the finders after this one are asked
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._looking = False
        if spec is not None and spec.loader is not None:
            run = spec.loader.exec_module

            def exec_module(module):
                if self in sys.meta_path:  # not before: some only look whether there is a Keras
                    sys.meta_path.remove(self)
                run(module)
                register()

            spec.loader.exec_module = exec_module
        return spec
