"""`tflite`: for phones and small devices, with built-in operations alone."""

import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ganzoo.base.errors import RunError
from ganzoo.base.lazy import tf
from ganzoo.export.formats import FORMATS, Format
from ganzoo.export.keras_archive import append_readme
from ganzoo.export.saved_model import SavedModel


@FORMATS.register("tflite")
@dataclass(frozen=True)
class TFLite(Format):
    """float32 weights, any batch. It goes by way of a SavedModel, which gives inputs and output names."""

    suffix: ClassVar[str] = ".tflite"

    def write(self, subject, path: Path) -> None:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            SavedModel().write(subject, Path(folder, "model"))
            converter = tf.lite.TFLiteConverter.from_saved_model(str(Path(folder, "model")))
            try:
                converted = converter.convert()
            except Exception as error:  # the converter raises its own, private classes
                reason = (str(error).strip() or type(error).__name__).splitlines()[0]
                raise RunError(f"TFLite's built-in operations cannot run this model: {reason}") from None
        path.write_bytes(converted)
        append_readme(path, subject.described())

    def pictures(self, subject, path: Path):
        with warnings.catch_warnings():
            # TensorFlow announces the move of its interpreter to ai_edge_litert, which runs the same files.
            warnings.simplefilter("ignore")
            interpreter = tf.lite.Interpreter(str(path))
            return interpreter.get_signature_runner()(**subject.inputs)[subject.signature.output.name]

    def notes(self, subject, path: Path) -> Iterator[str]:
        names = ", ".join(f"{port.name}={port.name}" for port in subject.signature.inputs)
        yield f"run it with: tf.lite.Interpreter({str(path)!r}).get_signature_runner()({names})"
