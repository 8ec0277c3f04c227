"""Everything that training writes, in one place: only one process of a run has one.

Losses and readings go to `log.csv` and TensorBoard, pictures to `samples/`, states to
`checkpoints/` and `snapshots/`.
"""

import platform
import time
from collections.abc import Iterable
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from ganzoo import data
from ganzoo.base.peak_memory import peak_memory
from ganzoo.base.version import __version__
from ganzoo.family import picture_shape
from ganzoo.kinds.classes import in_classes_of
from ganzoo.training import checkpoints, going_on, health, identity, kept, panels, pictures, runs
from ganzoo.training.board import Board
from ganzoo.training.interrupt import TIME_UP
from ganzoo.training.log import Log
from ganzoo.training.rhythm import crossed
from ganzoo.training.scores import Scorer, score_name


def readings_shown(names: Iterable[str]) -> tuple[str, ...]:
    """The readings that people look at: losses, shares, a family's terms; no norms, no penalties."""
    hidden = ("_gradient", "_penalty")
    return tuple(name for name in names if not name.endswith(hidden))


class Records:
    """The files of a run, written as `session` goes on."""

    def __init__(self, session):
        self.session, self.paths = session, session.paths
        train = session.config.train
        self.score_name = score_name(train.eval_features)
        scored = (self.score_name,) if train.eval_every else ()
        readings = (*(metric.name for metric in session.gan.metrics), "diversity", *scored)
        self.log = Log(self.paths.log, readings)
        self.shown = readings_shown(readings)
        chosen = np.unique(np.linspace(0, len(session.store.images) - 1, panels.NUM_SAMPLES).astype(int))
        self._reals = session.store.images[chosen]
        self.health = health.Health(self._reals, session.config.objective.loss.can_be_won)
        self._samples = None, None  # images seen, pictures
        self._saved_step: int | None = None  # of the last checkpoint that this process wrote
        self._only_in_best = False  # the state that the run goes on from

    def begin(self) -> None:
        """Opens the files where the session goes on; a new run gets its first pictures."""
        position = self.session.position
        self.log.rewind(position.logged_step)
        self.board = Board(self.paths.root / "tensorboard")
        self.board.hyperparameters(self.session.config.tables())
        if self.session.config.train.eval_every:
            self._scorer = self._make_scorer()  # before the clock starts: it may have to train a classifier
        self.began = time.monotonic()
        self.first_image, self.seconds_before = position.images_seen, position.seconds
        if self._only_in_best:  # before it may be forgotten there
            self.save(checkpoints.values(self.session.gan.state()))
        kept.forget_provisional(self.paths.root)
        self._begin_period()
        if not (self.paths.root / "reals.png").exists():
            pictures.save_png(self.paths.root / "reals.png", pictures.grid(self._reals))
        if position.images_seen == 0:
            self.draw_grid()

    def _make_scorer(self) -> Scorer:
        """Takes the real pictures' features: of pictures as they are, where the run varies them."""
        session, train = self.session, self.session.config.train
        store = session.store
        if session.config.data.random_crop:
            size, channels = picture_shape(session.config.family)
            store = data.load(session.config.data.plain(), size, channels)
            store = in_classes_of(session.config.family, store, numbers_will_do=True)
        return Scorer(store, train.eval_features, train.eval_num, train.seed)

    def rewind(self) -> None:
        """Forgets what came after the position that the session has gone back to."""
        self.log.rewind(self.session.position.logged_step)
        self._saved_step = None
        self._begin_period()

    # ---- lines ------------------------------------------------------------------------------

    def end_period(self) -> dict[str, Any]:
        """Writes a line of the log and returns it."""
        row = self._row()
        # Since the last line, not since this process began: an interrupted run scores the same moments.
        before = self.log.rows[-1]["images_seen"] if self.log.rows else 0
        if crossed(self.session.config.train.eval_every, before, row["images_seen"]):
            row[self.score_name] = self._score()
        self.log.append(row)
        self.board.scalars(row, row["images_seen"])
        self._begin_period()
        return row

    def _begin_period(self) -> None:
        self._period_began = time.monotonic(), self.session.position.images_seen

    def _row(self) -> dict[str, Any]:
        began, images_then = self._period_began
        position, now = self.session.position, time.monotonic()
        return {
            "step": position.step,
            "images_seen": position.images_seen,
            "epoch": position.images_seen / self.session.rhythm.epoch,
            **self.session.readings(),
            "diversity": self.health.diversity(self._fixed_samples()[0]),
            "images_per_second": (position.images_seen - images_then) / max(1e-9, now - began),
            "seconds": self.seconds,
        }

    @property
    def seconds(self) -> float:
        """How long the run has been trained, all its processes together."""
        return self.seconds_before + time.monotonic() - self.began

    def time_is_up(self) -> bool:
        """Whether the budget of minutes, if there is one, is used up; there is always time for one step."""
        minutes = self.session.config.train.minutes
        return minutes > 0 and self.session.position.step > 0 and self.seconds >= 60.0 * minutes

    def _score(self, provisional: bool = False) -> float:
        """Scores this moment's samples, and keeps its state if none was better."""
        value = self._scorer(self.session.gan)
        of = f"{self._scorer.of}, data {self.session.store.fingerprint}"
        self.record_score(kept.Score(self.score_name, value, of=of), provisional)
        return value

    # ---- pictures ---------------------------------------------------------------------------

    def draw_grid(self) -> None:
        """Writes a sheet of pictures from fixed latents."""
        seen = self.session.position.images_seen
        sheet = pictures.grid(*self._fixed_samples())
        pictures.save_png(self.paths.samples / f"images-{seen:012d}.png", sheet)
        self.board.image("samples", np.asarray(sheet), seen)

    def _fixed_samples(self) -> tuple[np.ndarray, int]:
        """Pictures from fixed latents and inputs, and how many make a row."""
        seen, session = self.session.position.images_seen, self.session
        if self._samples[0] != seen:
            config = session.config
            made = panels.fixed_samples(session.gan, session.store, config.data, config.train.seed)
            self._samples = seen, made
        return self._samples[1]

    # ---- states -----------------------------------------------------------------------------

    def newest(self, say, from_best: bool = False) -> checkpoints.Checkpoint | None:
        """The state to go on from; what a killed process left behind is cleared away."""
        for folder in ("", "checkpoints", "samples", "snapshots", "best"):
            checkpoints.clear_remains(self.paths.root / folder)
        found = going_on.state(self.paths.root, say, from_best)
        self._only_in_best = found is not None and found.path.parent != self.paths.checkpoints
        return found

    def save(self, arrays: dict[str, np.ndarray]) -> None:
        """Writes a checkpoint, unless this moment has one, and deletes those that are too old."""
        if self._saved_step == self.session.position.step:
            return  # the end of the run is also that of a period
        seen = self.session.position.images_seen
        checkpoints.save(self.paths.checkpoints, seen, arrays, self.notes())
        checkpoints.rotate(self.paths.checkpoints, self.session.config.train.keep, seen)
        self._saved_step = self.session.position.step

    def notes(self) -> dict[str, Any]:
        """What goes with a state besides its arrays."""
        position = self.session.position
        return {
            "step": position.step,
            "logged_step": position.logged_step,
            "seconds": self.seconds,
            "rate_scale": position.rate_scale,
            "retries": position.retries,
            "data": self.session.store.fingerprint,
            "run": identity.make(self.paths.root),
            "recipe": going_on.recipe_of(self.session.config),
        }

    def save_snapshot(self) -> None:
        """Keeps the generator of this moment for good."""
        kept.save_snapshot(self.paths.root, self.session.position.images_seen, self.session.gan)

    def record_score(self, score: kept.Score, provisional: bool = False) -> bool:
        """Keeps the state of this moment as "best" if none before it beats it; says whether.

        Provisional is what an end scores at a moment at which no score is due.
        """
        arrays = checkpoints.values(self.session.gan.state())
        seen, say = self.session.position.images_seen, self.session.progress.note
        return kept.record_score(self.paths.root, seen, arrays, self.notes(), score, provisional, say)

    # ---- the end ----------------------------------------------------------------------------

    def finish(self) -> dict[str, Any]:
        """Writes what is looked at afterwards; returns the summary."""
        cut_short = self.session.position.step > self.session.position.logged_step
        last = self._row() if cut_short else dict(self.log.rows[-1]) if self.log.rows else {}
        scored = np.isfinite(last.get(self.score_name, np.nan))
        if last and self.session.config.train.eval_every and not scored:
            last[self.score_name] = self._score(
                provisional=True
            )  # the best state is never chosen without the last
        if cut_short:
            self.log.append(last)  # the period that the end cut short; dropped if the run goes on
        self.draw_grid()
        pictures.evolution(self.paths.grids(), self.paths.root / "training.gif")
        pictures.plot_losses(self.log.rows, self.shown, self.paths.root / "loss.png")
        self.board.close()
        summary = self._summary(last)
        runs.write_summary(self.paths, summary)
        return summary

    def _summary(self, last: dict[str, Any]) -> dict[str, Any]:
        session, position = self.session, self.session.position
        seconds = time.monotonic() - self.began
        best = kept.best_score(self.paths.root)
        return {
            "finished": position.images_seen >= session.config.train.images or session.exit_code == TIME_UP,
            "exit_code": session.exit_code or 0,
            "model": session.config.model,
            "step": position.step,
            "images_seen": position.images_seen,
            "epochs": position.images_seen / session.rhythm.epoch,
            "seconds": round(self.seconds, 1),
            "images_per_second": round((position.images_seen - self.first_image) / max(seconds, 1e-9), 1),
            "peak_memory_mib": peak_memory(),
            "last": {
                name: last[name] for name in (*self.shown, "diversity", self.score_name) if name in last
            },
            "best": {"metric": best[0].name, "value": best[0].value, "images_seen": best[1]} if best else {},
            "data": {"pictures": len(session.store), "fingerprint": session.store.fingerprint},
            "versions": {
                "ganzoo": __version__,
                "keras": keras.__version__,
                "tensorflow": tf.__version__,
                "python": platform.python_version(),
            },
        }
