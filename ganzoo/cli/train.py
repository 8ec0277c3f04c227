"""`ganzoo-train`: trains a model on pictures, or goes on with a run."""

import dataclasses
import sys
from pathlib import Path

from absl import flags

from ganzoo import running
from ganzoo.base import trial
from ganzoo.base.errors import UsageError
from ganzoo.base.paths import expanded
from ganzoo.cli.app import command, define_integer, define_json, group
from ganzoo.config import Config, list_recipes, recipe_for, resolve, shortened, with_budget
from ganzoo.data.sources import located
from ganzoo.family import FAMILIES
from ganzoo.settings import apply_setting
from ganzoo.step.precision import PRECISIONS
from ganzoo.training import beginning, runs
from ganzoo.training.strategies import NAMES

ABOUT = """Trains a GAN on pictures and writes everything into a run directory.

  ganzoo-train --model dcgan                          the quick recipe on the embedded paintings
  ganzoo-train --model dcgan --data FOLDER            on your own pictures
  ganzoo-train --config painting_dcgan --data FOLDER  a recipe by name or path
  ganzoo-train --weights dcgan/paintings --data FOLDER  tunes trained weights to your own pictures
  ganzoo-train --run_dir runs/dcgan-1                 goes on with an interrupted run"""

# Flags that are short for --set TABLE.KEY=VALUE.
SHORTCUTS = (
    ("data", "data", "source"),
    *(
        (name, "train", name)
        for name in (
            *(
                "images",
                "minutes",
                "seed",
                "checkpoint_every",
                "checkpoint_minutes",
                "keep_every",
                "eval_every",
            ),
            *("precision", "sync_batchnorm", "stop_on_collapse"),
        )
    ),
)


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()

    def text(name, about):
        flags.DEFINE_string(name, None, about, flag_values=values)

    text("model", f"the family to train: {', '.join(sorted(FAMILIES))}")
    text("config", f"a recipe, by name or path: {', '.join(list_recipes())}")
    text("weights", "what to begin with: trained weights by name or folder, or a run directory")
    text("data", "where the pictures are: paintings (embedded), a folder, zip files, tfds:NAME or an .npz")
    text("run_dir", "where the run is written, or the run to go on with; default runs/NAME-NUMBER")
    flags.DEFINE_multi_string(
        "set",
        [],
        "an argument of the recipe, e.g. model.width=32, train.batch_size=64 or loss=hinge",
        flag_values=values,
    )
    number, yes_no = define_integer, flags.DEFINE_bool
    number("images", None, "how long to train, in images seen", flag_values=values)
    flags.DEFINE_float("minutes", None, "how long at most, in minutes of training", flag_values=values)
    number(
        "seed", None, "which weights to begin with, which order of pictures, which draws", flag_values=values
    )
    number("checkpoint_every", None, "how many images are seen between two checkpoints", flag_values=values)
    flags.DEFINE_float(
        "checkpoint_minutes", None, "how many minutes pass between two checkpoints", flag_values=values
    )
    number("keep_every", None, "keep a snapshot of the generator every so many images", flag_values=values)
    number("eval_every", None, "score the samples every so many images, keep the best", flag_values=values)
    yes_no("stop_on_collapse", None, "end when the samples no longer differ", flag_values=values)
    text("precision", f"what the networks calculate in: {', '.join(PRECISIONS)}")
    yes_no("sync_batchnorm", None, "take BatchNorm's statistics over all devices", flag_values=values)
    flags.DEFINE_string(
        "strategy", "auto", f"how several devices share the work: {', '.join(NAMES)}", flag_values=values
    )
    text("profile", "FIRST,LAST: steps of which a profile is written for TensorBoard")
    flags.DEFINE_string(
        "device", "auto", "which device calculates: auto, cpu, gpu or gpu:NUMBER", flag_values=values
    )
    flags.DEFINE_bool(
        "allow_changes", False, "go on with a run although its arguments changed", flag_values=values
    )
    flags.DEFINE_bool(
        "allow_other_data", False, "go on with a run although its data changed", flag_values=values
    )
    flags.DEFINE_bool(
        "from_best", False, "go on from the best state where no checkpoint can be used", flag_values=values
    )
    define_json(values)
    return group(
        values,
        {
            "what to train": "model config weights data set",
            "how long": "images minutes",
            "which run, and going on with one": "run_dir seed allow_changes allow_other_data from_best",
            "what is kept": "checkpoint_every checkpoint_minutes keep_every",
            "what is scored": "eval_every stop_on_collapse",
            "on what it runs": "device strategy precision sync_batchnorm profile",
            "what is printed": "json",
        },
    )


