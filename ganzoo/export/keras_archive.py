"""`keras`: the archive of a plain Keras model, `.keras`."""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ganzoo.base.lazy import LazyModule, keras
from ganzoo.export.formats import FORMATS, Format

keras_private = LazyModule("ganzoo.step.keras_private")

README = "README.txt"


@FORMATS.register("keras")
@dataclass(frozen=True)
class KerasArchive(Format):
    """Loads in Keras's safe mode: it holds no pickle and no code. Our own layers need ganzoo imported."""

    suffix: ClassVar[str] = ".keras"

    def write(self, subject, path: Path) -> None:
        subject.network.save(path)
        append_readme(path, subject.described())

    def pictures(self, subject, path: Path):
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
        return network([subject.inputs[port.name] for port in subject.signature.inputs]).numpy()

    def notes(self, subject, path: Path) -> Iterator[str]:
        ours = {
            type(layer).__module__
            for layer in keras_private.layers_of(subject.network)
            if not type(layer).__module__.startswith("keras.")
        }
        before = f"import {', '.join(sorted(ours))}; " if ours else "import keras; "
        yield f"load it with: {before}keras.saving.load_model({str(path)!r})"
        if ours:
            yield "it has layers of ganzoo's, so ganzoo must be installed there; for savedmodel and onnx not"


def append_readme(path: Path, text: str) -> None:
    """Adds a README to a zip, or a zip with one to the end of a file; readers skip it, `unzip` shows it."""
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(README, text + "\n")
