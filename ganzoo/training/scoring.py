"""When a run is scored while it trains, and which of its states is its best by that."""

import numpy as np

from ganzoo import data
from ganzoo.kinds.classes import in_classes_of
from ganzoo.listeners import Listener
from ganzoo.training import kept
from ganzoo.training.rhythm import crossed
from ganzoo.training.scores import Scorer, score_name


class Scoring(Listener):
    """Scores the samples every `train.eval_every` images and at the end, and keeps the best state."""

    def __init__(self, session, states, log):
        self.session, self.states, self.log = session, states, log
        self.name = score_name(session.config.train.eval_features)
        self.every = session.config.train.eval_every

    @property
    def columns(self):
        return (self.name,) if self.every else ()

    def prepare(self) -> None:
        """Takes the real pictures' features: of pictures as they are, where the run varies them."""
        if not self.every:
            return
        config, store = self.session.config, self.session.store
        if config.data.random_crop:
            store = data.load_columns(config.data.plain(), config.family.columns)
            store = in_classes_of(config.family, store, numbers_will_do=True)
        train = config.train
        self._scorer = Scorer(store, train.eval_features, train.eval_num, train.seed)

    def measure(self, row):
        # Since the last line, not since this process began: an interrupted run scores the same moments.
        before = self.log.rows[-1]["images_seen"] if self.log.rows else 0
        if crossed(self.every, before, row["images_seen"]):
            row[self.name] = self._score()

    def complete(self, row: dict) -> None:
        """Scores a run's last line if need be: the best state is never chosen without the last."""
        if row and self.every and not np.isfinite(row.get(self.name, np.nan)):
            row[self.name] = self._score(provisional=True)

    def _score(self, provisional: bool = False) -> float:
        """Scores this moment's samples, and keeps its state if none was better."""
        value = self._scorer(self.session.gan)
        of = f"{self._scorer.of}, data {self.session.store.fingerprint}"
        self.states.record_score(kept.Score(self.name, value, of=of), provisional)
        return value
