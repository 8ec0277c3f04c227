"""`savedmodel`: a folder that TensorFlow and TensorFlow Serving load, without Keras or ganzoo."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganzoo.base.errors import RunError
from ganzoo.base.lazy import keras
from ganzoo.disk.overwrite import refuse_foreign
from ganzoo.export.formats import FORMATS, Format

OWN = ("saved_model.pb", "fingerprint.pb", "README.txt", "assets", "variables", "variables/variables.*")
# Run in a process of its own: this one has our layers registered, and would find them.
RUN = """
import sys
import numpy as np
import tensorflow as tf
path, inputs, out = sys.argv[1:]
serve = tf.saved_model.load(path).signatures["serving_default"]
given = {name: tf.constant(value) for name, value in np.load(inputs).items()}
np.save(out, serve(**given)["images"].numpy())
if "ganzoo" in sys.modules:
    sys.exit("it needs ganzoo")
"""


@FORMATS.register("savedmodel")
@dataclass(frozen=True)
class SavedModel(Format):
    """Two ways in: `loaded.serve(latents)`, and the signature "serving_default" by names."""

    def refuse_foreign(self, path: Path) -> None:
        super().refuse_foreign(path / "README.txt")
        refuse_foreign(path, OWN)

    def write(self, subject, path: Path) -> None:
        archive = keras.export.ExportArchive()
        archive.track(subject.network)
        archive.add_endpoint("serve", subject.function)
        archive.write_out(str(path), verbose=False)
        (path / "README.txt").write_text(subject.described() + "\n", encoding="utf-8")

    def pictures(self, subject, path: Path):
        with tempfile.TemporaryDirectory() as folder:
            inputs, out = Path(folder, "inputs.npz"), Path(folder, "images.npy")
            np.savez(inputs, **subject.inputs)
            done = subprocess.run(
                [sys.executable, "-c", RUN, path.absolute(), inputs, out],
                cwd=folder,
                env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"},
                capture_output=True,
                text=True,
            )
            if done.returncode:
                said = done.stderr.strip().splitlines() or ["it said nothing"]
                raise RunError(f"the SavedModel cannot be run in a process of its own: {said[-1]}")
            return np.load(out)

    def notes(self, subject, path: Path) -> Iterator[str]:
        names = ", ".join(port.name for port in subject.signature.inputs)
        yield f'run it with: loaded = tf.saved_model.load({str(path)!r}); loaded.serve({names})["images"]'
