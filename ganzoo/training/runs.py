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

from ganzoo.base.errors import DataError, GanzooError, RunError, UsageError
from ganzoo.base.paths import expanded
from ganzoo.config import Config, differences, parse, resolve, to_toml
from ganzoo.disk import regular
from ganzoo.disk.files import write_text
from ganzoo.kinds.classes import listed

# What may differ when a run goes on: how long, how often reports come, how many are kept, and where data
# lies: what it is, its fingerprint says.
FREE = (
    *("train.images", "train.minutes", "train.grid_every", "train.checkpoint_every"),
    *("train.checkpoint_minutes", "train.keep", "train.keep_every"),
    *("train.retries", "train.retry_learning_rate", "train.stop_on_collapse"),
    *("data.source", "data.labels_csv", "data.cache_dir", "data.a.source", "data.b.source"),
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
    """The config of a run or of weights as it is written there. Raises RunError without one."""
    path = RunPaths(expanded(run_dir)).config
    try:
        return resolve(parse(regular.read(path)), str(path))
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
    labels = (read_config(run_dir).family.label, config.family.label)
    before, now = (label and label.names for label in labels)
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


def remove_unbegun(paths: RunPaths) -> None:
    """Removes what `create` made for a run that cannot begin."""
    paths.config.unlink(missing_ok=True)
    for folder in (paths.checkpoints, paths.samples):
        folder.rmdir()


def write_config(paths: RunPaths, config: Config) -> None:
    """Writes the resolved recipe, atomically."""
    write_text(paths.config, to_toml(config.tables()))


def make_gan(config: Config):
    """The compiled GAN that a config describes, with its initial weights."""
    from ganzoo.gan import GAN

    train = config.train
    gan = GAN(config.family, train.seed, train.precision, train.sync_batchnorm)
    gan.compile(config.objective)
    return gan


def read_summary(run_dir: Path) -> dict[str, Any]:
    """The end of a run in numbers, as it was written. Raises RunError without one."""
    path = RunPaths(Path(run_dir)).summary
    try:
        return json.loads(regular.read_text(path))
    except (OSError, ValueError) as error:
        raise RunError(f"{path} cannot be read: {error}") from None


def write_summary(paths: RunPaths, summary: dict[str, Any]) -> None:
    """Writes `summary.json`, what a program reads at the end of a run."""
    write_text(paths.summary, json.dumps(summary, indent=1) + "\n")
