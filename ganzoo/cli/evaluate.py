"""`ganzoo-evaluate`: how good, how varied, how honest the pictures of a run are."""

import json
import sys
from pathlib import Path

from absl import flags

from ganzoo import weights
from ganzoo.cli.app import command, define_integer
from ganzoo.errors import UsageError
from ganzoo.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.training import runs

evaluation = LazyModule("ganzoo.evaluation")

ABOUT = """Scores the pictures of the run directory RUN against those it learned from, every number with its
real-against-real floor. RUN/evaluations then holds the numbers as JSON and a sheet of samples
beside the training pictures nearest to them. The same evaluation again replaces its own files; one of
anything else (another state, other data, measures, N, seed or versions) has files of its own."""


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_string("data", None, "other real pictures than the run's own", flag_values=values)
    flags.DEFINE_string("checkpoint", "best", "best, last or images seen", flag_values=values)
    flags.DEFINE_string(
        "features", "mobilenet", "mobilenet, hed, inception, classifier, pixels or random", flag_values=values
    )
    flags.DEFINE_list("metrics", [], "measures, comma-separated; default those that fit", flag_values=values)
    define_integer("num", 10_000, "generated pictures", flag_values=values)
    define_integer("seed", 0, "of the samples and every random choice", flag_values=values)
    flags.DEFINE_string("device", "auto", "auto, cpu, gpu or gpu:NUMBER", flag_values=values)
    return values


def main(values: flags.FlagValues, run: str) -> None:
    """Evaluates, prints the table and writes the files."""
    from ganzoo.training import devices

    root = weights.find(run)
    config = runs.read_config(root)  # no run, no wait
    devices.check(values.device)
    check_names(values.features, values.metrics)
    if values.num < 2:
        raise UsageError(f"--num is {values.num}, but at least 2 pictures are needed")
    runs.check_checkpoint(root, values.checkpoint)
    import_tensorflow_quietly()
    devices.choose(values.device)
    from ganzoo import layout
    from ganzoo.training import files, pictures

    stages = Stages()
    found = evaluation.evaluate_run(
        root,
        checkpoint=values.checkpoint,
        source=values.data,
        features=values.features,
        measures=values.metrics or None,
        num=values.num,
        seed=values.seed,
        watch=stages,
    )
    # Weights are not the user's to write into.
    elsewhere = Path("evaluations", f"{config.model}-{root.resolve().name}")
    folder = elsewhere if weights.is_weights(root) else root / "evaluations"
    folder.mkdir(parents=True, exist_ok=True)
    name = found.name
    files.write_text(folder / f"{name}.json", found.to_json())
    pictures.save_png(folder / f"{name}-nearest.png", layout.as_image(found.sheet))
    stages.end()
    print(found.report.to_text())
    print(f"{folder / name}.json has it all; {name}-nearest.png: samples beside their nearest reals")
    print(json.dumps({"images_seen": found.images_seen, "report": str(folder / f"{name}.json")}))


class Stages:
    """A bar for each stage of an evaluation, drawn over the one before."""

    def __init__(self):
        self._stage, self._bar, self._done = "", None, 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        from ganzoo.data.progress import Bar

        name, _, detail = stage.partition(": ")
        if name != self._stage:
            self.end()
            self._stage, self._bar, self._done = name, Bar(name, total, shown=sys.stderr.isatty()), 0
        self._bar.add(done - self._done, detail)
        self._done = done

    def end(self) -> None:
        """Leaves the line to what comes next."""
        if self._bar is not None:
            self._bar.clear()


def check_names(features: str, measures: list[str]) -> None:
    """Raises UsageError for a name that does not exist, before seconds go by."""
    from ganzoo.metrics.measures import MEASURES
    from ganzoo.metrics.spaces import check_space

    check_space(features)
    for name in measures:
        MEASURES[name]


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-evaluate", ABOUT, define_flags(), main, positional=("RUN",)))


if __name__ == "__main__":
    run()
