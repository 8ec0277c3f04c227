"""States of a run on disk: checkpoints to go on from, snapshots to keep, the best by its score."""

from typing import Any

import numpy as np

from ganzoo.listeners import Listener
from ganzoo.training import checkpoints, going_on, identity, kept


class States(Listener):
    """Writes `checkpoints/`, `snapshots/` and `best/`."""

    def __init__(self, session, seconds):
        self.session, self.paths = session, session.paths
        self.seconds = seconds  # a function: how long the run has been trained
        self._saved_step: int | None = None  # of the last checkpoint that this process wrote
        self._only_in_best = False  # the state that the run goes on from

    def newest(self, say, from_best: bool = False) -> checkpoints.Checkpoint | None:
        """The state to go on from; what a killed process left behind is cleared away."""
        for folder in ("", "checkpoints", "samples", "snapshots", "best"):
            checkpoints.clear_remains(self.paths.root / folder)
        found = going_on.state(self.paths.root, say, from_best)
        self._only_in_best = found is not None and found.path.parent != self.paths.checkpoints
        return found

    def begin(self):
        if self._only_in_best:  # before it may be forgotten there
            self.save(checkpoints.values(self.session.gan.state()))
        kept.forget_provisional(self.paths.root)

    def rewind(self):
        self._saved_step = None

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
            "seconds": self.seconds(),
            "rate_scale": position.rate_scale,
            "retries": position.retries,
            "data": self.session.store.fingerprint,
            "run": identity.make(self.paths.root),
            "began": position.began,
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
