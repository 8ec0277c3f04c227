"""Everything that training writes, in one place: only one process of a run has one.

Losses and readings go to `log.csv` and TensorBoard; what else is kept, pictures, states and scores, is
written by listeners, and a family may bring more of them.
"""

import platform
import time
from collections.abc import Iterable
from typing import Any

import keras
import tensorflow as tf

from ganzoo.base.peak_memory import peak_memory
from ganzoo.base.version import __version__
from ganzoo.listeners import Listener
from ganzoo.training import kept, run_pictures, runs
from ganzoo.training.board import Board
from ganzoo.training.grids import Grids
from ganzoo.training.interrupt import TIME_UP
from ganzoo.training.log import Log
from ganzoo.training.scoring import Scoring
from ganzoo.training.states import States


def readings_shown(names: Iterable[str]) -> tuple[str, ...]:
    """The readings that people look at: losses, shares, a family's terms; no norms, no penalties."""
    hidden = ("_gradient", "_penalty")
    return tuple(name for name in names if not name.endswith(hidden))


class Records:
    """The lines of a run's log, its clock and its summary, and the listeners that keep the rest."""

    def __init__(self, session):
        self.session, self.paths = session, session.paths
        self.board = Board(self.paths.root / "tensorboard")
        self.states = States(session, lambda: self.seconds)
        self.grids = Grids(session, self.board)
        self.scoring = Scoring(session, self.states, log=None)
        self.listeners: list[Listener] = [self.states, self.grids, self.scoring]
        self.listeners += session.config.family.listeners(session)
        columns = [name for listener in self.listeners for name in listener.columns]
        self.log = Log(self.paths.log, (*(metric.name for metric in session.gan.metrics), *columns))
        self.scoring.log = self.log
        self.shown = (*session.shown, *columns)

    def begin(self) -> None:
        """Opens the files where the session goes on; a new run gets its first pictures."""
        position = self.session.position
        self.log.rewind(position.logged_step)
        self.board.hyperparameters(self.session.config.tables())
        self.scoring.prepare()  # before the clock starts: it may have to train a classifier
        self.began = time.monotonic()
        self.first_image, self.seconds_before = position.images_seen, position.seconds
        self._begin_period()
        for listener in self.listeners:
            listener.begin()

    def rewind(self) -> None:
        """Forgets what came after the position that the session has gone back to."""
        self.log.rewind(self.session.position.logged_step)
        for listener in self.listeners:
            listener.rewind()
        self._begin_period()

    def draw(self) -> None:
        """Has pictures of this moment written."""
        for listener in self.listeners:
            listener.draw()

    # ---- lines ------------------------------------------------------------------------------

    def end_period(self) -> dict[str, Any]:
        """Writes a line of the log and returns it."""
        row = self._row()
        for listener in self.listeners:
            listener.measure(row)
        self.log.append(row)
        self.board.scalars(row, row["images_seen"])
        for listener in self.listeners:
            listener.written(row)
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

    # ---- the end ----------------------------------------------------------------------------

    def finish(self) -> dict[str, Any]:
        """Writes what is looked at afterwards; returns the summary."""
        cut_short = self.session.position.step > self.session.position.logged_step
        last = self._row() if cut_short else dict(self.log.rows[-1]) if self.log.rows else {}
        if cut_short:
            for listener in self.listeners:
                if listener is not self.scoring:  # no score is due at an end
                    listener.measure(last)
        self.scoring.complete(last)
        if cut_short:
            self.log.append(last)  # the period that the end cut short; dropped if the run goes on
            for listener in self.listeners:
                listener.written(last)
        for listener in self.listeners:
            listener.end()
        run_pictures.plot_losses(self.log.rows, self.session.shown, self.paths.root / "loss.png")
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
            "this_process": {
                "images_seen": position.images_seen - self.first_image,
                "seconds": round(seconds, 1),
            },
            "images_per_second": round((position.images_seen - self.first_image) / max(seconds, 1e-9), 1),
            "peak_memory_mib": peak_memory(),
            "last": {name: last[name] for name in self.shown if name in last},
            "best": {"metric": best[0].name, "value": best[0].value, "images_seen": best[1]} if best else {},
            "data": {"pictures": len(session.store), "fingerprint": session.store.fingerprint},
            **({"began_with": position.began} if position.began else {}),
            "versions": {
                "ganzoo": __version__,
                "keras": keras.__version__,
                "tensorflow": tf.__version__,
                "python": platform.python_version(),
            },
        }
