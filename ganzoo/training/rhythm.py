"""When things happen, in images seen: the only clock that an interrupted run can go on by."""

import time
from dataclasses import dataclass

from ganzoo.config import Config

LEAST_STEPS = 200  # between two reports: an epoch of few pictures is only a handful of steps
LEAST_GRIDS = 8  # in a run, however short, after the one before its first step


@dataclass(frozen=True)
class Rhythm:
    """When things happen, in images seen; 0 is never."""

    step: int  # images of one training step, of the largest where they differ
    epoch: int  # pictures in the data set
    period: int  # one line of the log: an epoch, or as many as LEAST_STEPS steps take
    grid: int
    checkpoint: int
    snapshot: int

    @classmethod
    def of(cls, config: Config, num_pictures: int) -> "Rhythm":
        """The rhythm that a config means for a data set of a size."""
        train = config.train
        step = max(config.family.schedule.all_batch_sizes(train.batch_size)) * config.objective.d_steps
        epochs = max(1, -(-LEAST_STEPS * step // num_pictures))
        period = epochs * num_pictures
        short = train.images // LEAST_GRIDS
        return cls(
            step,
            num_pictures,
            period,
            train.grid_every or min(period if epochs > 1 else LEAST_STEPS * step, max(step, short)),
            train.checkpoint_every or (0 if train.checkpoint_minutes else period),
            train.keep_every,
        )


def crossed(every: int, before: int, now: int) -> bool:
    """Whether a multiple of `every` lies in (before, now]."""
    return every > 0 and now // every > before // every


class Minutes:
    """Says when a number of minutes has gone by since it was last reset; 0 is never."""

    def __init__(self, minutes: float):
        self.seconds = 60.0 * minutes
        self.reset()

    def reset(self) -> None:
        """Begins anew."""
        self._since = time.monotonic()

    def due(self) -> bool:
        """Whether the time has come."""
        return self.seconds > 0 and time.monotonic() - self._since >= self.seconds
