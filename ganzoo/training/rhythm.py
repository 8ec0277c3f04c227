"""When things happen, in images seen: the only clock that an interrupted run can go on by."""

import math
import time
from dataclasses import dataclass

from ganzoo.config import Config

LEAST_STEPS = 200  # between two reports: an epoch of few pictures is only a handful of steps


@dataclass(frozen=True)
class Rhythm:
    """When things happen, in images seen; 0 is never."""

    step: int  # images of one training step, of the largest where they differ
    epoch: int  # pictures in the data set
    period: int  # one line of the log: an epoch, or as many as LEAST_STEPS steps take
    grid: int
    checkpoint: int
    snapshot: int
    early: int = 0  # until when grids come after every half of a doubling, too

    @classmethod
    def of(cls, config: Config, num_pictures: int) -> "Rhythm":
        """The rhythm that a config means for a data set of a size."""
        train = config.train
        step = max(config.family.schedule.all_batch_sizes(train.batch_size)) * config.objective.d_steps
        epochs = max(1, -(-LEAST_STEPS * step // num_pictures))
        period = epochs * num_pictures
        often = period if epochs > 1 else LEAST_STEPS * step
        return cls(
            step,
            num_pictures,
            period,
            train.grid_every or often,
            train.checkpoint_every or (0 if train.checkpoint_minutes else period),
            train.keep_every,
            0 if train.grid_every else often,
        )

    def draws(self, before: int, now: int) -> bool:
        """Whether a grid is due after a step from `before` to `now` images seen.

        Where the user sets no `grid_every`, a run has grids after 1, 2, 3, 4, 6, 8, 12, 16, ... steps as well
        (two for each doubling), so that a short one has some, and a film its beginning; when they come does
        not depend on how long the run will be, for it may go on.
        """
        early = now < self.early and self._half_doublings(before) < self._half_doublings(now)
        return early or crossed(self.grid, before, now)

    def _half_doublings(self, images: int) -> int:
        return int(2 * math.log2(images / self.step)) if images >= self.step else -1


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
