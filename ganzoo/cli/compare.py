"""`ganzoo-compare`: several models under equal terms, trained, scored and shown side by side."""

import sys

from absl import flags

from ganzoo.base import trial
from ganzoo.base.errors import UsageError
from ganzoo.cli.app import command, define_integer, define_json, group, say_json
from ganzoo.compare import compare
from ganzoo.compare.variations import parse_vary
from ganzoo.config import list_recipes
from ganzoo.family import FAMILIES

ABOUT = """Trains models on the same pictures, in the same order, for the same budget, scores them in the same
way, and writes a page that shows them side by side. Broken off, the same command goes on where it was.

  ganzoo-compare --models vanilla,dcgan,cgan,progan --images 50000 --out comparison
  ganzoo-compare --models dcgan --vary loss=non_saturating,hinge --minutes 10 --out losses
  ganzoo-compare runs/dcgan-1 runs/dcgan-2 runs/vanilla-1 --out ours   runs that are trained already
  ganzoo-compare --recipes mine.toml,theirs.toml --data FOLDER --images 200000 --out ours

Look at OUT/report.html; OUT/results.json and results.md hold the same numbers, and for a paper there are
results.csv, results.tex (booktabs), methods.txt and references.bib."""


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()

    def number(name, default, about):
        define_integer(name, default, about, flag_values=values)

    def several(name, default, about):
        flags.DEFINE_list(name, default, about, flag_values=values)

    several("models", [], f"which families, each with its quick recipe: {', '.join(sorted(FAMILIES))}")
    several("recipes", [], f"which recipes, by name or path: {', '.join(list_recipes())}")
    flags.DEFINE_multi_string(
        "vary", [], "KEY=V1,V2: every recipe with each of these values of a key", flag_values=values
    )
    flags.DEFINE_multi_string(
        "set", [], "an argument for all of them that know it, e.g. model.image_size=32", flag_values=values
    )
    flags.DEFINE_string(
        "weights", None, "what all of them begin with: trained weights or a run", flag_values=values
    )
    flags.DEFINE_string(
        "data",
        None,
        "where the pictures are: paintings, a folder, zip files, tfds:NAME or an .npz",
        flag_values=values,
    )
    number("images", None, "the budget of each run, in images seen")
    flags.DEFINE_float("minutes", None, "the budget of each run, in minutes of training", flag_values=values)
    number("seeds", 3, "how many runs of each")
    flags.DEFINE_string("out", None, "the comparison's folder, new or to go on with", flag_values=values)
    number(
        "eval_every", None, "how many images between two scores while training; default a tenth of the budget"
    )
    flags.DEFINE_string(
        "features",
        "mobilenet",
        "which feature space to judge by: mobilenet, hed, inception, classifier, pixels or random",
        flag_values=values,
    )
    number("num", 10_000, "how many generated pictures are scored in the end")
    number("jobs", 1, "how many runs are trained at a time; on one device they share the cores")
    several("devices", ["auto"], "which devices the runs take in turn: auto, cpu, gpu or gpu:NUMBER")
    flags.DEFINE_bool("retry", False, "train failed runs once more", flag_values=values)
    define_json(values)
    return group(
        values,
        {
            "what is compared": "models recipes weights vary set data",
            "how long, how often": "images minutes seeds retry",
            "by what": "features num eval_every",
            "where, and on what it runs": "out jobs devices",
            "what is printed": "json",
        },
    )


def main(values: flags.FlagValues, *runs: str) -> None:
    """Reads the flags, compares and says where to look."""
    if meant := [word for word in runs if word in FAMILIES]:
        raise UsageError(f"stray word {meant[0]!r}: write --models {','.join(meant)}")
    if values.out is None:
        raise UsageError(
            "say where to write it: --out FOLDER, a new one or that of a comparison to go on with"
        )
    vary: dict[str, list[str]] = {}
    for text in values.vary:
        key, texts = parse_vary(text)
        if key in vary:
            raise UsageError(f"--vary {key} is given twice; give all its values at once")
        vary[key] = texts
    images, minutes = values.images, values.minutes
    if shorter := trial.note():
        print(shorter)
        images, minutes = images and trial.shorter(images), minutes and minutes / trial.divisor()
    done = compare(
        runs,
        out=values.out,
        models=values.models,
        recipes=values.recipes,
        vary=vary,
        weights=values.weights,
        settings=values["set"].value,
        data=values.data,
        images=images,
        minutes=minutes,
        seeds=values.seeds,
        eval_every=values.eval_every,
        features=values.features,
        num=values.num,
        jobs=values.jobs,
        devices=values.devices,
        retry=values.retry,
        say=lambda text: print(text, flush=True),
    )
    ended = {run["folder"]: run["status"] for each in done.results["contestants"] for run in each["runs"]}
    print(f"look at {done.report}")
    say_json(values, {"report": str(done.report), "runs": ended})


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-compare", ABOUT, define_flags(), main, positional=("[RUN ...]",)))


if __name__ == "__main__":
    run()
