"""The run directory: all that resuming, sampling, evaluating and exporting need.

config.toml   the resolved recipe           log.csv       one line per period
checkpoints/  exact state, the newest few   samples/      fixed-latent grids
tensorboard/  the same for TensorBoard      reals.png     what it learns from
training.gif  loss.png  summary.json        written at the end, interrupted or not
"""

import contextlib
import fcntl
import json
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganzoo import regular, weights
from ganzoo.config import Config, differences, parse, resolve, to_toml
from ganzoo.errors import GanzooError, RunError, UsageError
from ganzoo.paths import expanded
from ganzoo.training import kept
from ganzoo.training.files import write_text

# What may differ when a run goes on: how long, how often reports come, how many are kept.
FREE = tuple(
    f"train.{name}"
    for name in (
        *("images", "minutes", "grid_every", "checkpoint_every", "checkpoint_minutes", "keep", "keep_every"),
        *("retries", "retry_learning_rate", "stop_on_collapse"),
    )
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
    """The config of an existing run. Raises RunError if there is none."""
    path = RunPaths(expanded(run_dir)).config
    try:
        tables = parse(regular.read(path))
        return resolve(tables, str(path))
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
    except (OSError, ValueError, KeyError):
        return False


def changes(run_dir: Path, config: Config) -> list[str]:
    """What differs from the run's arguments and may not, e.g. "train.seed: 0 before, 1 now"."""
    family = config.family
    from_data = [f"model.{name}" for name in family.from_data if getattr(family, name) is None]
    return [
        line
        for line in differences(read_config(run_dir).tables(), config.tables())
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


@contextlib.contextmanager
def locked(run_dir: Path):
    """Holds the run for this process; the system releases it when the process dies, however.

    Raises:
        RunError: if another process is training in this folder.
    """
    root = Path(run_dir)
    made = []
    try:
        for folder in [*reversed(root.parents), root]:
            if not folder.exists():
                folder.mkdir()
                made.append(folder)
        handle = os.open(root / ".lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        for folder in reversed(made):
            folder.rmdir()
        raise RunError(f"{run_dir} cannot be used for a run: {error.strerror}") from None
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise RunError(
                f"another process is training in {run_dir}; wait for it or use another --run_dir"
            ) from None
        yield
    finally:
        os.close(handle)
        if not (root / "config.toml").exists():  # it never came to a run: leave nothing behind
            with contextlib.suppress(OSError):
                (root / ".lock").unlink()
                for folder in reversed(made):
                    folder.rmdir()


def next_run_dir(name: str, parent: Path = Path("runs")) -> Path:
    """A new folder `runs/<name>-<number>`."""
    number = 1
    while (parent / f"{name}-{number}").exists():
        number += 1
    return parent / f"{name}-{number}"


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
    gan = make_gan(config)
    kept.take(gan, found)
    return gan


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
