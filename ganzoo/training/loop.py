"""Training a config in a run directory, from the first step or from where it was left.

Keras's `fit` begins an epoch anew when it is started again; here a run goes on in the
middle of one, so the loop is written out. Everything happens at a number of images seen,
which is the only clock. Several workers run this same loop; the chief alone writes.
"""

import contextlib
import dataclasses
import functools
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganzoo import data
from ganzoo.base.errors import RunError, UsageError
from ganzoo.base.paths import expanded
from ganzoo.config import NOTHING, Config
from ganzoo.family import picture_shape
from ganzoo.gan import GAN
from ganzoo.kinds.classes import in_classes_of
from ganzoo.training import announcements, beginning, checkpoints, folders, going_on, health, runs
from ganzoo.training.interrupt import ABANDONED, COLLAPSED, STOPS, TIME_UP, StopRequests
from ganzoo.training.records import Records, readings_shown
from ganzoo.training.rhythm import Minutes, Rhythm, crossed
from ganzoo.training.status import Progress
from ganzoo.training.strategies import Team

AGREE_EVERY = 8  # steps after which several workers ask each other whether to stop or save


def train(
    config: Config,
    run_dir: str | Path,
    *,
    callbacks: Sequence[keras.callbacks.Callback] = (),
    allow_changes: bool = False,
    allow_other_data: bool = False,
    from_best: bool = False,
    strategy: tf.distribute.Strategy | None = None,
    profile: tuple[int, int] | None = None,
    stream=None,
    say_json: bool | None = None,
) -> dict[str, Any]:
    """Trains until the budget is reached, going on from the last checkpoint if there is one.

    Args:
        config: what to train, see `ganzoo.config.resolve`.
        run_dir: the run directory, new or of the same run; only the chief of several workers
            reads and writes it.
        callbacks: Keras callbacks; an epoch is a period of the log.
        allow_changes: go on although arguments differ from those the run began with.
        allow_other_data: go on although the data differs. Where it lies may change without that.
        from_best: go on from the best state where no checkpoint can be used.
        strategy: how several devices share the work, see `ganzoo.training.strategies.make`;
            default the one whose scope this is called in.
        profile: first and last step of a TensorFlow profile, written for TensorBoard.
        stream: where progress is printed; default standard output.
        say_json: whether the summary is the last line, for programs; default where `stream` is no terminal.

    Returns:
        The run's summary, as in `summary.json`; `exit_code` is 0 unless a signal or a
        collapse ended it.

    Raises:
        DataError: if the data is missing or does not fit.
        RunError: if the run directory cannot be used, training diverged or a worker was lost.
        UsageError: if the run there was started differently.
    """
    team, run_dir = Team(strategy), expanded(run_dir)
    if config.family.label:
        say = functools.partial(print, file=stream, flush=True) if team.is_chief else lambda text: None
        config = dataclasses.replace(config, data=data.with_classes(config.data, say))

    def refuse_changes():
        if team.is_chief and not allow_changes and runs.exists(run_dir):
            runs.refuse_changes(run_dir, config)

    refuse_changes()
    picture_shape(config.family)  # a sentence for what no run can learn
    store = data.load_columns(config.data, config.family.columns)
    config = dataclasses.replace(config, family=config.family.fit_to_data(store))
    store = in_classes_of(config.family, store, numbers_will_do=True)
    refuse_changes()  # again, with what the data says
    if team.is_chief and runs.exists(run_dir):
        runs.refuse_other_classes(run_dir, config)  # which nothing can allow
    for batch_size in config.family.schedule.all_batch_sizes(config.train.batch_size):
        team.check_batch(batch_size)
        if batch_size > len(store):
            raise UsageError(
                f"train.batch_size is {batch_size}, but the data has {len(store)} pictures; "
                f"use more pictures or --set train.batch_size={len(store)} or less"
            )
    if not team.is_chief:
        with StopRequests() as stop, open(os.devnull, "w") as nowhere:
            return Session(config, team, store, stop, callbacks, None, stream=nowhere).run()
    with folders.locked(run_dir):
        refuse_changes()  # once more: now nobody else can change it
        is_new = not runs.exists(run_dir)
        paths = runs.create(run_dir, config)
        with StopRequests() as stop:
            allowed = Allowed(allow_changes, allow_other_data, from_best)
            try:
                session = Session(
                    config, team, store, stop, callbacks, paths, allowed, profile, stream, say_json
                )
            except UsageError:
                if is_new:
                    runs.remove_unbegun(paths)
                raise
            runs.write_config(paths, config)  # not before the run has proved to be able to go on
            return session.run()


@dataclass(frozen=True)
class Allowed:
    """What a run that goes on may do that is refused by itself, see `train`."""

    changes: bool = False
    other_data: bool = False
    from_best: bool = False


