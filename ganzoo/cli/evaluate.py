"""`ganzoo-evaluate`: how good, how varied, how honest the pictures of a run are."""

import sys
from pathlib import Path

from absl import flags

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.base.paths import expanded
from ganzoo.cli.app import command, define_integer, define_json, group, say_json
from ganzoo.training import devices
from ganzoo.training.trained import find

evaluation, loose_pictures = LazyModule("ganzoo.evaluation"), LazyModule("ganzoo.loose_pictures")

ABOUT = """Scores the pictures of the run directory RUN against those it learned from, every number with its
real-against-real floor. RUN/evaluations then holds the numbers as JSON and a sheet of samples
beside the training pictures nearest to them. The same evaluation again replaces its own files; one of
anything else (another state, other data, measures, N, seed or versions) has files of its own.

  ganzoo-evaluate runs/dcgan-1                          a run
  ganzoo-evaluate their_samples/ --data photos/         pictures of any origin
  ganzoo-evaluate runs/dcgan-1 --keep_pictures scored   and everything that is scored as PNGs"""


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
        "which feature space: mobilenet, hed, inception, inception2015, classifier, pixels or random",
        flag_values=values,
    )
    flags.DEFINE_list(
        "metrics", [], "which measures, comma-separated; default those that fit", flag_values=values
    )
    flags.DEFINE_string(
        "feature_weights",
        None,
        "the file of weights that inception or inception2015 shall use",
        flag_values=values,
    )
    flags.DEFINE_string(
        "keep_pictures", None, "write what is scored as PNGs into this new folder", flag_values=values
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
            "by what": "data features feature_weights metrics",
            "on what it runs": "device",
            "what is kept and printed": "keep_pictures json",
        },
    )


def main(values: flags.FlagValues, run: str) -> None:
    """Evaluates, prints the table and writes the files."""
    loose = loose_pictures.is_of_pictures(expanded(run))
    found_run = None if loose else find(run)
    if found_run is not None:
        found_run.config  # noqa: B018  no run, no wait
    elif values.data is None:
        raise UsageError(f"{run} holds pictures; say which real ones to score them against: --data FOLDER")
    devices.check(values.device)
    from ganzoo.metrics.name_checks import check_names

    check_names(values.features, values.metrics)
    if values.num < 2:
        raise UsageError(f"--num is {values.num}, but at least 2 pictures are needed")
    if found_run is not None:
        found_run.check(values.checkpoint)
    elif values.keep_pictures:
        raise UsageError(f"{run} holds pictures already; leave --keep_pictures out")
    import_tensorflow_quietly()
    devices.choose(values.device)
    stages = Stages()
    how = {
        "features": space_of(values.features, values.feature_weights),
        "measures": values.metrics or None,
        "num": values.num,
        "seed": values.seed,
        "watch": stages,
    }
    if found_run is None:
        found = loose_pictures.evaluate_folder(run, values.data, **how)
    else:
        keep = None if values.keep_pictures is None else expanded(values.keep_pictures)
        found = evaluation.evaluate_run(
            run, checkpoint=values.checkpoint, source=values.data, keep=keep, **how
        )
    written = write(found, folder_of(run, found_run))
    stages.end()
    print(found.report.to_text())
    print(f"{written} has it all; {written.stem}-nearest.png: samples beside their nearest reals")
    say_json(values, {"images_seen": found.images_seen, "report": str(written)})


def space_of(name: str, path: str | None):
    """The feature space of the flags: its name, or, with a file of weights, the space itself."""
    if path is None:
        return name
    from ganzoo.metrics import feature_space

    if name not in ("inception", "inception2015"):
        raise UsageError(f"--feature_weights says nothing of {name}; it is for inception and inception2015")
    return feature_space(name, weights=expanded(path))


def folder_of(word: str, trained) -> Path:
    """Where the report goes: into the run; weights and pictures are not ours to write into."""
    if trained is None:
        return Path("evaluations", expanded(word).resolve().name)
    if trained.is_weights:
        return Path("evaluations", f"{trained.config.model}-{trained.folder.resolve().name}")
    return trained.folder / "evaluations"


def write(found, folder: Path) -> Path:
    """Writes the numbers and the sheet; returns the path of the numbers."""
    from ganzoo.disk import files
    from ganzoo.pictures import layout
    from ganzoo.training import run_pictures

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{found.name}.json"
    files.write_text(path, found.to_json())
    run_pictures.save_png(folder / f"{found.name}-nearest.png", layout.as_image(found.sheet))
    return path


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
