"""`ganzoo-export`: a trained generator for other programs, phones and browsers."""

import sys
from pathlib import Path

from absl import flags

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.cli.app import command, group

export = LazyModule("ganzoo.export")

ABOUT = """Writes the averaged generator of RUN (a run directory, a folder of weights or weights by name),
runs what was written, and keeps it only if its pictures are the run's own.

  ganzoo-export runs/dcgan-1 --format onnx --out generator.onnx
  ganzoo-export runs/dcgan-1 --format web --out page.html --title "This painting does not exist"

formats:
  keras       .keras archive; its layers need ganzoo where it is loaded
  savedmodel  folder for TensorFlow, without Keras or ganzoo
  onnx        .onnx for onnxruntime and others; the extra: pip install '.[onnx]'
  tflite      .tflite for phones, built-in operations only
  web         one .html that runs the generator in a browser, opened from disk, on phones too
  weights     folder for ganzoo itself, with a card; a zip if --out ends so
  hf          the same folder as a repository of the Hugging Face Hub

inputs and output of keras, savedmodel, onnx and tflite, by name:
  latents  float32 (batch, latent_dim), standard normal
  label    int32 (batch,), the class; conditional models only
  images   float32 (batch, height, width, channels) in [-1, 1]; with --pixels uint8: uint8 in [0, 255]"""

OPTIONS = ("title", "half", "discriminator")  # of formats: the flags that only some of them take


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_string("format", None, "one of the formats above", flag_values=values)
    flags.DEFINE_string("out", None, "the file or folder to write", flag_values=values)
    flags.DEFINE_string(
        "checkpoint", "best", "which state: best, last or its images seen", flag_values=values
    )
    flags.DEFINE_string(
        "pixels", "float", "what comes out: float for [-1, 1], uint8 for [0, 255]", flag_values=values
    )
    flags.DEFINE_bool("overwrite", False, "replace an earlier export", flag_values=values)
    flags.DEFINE_string("title", None, "what stands above the picture of a web page", flag_values=values)
    flags.DEFINE_bool(
        "discriminator",
        None,
        "pack the discriminator with weights (the default), to begin a training with, or leave it out",
        flag_values=values,
    )
    flags.DEFINE_bool(
        "half",
        None,
        "keep a web page's weights in half precision (the default) or, with --nohalf, exactly",
        flag_values=values,
    )
    return group(
        values,
        {
            "what is exported": "checkpoint pixels",
            "in which form": "format title half discriminator",
            "where to": "out overwrite",
        },
    )


def main(values: flags.FlagValues, run: str) -> None:
    """Checks what is asked for, writes it and says what it is."""
    for name in ("format", "out"):
        if values[name].value is None:
            raise UsageError(f"--{name} is missing (see ganzoo-export --help)")
    options = {name: values[name].value for name in OPTIONS if values[name].value is not None}
    form = export.formats.chosen(values.format, **options)
    export.check(run, form, values.out, values.pixels, values.overwrite)
    from ganzoo.training import devices
    from ganzoo.training.trained import find

    find(run).check(values.checkpoint)
    import_tensorflow_quietly()
    devices.choose("cpu")  # a GPU's convolutions are rounded more than the comparison allows
    done = export.export(
        run,
        values.format,
        Path(values.out),
        checkpoint=values.checkpoint,
        pixels=values.pixels,
        overwrite=values.overwrite,
        **options,
    )
    if done.unfinished:
        print(done.unfinished)
    unit = "levels of 255" if done.signature.output.dtype == export.UINT8 else "in [-1, 1]"
    print(f"max |difference| {done.difference:.2g} {unit} ({done.tolerance:g} is allowed)")
    print(f"{values.format} is in {done.path} ({done.num_bytes:,} bytes)")
    for line in (*done.signature.lines(), *done.notes):
        print(f"  {line}")


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-export", ABOUT, define_flags(), main, positional=("RUN",)))


if __name__ == "__main__":
    run()
