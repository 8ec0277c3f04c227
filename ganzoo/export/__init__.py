"""Giving a trained generator away: to programs without ganzoo, to phones, to a browser.

`export("runs/dcgan-1", "onnx", "generator.onnx")` writes the averaged generator alone, runs
what was written and compares its pictures with the run's own. A file that does not make them
is not left there. Each format is a file of this package and a name in `FORMATS`:

keras       a Keras archive                    onnx     for onnxruntime and many others
savedmodel  TensorFlow's, a folder             tflite   for phones and small devices
web         one page that works from disk      weights  for ganzoo itself, with a card
"""

import os
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganzoo.base.errors import RunError, UsageError
from ganzoo.base.lazy import LazyModule, tf
from ganzoo.base.paths import expanded
from ganzoo.disk.files import built
from ganzoo.export import keras_archive, onnx_file, packed, saved_model, tflite_file, web  # noqa: F401
from ganzoo.export.formats import FLOAT, FORMATS, PIXELS, UINT8, Format, chosen
from ganzoo.export.signature import Signature
from ganzoo.training.trained import find

subjects = LazyModule("ganzoo.export.subject")

__all__ = ["FLOAT", "FORMATS", "PIXELS", "UINT8", "Exported", "Format", "Signature", "check", "export"]


@dataclass(frozen=True)
class Exported:
    """What was written, and how it did.

    Attributes:
        path: the file or folder.
        num_bytes: its size.
        signature: inputs and output.
        difference: the largest one between its pictures and the run's own, in [-1, 1] or levels.
        tolerance: what that may be.
        unfinished: a sentence if the run has not come to its end, else "".
        notes: sentences on how to load it.
    """

    path: Path
    num_bytes: int
    signature: Signature
    difference: float
    tolerance: float
    unfinished: str
    notes: tuple[str, ...]


def check(run: str | Path, form: Format, out: str | Path, pixels: str = FLOAT, overwrite: bool = False):
    """All that can be known to be wrong before TensorFlow is imported; returns the run's config.

    Raises:
        UsageError: `out` is taken, misspelt or nowhere; the family's output does not suit the format.
        RunError: no run; a package that the format needs is not installed.
    """
    config = find(run).config
    form.check(config.family, pixels)
    out = expanded(out)
    if form.suffix and out.suffix != form.suffix:
        raise UsageError(f"--out is {out}, but it has to end with {form.suffix} for this format")
    if not out.parent.is_dir():
        raise UsageError(f"--out is {out}, but there is no folder {out.parent}; make it first")
    taken = os.path.lexists(out)
    if taken and not overwrite:
        raise UsageError(f"{out} exists already; --overwrite replaces it")
    if taken:
        form.refuse_foreign(out)
    return config


def export(
    run: str | Path,
    format: str,
    out: str | Path,
    *,
    checkpoint: str | int = "best",
    pixels: str = FLOAT,
    overwrite: bool = False,
    **options,
) -> Exported:
    """Writes the averaged generator of a run, or of weights, in a format, and checks it by running it.

    Args:
        run: a run directory, a folder of weights, or weights by name.
        format: one of `FORMATS`.
        out: the file or folder; it is there whole and checked, or not at all.
        checkpoint: which state, as for `ganzoo.load`.
        pixels: "float" for pictures in [-1, 1], "uint8" for [0, 255].
        overwrite: replace an earlier export.
        **options: those of the format, e.g. `title` of "web".

    Raises:
        UsageError, RunError: as `check`; no usable checkpoint; a disk that is full; an export whose
            pictures are not the run's.
    """
    form = chosen(format, **options)
    out = expanded(out)
    config = check(run, form, out, pixels, overwrite)
    subject = subjects.of(run, config, checkpoint, pixels)
    with _in_words(out), built(out, allow=form.refuse_foreign) as path:
        form.write(subject, path)
        difference = subject.difference(form.pictures(subject, path))
        tolerance = subject.allowed(form.tolerance)
        if not difference <= tolerance:  # NaN is none
            raise RunError(
                f"{out} was not written: its pictures differ from the run's by {difference:.2g}, "
                f"and {tolerance:g} is allowed; this format cannot run the model"
            )
    return Exported(
        out,
        _size(out),
        subject.signature,
        difference,
        tolerance,
        subject.unfinished,
        tuple(form.notes(subject, out)),
    )


@contextmanager
def _in_words(out: Path):
    """TensorFlow's own errors of the disk as a sentence."""
    try:
        yield
    except tf.errors.OpError as error:
        raise RunError(f"{out} could not be written: {str(error).splitlines()[0]}") from None


def _size(path: Path) -> int:
    files = [path] if path.is_file() else [each for each in path.rglob("*") if each.is_file()]
    return int(np.sum([each.stat().st_size for each in files]))
