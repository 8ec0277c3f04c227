"""Which states of a run are kept, and how one of them is found again.

checkpoints/  whole states, the newest few: what an interrupted run goes on from
best/         the whole state with the best score by the run's metric, replaced by a better one
snapshots/    by `keep_every`: what `sample` needs and nothing else, for good
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.errors import RunError
from ganzoo.training import checkpoints
from ganzoo.training.checkpoints import Checkpoint

BEST, LAST = "best", "last"


@dataclass(frozen=True)
class Score:
    """A state's value by a stated metric; "best" is chosen by it, never by a loss."""

    name: str
    value: float
    lower_is_better: bool = True

    def beats(self, other: "Score") -> bool:
        """Whether it is better than `other`; a score by another metric counts for nothing."""
        if self.name != other.name or not np.isfinite(other.value):
            return bool(np.isfinite(self.value))
        return self.value < other.value if self.lower_is_better else self.value > other.value


def best_score(root: Path) -> tuple[Score, int] | None:
    """The best score so far and the images seen then; None before the first."""
    for path in reversed(checkpoints.list_sealed(root / BEST)):
        seal = checkpoints.read_seal(path)
        if seal is not None:
            return Score(**seal["notes"]["score"]), int(seal["images_seen"])
    return None


def record_score(root: Path, images_seen: int, arrays: dict, notes: dict[str, Any], score: Score) -> bool:
    """Keeps this state as the best if `score` beats those before it; says whether it did.

    The old best stays until the new one is whole: a kill in between loses neither.
    """
    before = best_score(root)
    if not np.isfinite(score.value) or (before is not None and not score.beats(before[0])):
        return False
    folder = root / BEST
    folder.mkdir(exist_ok=True)
    checkpoints.save(folder, images_seen, arrays, {**notes, "score": asdict(score)})
    for path in checkpoints.list_sealed(folder):
        if checkpoints.images_of(path) != images_seen:
            checkpoints.delete(path)
    return True


def save_snapshot(root: Path, images_seen: int, gan) -> None:
    """Keeps the generator that is sampled, for good."""
    folder = root / "snapshots"
    folder.mkdir(exist_ok=True)
    arrays = {name: variable.numpy() for name, variable in gan.sampled_state().items()}
    checkpoints.save(folder, images_seen, arrays, {})


def choose(root: Path, which: str | int, say=print) -> Checkpoint:
    """A kept state: "best", "last", or the one at a number of images seen.

    "best" is the last one in a run without a score.

    Raises:
        RunError: if there is none, or none at that number (those there are named).
    """
    check(root, which)
    if which in (BEST, LAST):
        found = checkpoints.newest(root / BEST, say) if which == BEST else None
        found = found or checkpoints.newest(root / "checkpoints", say)
        if found is None:
            raise RunError(f"{root} has no usable checkpoint yet; train it first")
        return found
    return checkpoints.read(_sealed(root)[int(which)])


def check(root: Path, which: str | int) -> None:
    """Raises RunError if there is no state of that name; whether it is whole is not looked at."""
    there = _sealed(root)
    if which in (BEST, LAST):
        if not any(path.parent.name != "snapshots" for path in there.values()):
            raise RunError(f"{root} has no usable checkpoint yet; train it first")
    elif not str(which).isdigit() or int(which) not in there:
        names = ", ".join(map(str, sorted(there))) or "none"
        raise RunError(
            f"{root} keeps no checkpoint {which}; give 'best', 'last' or images seen, kept are {names}"
        )


def _sealed(root: Path) -> dict[int, Path]:
    """All kept states by images seen; at one number a whole state before a snapshot."""
    return {
        checkpoints.images_of(path): path
        for folder in ("snapshots", BEST, "checkpoints")
        for path in checkpoints.list_sealed(root / folder)
    }


def take(gan, found: Checkpoint) -> None:
    """Gives a GAN a kept state. After a snapshot only its generator is trained."""
    if found.path.parent.name != "snapshots":
        checkpoints.restore(gan.state(), found.arrays)
    else:
        take_generator(gan, found.arrays)


def take_generator(gan, arrays: dict[str, np.ndarray]) -> None:
    """Gives a GAN the arrays of `sampled_state()`: the generator that is sampled, and when it was."""
    checkpoints.restore(gan.sampled_state(), arrays)
    if gan.objective.ema_decay > 0:
        for average, variable in zip(gan.ema_weights, gan.g_variables, strict=True):
            variable.assign(average.numpy())
