"""`ganzoo-evaluate`: how good, how varied, how honest the pictures of a run are."""

import sys
from pathlib import Path

from absl import flags

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.cli.app import command, define_integer, define_json, group, say_json
from ganzoo.trained import find

evaluation = LazyModule("ganzoo.evaluation")

ABOUT = """Scores the pictures of the run directory RUN against those it learned from, every number with its
real-against-real floor. RUN/evaluations then holds the numbers as JSON and a sheet of samples
beside the training pictures nearest to them. The same evaluation again replaces its own files; one of
anything else (another state, other data, measures, N, seed or versions) has files of its own."""


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_string("data", None, "take other real pictures than the run's own", flag_values=values)
    flags.DEFINE_string(
        "checkpoint", "best", "which state: best, last or its images seen", flag_values=values
    )
    flags.DEFINE_string(
        "features",
        "mobilenet",
        "which feature space: mobilenet, hed, inception, classifier, pixels or random",
        flag_values=values,
    )
    flags.DEFINE_list(
        "metrics", [], "which measures, comma-separated; default those that fit", flag_values=values
    )
    define_integer("num", 10_000, "how many generated pictures are judged", flag_values=values)
    define_integer("seed", 0, "which samples, and which random choices", flag_values=values)
    flags.DEFINE_string(
        "device", "auto", "which device calculates: auto, cpu, gpu or gpu:NUMBER", flag_values=values
    )
    define_json(values)
    return group(
        values,
        {
            "what is judged": "checkpoint num seed",
            "by what": "data features metrics",
            "on what it runs": "device",
            "what is printed": "json",
        },
    )


def main(values: flags.FlagValues, run: str) -> None:
    """Evaluates, prints the table and writes the files."""
    from ganzoo.training import devices

    trained = find(run)
    config = trained.config  # no run, no wait
    devices.check(values.device)
    from ganzoo.metrics.name_checks import check_names

    check_names(values.features, values.metrics)
    if values.num < 2:
        raise UsageError(f"--num is {values.num}, but at least 2 pictures are needed")
    trained.check(values.checkpoint)
    import_tensorflow_quietly()
    devices.choose(values.device)
    from ganzoo.disk import files
    from ganzoo.pictures import layout
    from ganzoo.training import run_pictures

    stages = Stages()
    found = evaluation.evaluate_run(
        run,
        checkpoint=values.checkpoint,
        source=values.data,
        features=values.features,
        measures=values.metrics or None,
        num=values.num,
        seed=values.seed,
        watch=stages,
    )
    # Weights are not the user's to write into.
    elsewhere = Path("evaluations", f"{config.model}-{trained.folder.resolve().name}")
    folder = elsewhere if trained.is_weights else trained.folder / "evaluations"
    folder.mkdir(parents=True, exist_ok=True)
    name = found.name
    files.write_text(folder / f"{name}.json", found.to_json())
    run_pictures.save_png(folder / f"{name}-nearest.png", layout.as_image(found.sheet))
    stages.end()
    print(found.report.to_text())
    print(f"{folder / name}.json has it all; {name}-nearest.png: samples beside their nearest reals")
    say_json(values, {"images_seen": found.images_seen, "report": str(folder / f"{name}.json")})


class Stages:
    """A bar for each stage of an evaluation, drawn over the one before."""

    def __init__(self):
        self._stage, self._bar, self._done = "", None, 0

    def __call__(self, stage: str, done: int, total: int) -> None:
        from ganzoo.data.bar import Bar

        name, _, detail = stage.partition(": ")
        if name != self._stage:
            self.end()
            self._stage, self._bar, self._done = name, Bar(name, total), 0
        self._bar.add(done - self._done, detail)
        self._done = done

    def end(self) -> None:
        """Leaves the line to what comes next."""
        if self._bar is not None:
            self._bar.clear()


def run() -> None:
    """Entry point of the console script."""
    sys.exit(command("ganzoo-evaluate", ABOUT, define_flags(), main, positional=("RUN",)))


if __name__ == "__main__":
    run()
