"""The run directory: all that resuming, sampling, evaluating and exporting need.

config.toml   the resolved recipe           log.csv       one line per period
checkpoints/  exact state, the newest few   samples/      fixed-latent grids
tensorboard/  the same for TensorBoard      reals.png     what it learns from
training.gif  loss.png  summary.json        written at the end, interrupted or not
"""

import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganzoo import regular, weights
from ganzoo.config import Config, differences, parse, resolve, to_toml
from ganzoo.errors import DataError, GanzooError, RunError, UsageError
from ganzoo.labels import listed
from ganzoo.paths import expanded
from ganzoo.places import of_a_stranger
from ganzoo.training import kept
from ganzoo.training.files import write_text

# What may differ when a run goes on: how long, how often reports come, how many are kept, where data lies.
FREE = (
    *("train.images", "train.minutes", "train.grid_every", "train.checkpoint_every"),
    *("train.checkpoint_minutes", "train.keep", "train.keep_every"),
    *("train.retries", "train.retry_learning_rate", "train.stop_on_collapse"),
    *("data.source", "data.labels_csv", "data.cache_dir"),  # the data's fingerprint says what it is
)


@dataclass(frozen=True)
class RunPaths:
    """Where the parts of a run directory are."""

    root: Path

    @property
    def config(self) -> Path:
        return self.root / "config.toml"

    @property
    def checkpoints(self) -> Path:
        return self.root / "checkpoints"

    @property
    def samples(self) -> Path:
        return self.root / "samples"

    @property
    def log(self) -> Path:
        return self.root / "log.csv"

    @property
    def summary(self) -> Path:
        return self.root / "summary.json"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    def grids(self) -> list[Path]:
        """The sample grids, the oldest first."""
        return sorted(self.samples.glob("images-*.png"))


def read_config(run_dir: Path) -> Config:
    """The config of an existing run, or of weights, which names no place. Raises RunError without one."""
    path = RunPaths(expanded(run_dir)).config
    try:
        config = resolve(parse(regular.read(path)), str(path))
        return of_a_stranger(config) if weights.is_weights(expanded(run_dir)) else config
    except FileNotFoundError:
        raise RunError(f"{run_dir} is not a run: it has no config.toml") from None
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError, GanzooError) as error:
        raise RunError(f"{path} cannot be read: {error}") from None


def exists(run_dir: Path) -> bool:
    """Whether there is a run in `run_dir`. Raises UsageError if there is something else."""
    root = Path(run_dir)
    if not root.exists():
        return False
    if not root.is_dir():
        raise UsageError(f"{root} is a file; --run_dir must name a new folder or the folder of a run")
    if (root / "config.toml").is_file():
        return True
    strangers = [p.name for p in root.iterdir() if p.name != ".lock"]
    if strangers:
        raise UsageError(
            f"{root} holds something else ({sorted(strangers)[0]}, no config.toml); "
            "give --run_dir a new or empty folder"
        )
    return False


def is_finished(run_dir: Path, config: Config) -> bool:
    """Whether the run has reached its budget, `config`'s, in images or in minutes."""
    try:
        summary = json.loads(regular.read_text(RunPaths(Path(run_dir)).summary))
        minutes = config.train.minutes
        time_is_up = minutes > 0 and summary["seconds"] >= 60.0 * minutes
        return bool(summary["finished"]) and (summary["images_seen"] >= config.train.images or time_is_up)
    except (OSError, ValueError, KeyError, TypeError):
        return False


def ended_by(run_dir: Path) -> str:
    """How far a finished run came, e.g. "100,000 images seen" or "61,024 images seen in 7.0 minutes"."""
    summary = json.loads(RunPaths(Path(run_dir)).summary.read_text(encoding="utf-8"))
    images = f"{summary['images_seen']:,} images seen"
    budget = read_config(run_dir).train.images
    return (
        images if summary["images_seen"] >= budget else f"{images} in {summary['seconds'] / 60:.1f} minutes"
    )


def changes(run_dir: Path, config: Config) -> list[str]:
    """What differs from the run's arguments and may not, e.g. "train.seed: 0 before, 1 now"."""
    before, family = read_config(run_dir), config.family
    # A run of an older version may not have noted all that is taken from the data today.
    from_data = [
        f"model.{name}"
        for name in family.from_data
        if getattr(family, name) is None or getattr(before.family, name, None) is None
    ]
    return [
        line
        for line in differences(before.tables(), config.tables())
        if line.split(":")[0] not in (*FREE, *from_data)
    ]