def main(values: flags.FlagValues) -> int:
    """Resolves the flags to a config and a run directory, and trains."""
    config, run_dir, name = plan(values)
    if shorter := trial.note():
        print(shorter)
    done = running.start(
        config,
        run_dir,
        name,
        device=values.device,
        strategy=values.strategy,
        allow_changes=values.allow_changes,
        allow_other_data=values.allow_other_data,
        from_best=values.from_best,
        profile=profiled_steps(values.profile),
        say_json=values["json"].value,
    )
    return done.exit_code


def profiled_steps(text: str | None) -> tuple[int, int] | None:
    """The first and last step that --profile names."""
    if text is None:
        return None
    first, _, last = text.partition(",")
    if not (first.strip().isdigit() and last.strip().isdigit() and 1 <= int(first) <= int(last)):
        raise UsageError(f"--profile is {text!r}, but must be FIRST,LAST: two step numbers, e.g. 100,110")
    return int(first), int(last)


def plan(values: flags.FlagValues) -> tuple[Config, Path | None, str]:
    """What the flags mean: the config, where it is trained (None: a new folder), and that folder's name.

    Imports no TensorFlow.
    """
    run_dir = expanded(values.run_dir) if values.run_dir else None
    if values.weights and values.model is None and values.config is None:
        tables = with_budget(beginning.tables_of(values.weights), budget_of(values))
    elif values.model is None and values.config is None:
        if run_dir is None or not runs.exists(run_dir):
            if run_dir is not None and not run_dir.exists():
                raise UsageError(
                    f"there is no run {values.run_dir} to go on with; for a new one there say what to train, "
                    "e.g. --model dcgan"
                )
            raise UsageError(
                "say what to train: --model dcgan, --config RECIPE, --weights NAME to begin with, or "
                "--run_dir of an existing run to go on with"
            )
        tables = runs.read_config(run_dir).tables()
    else:
        tables = with_budget(recipe_for(values.model, values.config), budget_of(values))
    if values.weights:
        tables.setdefault("train", {})["begin_with"] = beginning.located(values.weights)
    for setting in values["set"].value:
        apply_setting(tables, setting)
    for flag, table, key in SHORTCUTS:
        if values[flag].value is not None:
            if any(setting.split("=")[0].strip() == f"{table}.{key}" for setting in values["set"].value):
                raise UsageError(
                    f"--{flag} and --set {table}.{key}=... say the same thing twice; use one of them"
                )
            tables.setdefault(table, {})[key] = values[flag].value
    if values.model or values.config or values.weights or budget_of(values) is not None:
        tables = shortened(tables)
    config = resolve(tables)
    config = dataclasses.replace(config, data=located(config.data))
    return config, run_dir, Path(values.config).stem if values.config else config.model


def budget_of(values: flags.FlagValues) -> int | None:
    """The images that --images or --set train.images asks for."""
    if values.images is not None:
        return values.images
    asked = {"train": {}}
    for setting in values["set"].value:
        if setting.partition("=")[0].strip() == "train.images":
            apply_setting(asked, setting)
    return asked["train"].get("images")


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-train", ABOUT, define_flags(), main))


if __name__ == "__main__":
    run()