@dataclass
class Position:
    """Where a run is."""

    step: int = 0
    images_seen: int = 0
    logged_step: int = 0  # the step of the last line of the log
    seconds: float = 0.0  # trained by processes before this one
    rate_scale: float = 1.0  # of the learning rates, after divergences
    retries: int = 0
    began: dict[str, Any] | None = None  # what it began with, see `ganzoo.training.beginning.Began`


class Session:
    """One process's share of a run; `paths` is None for all workers but the chief."""

    def __init__(
        self,
        config,
        team,
        store,
        stop,
        callbacks,
        paths,
        allowed=Allowed(),
        profile=None,
        stream=None,
        say_json=None,
    ):
        self.config, self.team, self.store, self.stop = config, team, store, stop
        self.paths, self.profile = paths, profile
        self.rhythm = Rhythm.of(config, len(store))
        self.minutes = Minutes(config.train.checkpoint_minutes)
        with team.watched(), team.scope():
            self.gan: GAN = runs.make_gan(config)
        self.position, self.exit_code = Position(), None
        self.shown = readings_shown(metric.name for metric in self.gan.metrics)
        self.records = Records(self) if paths else None
        with team.watched():
            self._restore(allowed, lambda text: print(text, file=stream, flush=True))
        work = config.family.schedule.work
        self.progress = Progress(
            config.train.images, self.position.images_seen, stream, work, self._minutes_gone
        )
        self.says_json = not self.progress.moving if say_json is None else say_json
        self.callbacks = keras.callbacks.CallbackList(list(callbacks), model=self.gan)

    def _restore(self, allowed: Allowed, say) -> None:
        """Takes over the state of the last checkpoint, if there is one; on all workers the chief's."""
        found = self.records.states.newest(say, allowed.from_best) if self.records else None
        if not self.team.any(found is not None)[0]:
            if self.config.train.begin_with != NOTHING:
                self._begin_trained()
            return
        state = self.gan.state()
        arrays, notes = checkpoints.values(state), {}
        if found is not None:
            notes = found.notes
            going_on.refuse_another_run(notes, self.paths)
            if not allowed.changes:
                going_on.refuse_another_recipe(notes, self.config)
            checkpoints.check_fits(state, found.arrays)
            if not allowed.other_data:
                going_on.refuse_other_data(notes, self.store.fingerprint)
            arrays = {name: found.arrays[name] for name in arrays}
        defaults = {"logged_step": 0, "seconds": 0.0, "rate_scale": 1.0, "retries": 0}
        numbers = [notes.get(name, default) for name, default in defaults.items()]
        arrays = self.team.from_chief({**arrays, "": np.array(numbers, np.float64)})
        logged_step, seconds, rate_scale, retries = arrays.pop("").tolist()
        with self.team.scope():
            if rate_scale != 1.0:
                self.gan.scale_rates(rate_scale)
            checkpoints.restore(state, arrays)
        self.position = Position(
            int(self.gan.step.numpy()),
            int(self.gan.images_seen.numpy()),
            int(logged_step),
            seconds,
            rate_scale,
            int(retries),
            notes.get("began"),
        )

    def _begin_trained(self) -> None:
        """Takes over the networks that a new run shall begin with; on all workers the chief's."""
        if self.records:
            with self.team.scope():
                self.position.began = dataclasses.asdict(beginning.take(self.gan, self.config))
        state = self.gan.state()
        arrays = self.team.from_chief(checkpoints.values(state))
        with self.team.scope():
            checkpoints.restore(state, arrays)

    # ---- the loop -------------------------------------------------------------------------

    def run(self) -> dict[str, Any]:
        """Trains until the budget is reached or a stop is asked for; returns the summary."""
        if self.records:
            announcements.introduce(self.progress.note, self)
            self.records.begin()
        with self.team.watched():
            if self.config.train.retries and self.position.images_seen == 0:
                self._save()  # there has to be one to go back to
            self.callbacks.on_train_begin()
            while True:
                try:
                    self._train()
                    self._save()
                    break
                except health.Diverged as error:
                    self._go_back(error)
            self.callbacks.on_train_end()
        return self._finish()

    def _train(self) -> None:
        position, batch_size, batches = self.position, None, None
        execute = self.gan.make_train_function()
        while position.images_seen < self.config.train.images and not self.gan.stop_training:
            save_due = self._ask()
            if self.exit_code is not None:
                break
            before = position.images_seen
            if batch_size != self.config.batch_size(before):
                batch_size = self.config.batch_size(before)
                batches = self.team.batches(self._stream)
            with self._profiled():
                logs = execute(batches)
            position.step += 1
            position.images_seen += batch_size * self.config.objective.d_steps
            health.check_readings(logs, position.step, position.images_seen)
            self.callbacks.on_train_batch_end(position.step - 1, logs)
            self._write(before, save_due)
            if self.progress.due():
                shown = {name: float(logs[name]) for name in self.shown}
                self.progress.draw(position.images_seen, shown, self._stands())

    def _minutes_gone(self) -> tuple[float, float]:
        """How much of the budget of minutes is used up, and the budget; 0 without one."""
        gone = self.records.seconds / 60.0 if self.records and self.config.train.minutes else 0.0
        return gone, self.config.train.minutes

    def _stands(self) -> str:
        return self.config.family.schedule.describe(self.position.images_seen)

    def _stream(self, shard: tuple[int, int]):
        stream = data.stream(
            self.store,
            self.config.batch_size(self.position.images_seen),
            seed=self.config.train.seed,
            start_image=self.position.images_seen,
            config=self.config.data,
            shard=shard,
        )
        return self.gan.prepared(stream)

    def _ask(self) -> bool:
        """Whether a checkpoint is due by the minute; notes in `exit_code` if any worker was asked to stop."""
        if self.progress.abandoned:
            self.stop.ask(ABANDONED)
        if self.records and self.records.time_is_up():
            self.stop.ask(TIME_UP)
        if self.team.num_workers > 1 and self.position.step % AGREE_EVERY:
            return False
        asked = (self.stop.exit_code == code for code in STOPS)
        *stops, save_due = self.team.any(*asked, self.minutes.due())
        self.exit_code = next((code for code, wanted in zip(STOPS, stops, strict=True) if wanted), None)
        return save_due

    def _write(self, before: int, save_due: bool) -> None:
        """What is due after a step that began at `before` images seen."""
        rhythm, now = self.rhythm, self.position.images_seen
        period_ends = crossed(rhythm.period, before, now)
        if period_ends:
            self._end_period()
        if self.records and (period_ends or rhythm.draws(before, now)):
            self.records.draw()
        if self.records and crossed(rhythm.snapshot, before, now):
            self.records.states.save_snapshot()
        if save_due or crossed(rhythm.checkpoint, before, now):
            self._save()

    def readings(self) -> dict[str, float]:
        """The model's metrics: means over the period so far."""
        return {name: float(value) for name, value in self.gan.get_metrics_result().items()}

    def _end_period(self) -> None:
        readings = self.readings()
        if self.records:
            row = self.records.end_period()
            self._say(row)
        self.callbacks.on_epoch_end(self.position.images_seen // self.rhythm.period - 1, readings)
        self.gan.reset_metrics()
        self.position.logged_step = self.position.step

    def _say(self, row: dict[str, Any]) -> None:
        if not self.progress.moving:
            shown = {name: row[name] for name in self.records.shown if name in row}
            self.progress.note(self.progress.line(self.position.images_seen, shown, self._stands()))
        rows = self.records.log.rows
        for text in self.records.grids.health.words(rows):
            self.progress.note(text)
        if self.config.train.stop_on_collapse and health.is_collapsed(rows):
            self.stop.ask(COLLAPSED)

    def _save(self) -> None:
        # Every worker looks, so that all of them stop; the chief writes.
        arrays = checkpoints.values(self.gan.state())
        health.check_weights(arrays, self.position.step, self.position.images_seen)
        if self.records:
            self.records.states.save(arrays)
        self.minutes.reset()

    def _go_back(self, error: health.Diverged) -> None:
        """To the last good checkpoint, with lower learning rates; raises if that was tried enough."""
        train, retries = self.config.train, self.position.retries + 1
        if retries > train.retries:
            where = f" in {self.paths.checkpoints}" if self.paths else ""
            again = f" after going back {train.retries} times" if train.retries else ""
            raise RunError(
                f"{error}: training diverged{again}; the last good checkpoint is kept{where}. "
                "A lower --set train.learning_rate=... usually helps; --set train.retries=3 tries it"
            ) from None
        self._restore(Allowed(changes=True, other_data=True), self.progress.note)
        self.position.retries, self.position.rate_scale = retries, train.retry_learning_rate**retries
        with self.team.scope():
            self.gan.scale_rates(self.position.rate_scale)
        if self.records:
            self.records.rewind()
        self.progress.note(
            f"{error}: training diverged; going back to {self.position.images_seen:,} images "
            f"with learning rates times {self.position.rate_scale:g} (try {retries} of {train.retries})"
        )

    @contextlib.contextmanager
    def _profiled(self):
        first, last = self.profile or (0, 0)
        number = self.position.step + 1
        if self.records and number == first:
            tf.profiler.experimental.start(str(self.paths.root / "tensorboard"))
        yield
        if self.records and number == last:
            tf.profiler.experimental.stop()

    def _finish(self) -> dict[str, Any]:
        if self.records is None:
            return {"exit_code": self.exit_code or 0, "images_seen": self.position.images_seen}
        summary = self.records.finish()
        announcements.say_goodbye(self.progress.note, self, summary)
        if self.says_json:
            self.progress.note(json.dumps(summary))  # for programs, always the last line
        return summary
