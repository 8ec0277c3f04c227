"""Training a config in a run directory, from the first step or from where it was left.

Keras's `fit` begins an epoch anew when it is started again; here a run goes on in the
middle of one, so the loop is written out. Everything happens at a number of images seen,
which is the only clock.
"""

import dataclasses
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import ganzoo
from ganzoo import data
from ganzoo.config import Config
from ganzoo.errors import RunError, UsageError
from ganzoo.family import Family
from ganzoo.gan import GAN
from ganzoo.training import checkpoints, pictures, runs
from ganzoo.training.board import Board
from ganzoo.training.interrupt import StopRequests
from ganzoo.training.log import Log
from ganzoo.training.memory import peak_memory
from ganzoo.training.progress import Progress, clock

NUM_SAMPLES = 64
MOST_CLASSES = 32  # rows of a grid
LEAST_STEPS = 200  # between two reports: an epoch of few pictures is only a handful of steps


@dataclass(frozen=True)
class Rhythm:
    """When things happen, in images seen."""

    step: int  # images of one training step
    epoch: int  # pictures in the data set
    period: int  # one line of the log: an epoch, or as many as LEAST_STEPS steps take
    grid: int
    checkpoint: int

    @classmethod
    def of(cls, config: Config, num_pictures: int) -> "Rhythm":
        step = config.train.batch_size * config.objective.d_steps
        epochs = max(1, -(-LEAST_STEPS * step // num_pictures))
        period = epochs * num_pictures
        return cls(
            step,
            num_pictures,
            period,
            config.train.grid_every or (period if epochs > 1 else LEAST_STEPS * step),
            config.train.checkpoint_every or period,
        )


def train(
    config: Config,
    run_dir: str | Path,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    allow_changes: bool = False,
    stream=None,
) -> dict[str, Any]:
    """Trains until the budget is reached, going on from the last checkpoint if there is one.

    Args:
        config: what to train, see `ganzoo.config.resolve`.
        run_dir: the run directory, new or of the same run.
        callbacks: Keras callbacks; an epoch is a period of the log.
        allow_changes: go on although arguments differ from those the run began with.
        stream: where progress is printed; default standard output.

    Returns:
        The run's summary, as in `summary.json`; `exit_code` is 0 unless a signal ended it.

    Raises:
        DataError: if the data is missing or does not fit.
        RunError: if the run directory cannot be used, or training diverged.
        UsageError: if the run there was started differently.
    """
    run_dir = Path(run_dir)
    resumed = runs.exists(run_dir)
    if resumed and not allow_changes:
        runs.refuse_changes(run_dir, config)
    size, channels = picture_shape(config.family)
    store = data.load(config.data, size, channels)
    config = dataclasses.replace(config, family=config.family.fitted_to(store))
    if resumed and not allow_changes:
        runs.refuse_changes(run_dir, config)  # again, with what the data says
    if config.train.batch_size > len(store):
        raise UsageError(
            f"train.batch_size is {config.train.batch_size}, but the data has {len(store)} pictures; "
            f"use more pictures or --set train.batch_size={len(store)} or less"
        )
    with runs.locked(run_dir):
        paths = runs.create(run_dir, config)
        with StopRequests() as stop:
            return _Session(config, paths, store, stop, list(callbacks), stream).run()


def picture_shape(family: Family) -> tuple[int, int]:
    """Side and channels of the pictures that a family learns. Raises UsageError if they are not square."""
    shape = family.batch_spec.get("image", ())
    if len(shape) != 3 or shape[0] != shape[1]:
        raise UsageError(
            f"this model learns examples of shape {shape}, but pictures are square: "
            "(side, side, channels); train it in Python with gan.fit(dataset)"
        )
    return shape[0], shape[2]


class _Session:
    """One process's share of a run."""

    def __init__(self, config: Config, paths: runs.RunPaths, store, stop: StopRequests, callbacks, stream):
        self.config, self.paths, self.store, self.stop = config, paths, store, stop
        self.rhythm = Rhythm.of(config, len(store))
        self.gan: GAN = runs.make_gan(config)
        self.log = Log(paths.log)
        self.logged_step, self.seconds_before = 0, 0.0
        self._restore(stream)
        self.step, self.images_seen = int(self.gan.step), int(self.gan.images_seen)
        self.log.rewind(self.logged_step)
        self.progress = Progress(config.train.images, self.images_seen, stream)
        self.board = Board(paths.root / "tensorboard")
        self.began = time.monotonic()
        self.period_began = (self.began, self.images_seen)
        self.callbacks = keras.callbacks.CallbackList(callbacks, model=self.gan)

    def _restore(self, stream) -> None:
        found = checkpoints.newest(self.paths.checkpoints, lambda text: print(text, file=stream, flush=True))
        if found is not None:
            checkpoints.restore(self.gan.state(), found.arrays)
            self.logged_step = found.notes["logged_step"]
            self.seconds_before = found.notes["seconds"]

    # ---- the loop -------------------------------------------------------------------------

    def run(self) -> dict[str, Any]:
        self._introduce()
        budget, rhythm = self.config.train.images, self.rhythm
        execute, batches = self.gan.make_train_function(), iter(self._batches())
        if self.images_seen == 0:
            self._draw_reals()
            self._draw_grid()
        self.callbacks.on_train_begin()
        while self.images_seen < budget and self.stop.exit_code is None and not self.gan.stop_training:
            before = self.images_seen
            logs = execute(batches)
            self.step += 1
            self.images_seen += rhythm.step
            self._stop_if_not_finite(logs)
            self.callbacks.on_train_batch_end(self.step - 1, logs)
            if self._crossed(rhythm.period, before):
                self._end_period()
            if self._crossed(rhythm.grid, before) or self._crossed(rhythm.period, before):
                self._draw_grid()
            if self._crossed(rhythm.checkpoint, before):
                self._save()
            if self.progress.due():
                self.progress.draw(self.images_seen, self._means(logs))
        return self._finish()

    def _batches(self):
        stream = data.stream(
            self.store,
            self.config.train.batch_size,
            seed=self.config.train.seed,
            start_image=self.images_seen,
            config=self.config.data,
        )
        return self.gan.prepared(stream)

    def _crossed(self, every: int, before: int) -> bool:
        return self.images_seen // every > before // every

    @staticmethod
    def _means(logs) -> dict[str, float]:
        return {name: float(value) for name, value in logs.items()}

    def _stop_if_not_finite(self, logs) -> None:
        # The logs are means over the period, and a mean never recovers from a NaN.
        for name in ("d_loss", "g_loss"):
            if not np.isfinite(float(logs[name])):
                raise RunError(
                    f"{name} is {float(logs[name])} at step {self.step} ({self.images_seen:,} images): "
                    f"training diverged; the last good checkpoint is kept in {self.paths.checkpoints}. "
                    "A lower learning rate (--set train.learning_rate=...) usually helps"
                )

    # ---- what is written --------------------------------------------------------------------

    def _row(self) -> dict[str, Any]:
        now = time.monotonic()
        began, images_then = self.period_began
        return {
            "step": self.step,
            "images_seen": self.images_seen,
            "epoch": self.images_seen / self.rhythm.epoch,
            **{name: float(value) for name, value in self.gan.get_metrics_result().items()},
            "images_per_second": (self.images_seen - images_then) / max(1e-9, now - began),
            "seconds": self.seconds_before + now - self.began,
        }

    def _end_period(self) -> None:
        row = self._row()
        self.log.append(row)
        self.board.scalars(row, self.images_seen)
        self.callbacks.on_epoch_end(
            len(self.log.rows) - 1, {k: row[k] for k in self.gan.get_metrics_result()}
        )
        self.gan.reset_metrics()
        self.logged_step = self.step
        self.period_began = (time.monotonic(), self.images_seen)
        if not self.progress.moving:
            means = {k: row[k] for k in ("d_loss", "g_loss", "d_real", "d_fake")}
            self.progress.note(self.progress.line(self.images_seen, means))

    def _draw_reals(self) -> None:
        chosen = np.unique(np.linspace(0, len(self.store) - 1, NUM_SAMPLES).astype(int))
        pictures.save_png(self.paths.root / "reals.png", pictures.grid(self.store.images[chosen]))

    def _draw_grid(self) -> None:
        sheet = pictures.grid(*self._fixed_samples())
        pictures.save_png(self.paths.samples / f"images-{self.images_seen:012d}.png", sheet)
        self.board.image("samples", np.asarray(sheet), self.images_seen)

    def _fixed_samples(self) -> tuple[np.ndarray, int]:
        """Pictures from fixed latents and how many make a row: with classes, a row for each."""
        seed, classes = self.config.train.seed, getattr(self.config.family, "num_classes", None)
        if classes is None:
            return self.gan.sample(NUM_SAMPLES, seed), 8
        rows = self.gan.sample_grid(range(min(classes, MOST_CLASSES)), columns=8, seed=seed)
        return rows.reshape(-1, *rows.shape[2:]), 8

    def _save(self) -> None:
        arrays = checkpoints.values(self.gan.state())
        bad = [name for name, value in arrays.items() if not np.all(np.isfinite(value))]
        if bad:
            raise RunError(
                f"{bad[0]} is not finite at step {self.step}: training diverged; nothing was saved over"
            )
        seconds = self.seconds_before + time.monotonic() - self.began
        notes = {"step": self.step, "logged_step": self.logged_step, "seconds": seconds}
        checkpoints.save(self.paths.checkpoints, self.images_seen, arrays, notes)
        checkpoints.rotate(self.paths.checkpoints, self.config.train.keep)

    def _finish(self) -> dict[str, Any]:
        self._save()
        finished = self.images_seen >= self.config.train.images
        if self.step > self.logged_step:  # the period that the end cut short; dropped if the run goes on
            self.log.append(self._row())
        self._draw_grid()
        pictures.evolution(self.paths.grids(), self.paths.root / "training.gif")
        pictures.plot_losses(self.log.rows, self.paths.root / "loss.png")
        self.callbacks.on_train_end()
        self.board.close()
        summary = self._summary(finished)
        runs.write_summary(self.paths, summary)
        self._say_goodbye(summary)
        return summary

    def _summary(self, finished: bool) -> dict[str, Any]:
        seconds = time.monotonic() - self.began
        seen = self.images_seen - self.progress.start
        return {
            "finished": finished,
            "exit_code": self.stop.exit_code or 0,
            "model": self.config.model,
            "step": self.step,
            "images_seen": self.images_seen,
            "epochs": self.images_seen / self.rhythm.epoch,
            "seconds": round(self.seconds_before + seconds, 1),
            "images_per_second": round(seen / max(seconds, 1e-9), 1),
            "peak_memory_mib": peak_memory(),
            "last": {
                k: v for k, v in self.log.rows[-1].items() if k in ("d_loss", "g_loss", "d_real", "d_fake")
            }
            if self.log.rows
            else {},
            "data": {"pictures": len(self.store), "fingerprint": self.store.fingerprint},
            "versions": {
                "ganzoo": ganzoo.__version__,
                "keras": keras.__version__,
                "tensorflow": tf.__version__,
                "python": platform.python_version(),
            },
        }

    # ---- what is said -------------------------------------------------------------------------

    def _introduce(self) -> None:
        config, rhythm, note = self.config, self.rhythm, self.progress.note
        shape = "x".join(map(str, config.family.batch_spec["image"]))
        report = self.store.report
        note(f"ganzoo {ganzoo.__version__} trains {config.model} in {self.paths.root}")
        note(
            f"  model    generator {self.gan.generator.count_params():,} and discriminator "
            f"{self.gan.discriminator.count_params():,} parameters; pictures {shape}"
        )
        note(
            f"  data     {config.data.source}: {len(self.store):,} pictures"
            + (f" in {len(self.store.class_names)} classes" if self.store.class_names else "")
            + (
                f"; {report['rejected']} of {report['found']} files rejected"
                if report.get("rejected")
                else ""
            )
        )
        note(f"  device   {describe_device(self.gan)}")
        note(
            f"  budget   {config.train.images:,} images = {-(-config.train.images // rhythm.step):,} steps "
            f"of {rhythm.step} = {config.train.images / rhythm.epoch:,.1f} epochs"
        )
        note(f"  look at  {self.paths.samples}: a new grid every {rhythm.grid:,} images")
        if self.images_seen:
            note(f"  going on from {self.images_seen:,} images (step {self.step:,})")

    def _say_goodbye(self, summary: dict[str, Any]) -> None:
        root, note = self.paths.root, self.progress.note
        if summary["finished"]:
            note(
                f"done: {self.images_seen:,} images in {clock(summary['seconds'])}, "
                f"{summary['images_per_second']:,.0f} images/s, "
                f"peak memory {summary['peak_memory_mib']:,} MiB"
            )
            note(f"  {root / 'training.gif'} shows how it went, {self.paths.samples} every grid")
        else:
            note(
                f"stopped at {self.images_seen:,} of {self.config.train.images:,} images, "
                "everything is written"
            )
            note(f"  go on with: ganzoo-train --run_dir {root}")


def describe_device(gan: GAN) -> str:
    """The devices and the strategy a model trains on, in words."""
    devices = tf.config.list_logical_devices("GPU") or tf.config.list_logical_devices("CPU")
    strategy = gan.distribute_strategy
    kind = devices[0].device_type
    replicas = strategy.num_replicas_in_sync
    name = type(strategy).__name__ if replicas > 1 else "no distribution"
    return f"{kind}, {name}" + (f" over {replicas} replicas" if replicas > 1 else "")
