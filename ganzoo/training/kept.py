"""Which states of a run are kept, and how one of them is found again.

checkpoints/  whole states, the newest few: what an interrupted run goes on from
best/         the whole state with the best score by the run's metric, replaced by a better one;
              beside it, of a moment at which no score was due, a provisional one, which is
              forgotten when the run goes on: an interrupted run ends with the same best
snapshots/    by `keep_every`: what `sample` needs and nothing else, for good
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.base.errors import RunError
from ganzoo.base.peers import nearest
from ganzoo.training import checkpoints, identity
from ganzoo.training.checkpoints import Checkpoint

BEST, LAST, SNAPSHOTS = "best", "last", "snapshots"
JUDGING = "judging/"  # begins the names of what discriminators are made of, in packed weights


@dataclass(frozen=True)
class Score:
    """A state's value by a stated metric; "best" is chosen by it, never by a loss.

    Attributes:
        name: of the metric.
        value: the state's.
        lower_is_better: which way it is read.
        of: what it was taken of and with (the features' checksum, how many samples, the data's
            fingerprint); "" where that was not written down, which fits anything.
    """

    name: str
    value: float
    lower_is_better: bool = True
    of: str = ""

    def is_like(self, other: "Score") -> bool:
        """Whether the two can be compared."""
        return self.name == other.name and (not self.of or not other.of or self.of == other.of)

    def beats(self, other: "Score") -> bool:
        """Whether it is better than `other`, with which it can be compared."""
        return self.value < other.value if self.lower_is_better else self.value > other.value


@dataclass(frozen=True)
class Scored:
    """A state in `best/`: its file, its score, and whether a run that goes on forgets it."""

    path: Path
    score: Score
    provisional: bool


def scored(root: Path) -> list[Scored]:
    """The states in `best/` whose seals can be read, the best last."""
    found = []
    for path in checkpoints.list_sealed(root / BEST):
        notes = (checkpoints.read_seal(path) or {}).get("notes", {})
        try:
            score = Score(**notes["score"])
            found.append((float(score.value), Scored(path, score, bool(notes.get("provisional")))))
        except (KeyError, TypeError, ValueError):
            continue  # of another shape: no score of ours
    return [each for _, each in sorted(found, key=lambda f: -f[0] if f[1].score.lower_is_better else f[0])]


def best_score(root: Path) -> tuple[Score, int] | None:
    """The best score whose state is whole and the images seen then; None before the first."""
    for each in reversed(scored(root)):
        if checkpoints.is_whole(each.path):
            return each.score, checkpoints.images_of(each.path)
    return None


def record_score(
    root: Path,
    images_seen: int,
    arrays: dict,
    notes: dict[str, Any],
    score: Score,
    provisional: bool = False,
    say=print,
) -> bool:
    """Keeps this state as the best if `score` beats those before it; says whether it did.

    The old best stays until the new one is whole: a kill in between loses neither. A provisional
    one leaves the others where they are.
    """
    if not np.isfinite(score.value):
        return False
    before = best_score(root)
    if before is not None and not before[0].is_like(score):
        old, new = (f"{each.name} ({each.of})" for each in (before[0], score))
        say(f"the best state so far was chosen by another measure, {old}: now by {new}, it is chosen anew")
    elif before is not None and not score.beats(before[0]):
        return False
    folder = root / BEST
    folder.mkdir(exist_ok=True)
    notes = {**notes, "score": asdict(score), **({"provisional": True} if provisional else {})}
    checkpoints.save(folder, images_seen, arrays, notes)
    if not provisional:
        _forget(folder, lambda path: checkpoints.images_of(path) != images_seen)
    return True


def forget_provisional(root: Path) -> None:
    """Deletes what an interrupted end kept: the run goes on, and the best is that of its own moments."""
    provisional = {each.path for each in scored(root) if each.provisional}
    _forget(root / BEST, provisional.__contains__)


def _forget(folder: Path, which) -> None:
    for path in checkpoints.list_sealed(folder):
        if which(path):
            checkpoints.delete(path)


def save_snapshot(root: Path, images_seen: int, gan) -> None:
    """Keeps the generator that is sampled, for good."""
    folder = root / SNAPSHOTS
    folder.mkdir(exist_ok=True)
    arrays = {name: variable.numpy() for name, variable in gan.sampled_state().items()}
    checkpoints.save(folder, images_seen, arrays, {"run": identity.make(root)})


def choose(root: Path, which: str | int, say=print) -> Checkpoint:
    """A kept state: "best", "last", or the one at a number of images seen.

    "best" is the last one in a run without a score.

    Raises:
        RunError: if there is none, or none at that number (those there are named); if it is a state
            of another run.
    """
    found = _choose(root, which, say)
    theirs, ours = found.notes.get("run"), identity.find(root)
    if theirs is not None and ours is not None and theirs != ours:
        raise RunError(f"{found.path} is a state of another run ({theirs}, this is {ours}): take it away")
    return found


def _choose(root: Path, which: str | int, say) -> Checkpoint:
    check(root, which)
    if which in (BEST, LAST):
        found = _best(root, say) if which == BEST else None
        found = found or checkpoints.newest(root / "checkpoints", say)
        if found is None:
            raise _nothing_left(root)
        return found
    return checkpoints.read(_sealed(root)[int(which)])


def _best(root: Path, say) -> Checkpoint | None:
    """The best state that is whole; the last is taken, and said, where there were some and none is."""
    found = scored(root)
    for each in reversed(found):
        try:
            return checkpoints.read(each.path)
        except RunError as error:
            say(f"{error}; it was the best state by {each.score.name}")
    if found:
        say("no best state can be read: the last one is taken")
    return None


def check(root: Path, which: str | int) -> None:
    """Raises RunError if there is no state of that name; whether it is whole is not looked at."""
    there = _sealed(root)
    if which in (BEST, LAST):
        if not any(path.parent.name != SNAPSHOTS for path in there.values()):
            raise _nothing_left(root)
    elif not str(which).isdigit() or int(which) not in there:
        names = ", ".join(map(str, sorted(there))) or "none"
        close = nearest(str(which), (BEST, LAST))
        hint = f"did you mean {close!r}? " if close else ""
        raise RunError(
            f"{root} keeps no checkpoint {which}; {hint}give 'best', 'last' or images seen, kept are {names}"
        )


def _nothing_left(root: Path) -> RunError:
    """The error for a run without a state: one that has none yet, or one that had and lost them."""
    if (root / "summary.json").exists():
        kept = ", ".join(map(str, sorted(_sealed(root))))
        way = f"draw with a snapshot, --checkpoint {kept}" if kept else "begin a new run"
        return RunError(
            f"{root} was trained, but its checkpoints are gone or damaged: put a copy of checkpoints/ back, "
            f"or {way}"
        )
    return RunError(f"{root} has no usable checkpoint yet; train it first")


def _sealed(root: Path) -> dict[int, Path]:
    """All kept states by images seen; at one number a whole state before a snapshot."""
    return {
        checkpoints.images_of(path): path
        for folder in (SNAPSHOTS, BEST, "checkpoints")
        for path in checkpoints.list_sealed(root / folder)
    }


def take(gan, found: Checkpoint) -> None:
    """Gives a GAN a kept state. After a snapshot only its generator is trained."""
    if found.path.parent.name != SNAPSHOTS:
        checkpoints.restore(gan.state(), found.arrays)
    else:
        take_generator(gan, found.arrays)


def take_packed(gan, arrays: dict[str, np.ndarray]) -> None:
    """Gives a GAN the arrays of packed weights: the generator that is sampled, and discriminators if kept."""
    judging = {name: array for name, array in arrays.items() if name.startswith(JUDGING)}
    take_generator(gan, {name: array for name, array in arrays.items() if name not in judging})
    if judging:
        checkpoints.restore(gan.judging_state(), judging)


def take_generator(gan, arrays: dict[str, np.ndarray]) -> None:
    """Gives a GAN the arrays of `sampled_state()`: the generator that is sampled, and when it was."""
    checkpoints.restore(gan.sampled_state(), arrays)
    if gan.objective.ema_decay > 0:
        for average, variable in zip(gan.ema_weights, gan.g_variables, strict=True):
            variable.assign(average.numpy())