def refuse_changes(run_dir: Path, config: Config) -> None:
    """Raises UsageError, naming each difference, if the run was started under other arguments."""
    changed = changes(run_dir, config)
    if changed:
        raise UsageError(
            f"the run in {run_dir} was started differently ({'; '.join(changed)}); "
            "use the same arguments, another --run_dir, or --allow_changes"
        )


def refuse_other_classes(run_dir: Path, config: Config) -> None:
    """Raises DataError, both lists in it, if the run's classes are not those of `config`: their numbers are
    what its networks know."""
    before, now = read_config(run_dir).family.class_names, config.family.class_names
    if before is not None and now is not None and before != now:
        raise DataError(
            f"the run in {run_dir} numbers its classes {listed(before)}, but the data {listed(now)}; "
            f"go on with ganzoo-train --run_dir {run_dir} alone, which matches the same classes by name, "
            "or begin a new run"
        )


def create(run_dir: Path, config: Config) -> RunPaths:
    """Makes the folders of a run, a new one with its config. Raises RunError if that is not possible."""
    paths = RunPaths(Path(run_dir))
    if not paths.config.exists():
        write_config(paths, config)
    try:
        paths.checkpoints.mkdir(parents=True, exist_ok=True)
        paths.samples.mkdir(exist_ok=True)
    except OSError as error:
        raise RunError(f"{run_dir} cannot be used for a run: {error.strerror}") from None
    return paths


def write_config(paths: RunPaths, config: Config) -> None:
    """Writes the resolved recipe, atomically."""
    write_text(paths.config, to_toml(config.tables()))


def config_of(word: str | Path) -> Config:
    """The config of what a user calls trained: a run directory, a folder of weights or weights by name."""
    return read_config(weights.find(word))


def load(word: str | Path, checkpoint: str | int = "best"):
    """The model of a run directory or of published weights, compiled, with trained weights.

    Args:
        word: the folder `ganzoo-train` wrote, a folder of weights, or a name such as "dcgan/paintings".
        checkpoint: "best" by the metric stated in the run where there is one, else the last;
            "last"; or the number of images seen at a kept checkpoint or snapshot. Weights
            hold one state, the best and the last.
    """
    folder = weights.find(word)
    config = read_config(folder)
    if weights.is_weights(folder):
        return _published(folder, config, checkpoint)
    found = kept.choose(folder, checkpoint)
    _refuse_another_model(found, config)
    gan = make_gan(config)
    kept.take(gan, found)
    return gan


def _refuse_another_model(found: kept.Checkpoint, config: Config) -> None:
    """Raises RunError, naming each difference, if a state was saved under other arguments of the model."""
    recipe = found.notes.get("recipe")
    before = recipe.get("model") if isinstance(recipe, dict) else None
    if not isinstance(before, dict):
        return  # of a version that did not note it
    now = {name: value for name, value in config.tables()["model"].items() if name in before}
    changed = differences({"model": before}, {"model": now})
    if changed:
        raise RunError(
            f"{found.path} was saved of another model ({'; '.join(changed)}): was config.toml edited since? "
            "Take that back, or choose a later checkpoint"
        )


def check_checkpoint(word: str | Path, checkpoint: str | int) -> None:
    """Raises RunError if `load` would find no such checkpoint, by names alone: nothing is read."""
    folder = weights.find(word)
    if not weights.is_weights(folder):
        kept.check(folder, checkpoint)
    elif checkpoint not in (kept.BEST, kept.LAST):
        raise RunError(f"{folder} holds weights of one moment; leave the checkpoint {checkpoint!r} out")


def unfinished(word: str | Path, gan) -> str:
    """A sentence if a run has not come to its end; "" for a finished one and for weights."""
    folder = weights.find(word)
    if weights.is_weights(folder) or is_finished(folder, config := read_config(folder)):
        return ""
    return f"this run has seen {int(gan.images_seen.numpy()):,} of {config.train.images:,} images"


def _published(folder: Path, config: Config, checkpoint: str | int):
    """A GAN with published weights; its discriminator is an untrained one."""
    check_checkpoint(folder, checkpoint)
    arrays = weights.read(folder)
    gan = make_gan(config)
    kept.take_generator(gan, arrays)
    return gan


def make_gan(config: Config):
    """The compiled GAN that a config describes, with its initial weights."""
    from ganzoo.gan import GAN

    train = config.train
    gan = GAN(config.family, train.seed, train.precision, train.sync_batchnorm)
    gan.compile(config.objective)
    return gan


def write_summary(paths: RunPaths, summary: dict[str, Any]) -> None:
    """Writes `summary.json`, what a program reads at the end of a run."""
    write_text(paths.summary, json.dumps(summary, indent=1) + "\n")
