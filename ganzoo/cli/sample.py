"""`ganzoo-sample`: a sheet of pictures by a trained run, of any class or of one."""

import sys
from pathlib import Path

from absl import flags

from ganzoo.cli.app import command
from ganzoo.errors import UsageError
from ganzoo.lazy import import_tensorflow_quietly
from ganzoo.training import runs

ABOUT = """Draws pictures with the model of the run directory RUN and writes them as one sheet.

  ganzoo-sample runs/dcgan-1 --num 100 --out samples.png
  ganzoo-sample runs/cgan-1 --class "19th century" """


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_integer("num", 64, "how many pictures", flag_values=values)
    flags.DEFINE_integer("seed", 0, "which ones", flag_values=values)
    flags.DEFINE_string("class", None, "of which class, by name or number; default any", flag_values=values)
    flags.DEFINE_string("checkpoint", "best", "best, last or images seen", flag_values=values)
    flags.DEFINE_string("out", "samples.png", "the sheet", flag_values=values)
    return values


def main(values: flags.FlagValues, run: str) -> None:
    """Checks what is asked for, draws it and writes the sheet."""
    family = runs.config_of(run).family
    if values.num < 1:
        raise UsageError(f"--num is {values.num}; ask for at least 1 picture")
    label = values["class"].value
    if label is not None:
        named = getattr(family, "class_names", None)
        label = int(label) if not named and label.isdigit() else label
        label = family.label_numbers(label, 1)  # a class that does not exist is answered at once
    out = Path(values.out)
    if not out.parent.is_dir():
        raise UsageError(f"--out is {out}, but there is no folder {out.parent}; make it first")
    import_tensorflow_quietly()
    from ganzoo.training import pictures

    checkpoint = int(values.checkpoint) if values.checkpoint.isdigit() else values.checkpoint
    images = runs.load(run, checkpoint).sample(values.num, values.seed, labels=label)
    pictures.save_png(out, pictures.grid(images))
    print(f"{values.num} pictures are in {out}")


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-sample", ABOUT, define_flags(), main, positional=("RUN",)))


if __name__ == "__main__":
    run()
