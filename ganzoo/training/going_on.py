"""Going on with a run: the state to go on from, and whether it is of this run, this recipe and this data."""

import re
from pathlib import Path
from typing import Any

from ganzoo.base.errors import RunError, UsageError
from ganzoo.config import Config, differences
from ganzoo.training import checkpoints, identity, kept
from ganzoo.training.checkpoints import Checkpoint
from ganzoo.training.runs import FREE, RunPaths


def state(root: Path, say, from_best: bool = False) -> Checkpoint | None:
    """The newest whole checkpoint of a run; None for a run that has none yet.

    Args:
        root: the run directory.
        say: is told of each damaged one.
        from_best: take the best state where no checkpoint can be used.

    Raises:
        RunError: if there were checkpoints and none can be used; it names what is left.
    """
    found = checkpoints.newest(root / "checkpoints", say)
    if found is not None:
        return found
    best = next((each for each in reversed(kept.scored(root)) if checkpoints.is_whole(each.path)), None)
    if from_best:
        if best is None:
            raise RunError(f"{root} has no whole state in best/ to go on from")
        seen = checkpoints.images_of(best.path)
        say(f"no checkpoint can be used: going on from the best state, at {seen:,} images; the rest is lost")
        return checkpoints.read(best.path)
    seen = images_ever_seen(root)
    if not has_states(root) and not had_states(root):
        if seen:
            say(f"this run has seen {seen:,} images, but never wrote a checkpoint: it begins anew")
        return None
    raise RunError(
        f"the run in {root} has seen {seen:,} images, but none of its checkpoints can be used: nothing was "
        f"changed; {_left(root, best)}"
    )


def _left(root: Path, best: kept.Scored | None) -> str:
    """What can be done with what is left."""
    names = [f"{checkpoints.images_of(path):,}" for path in checkpoints.list_sealed(root / "snapshots")]
    snapshots = f"snapshots of the generator are left at {', '.join(names)} images" if names else ""
    if best is not None:
        way = f"go on from the best state, at {checkpoints.images_of(best.path):,} images, with --from_best"
        return f"{way}{'; ' + snapshots if snapshots else ''}"
    again = "put a copy of checkpoints/ back, or begin a new run with another --run_dir"
    return f"{snapshots} (ganzoo-sample --checkpoint draws with one); {again}" if snapshots else again


def has_states(root: Path) -> bool:
    """Whether there is, or was, any state: a file of one, whole or not."""
    return any(
        checkpoints.NAME.fullmatch(path.with_suffix(".npz").name)
        for folder in ("checkpoints", kept.BEST, "snapshots")
        for path in (root / folder).glob("images-*")
    )


def had_states(root: Path) -> bool:
    """Whether a run of which no state is left once had one: its folder is gone, or it came to an end."""
    paths = RunPaths(root)
    began = paths.config.exists() and (paths.log.exists() or paths.summary.exists())
    return began and (not paths.checkpoints.exists() or paths.summary.exists())


def images_ever_seen(root: Path) -> int:
    """The most images that any file of a run speaks of."""
    numbers = [
        int(number)
        for folder in ("checkpoints", kept.BEST, "snapshots", "samples")
        for path in (root / folder).glob("images-*")
        for number in re.findall(r"images-(\d{12})", path.name)
    ]
    return max(numbers, default=0)


def recipe_of(config: Config) -> dict[str, Any]:
    """A config's tables without what may change while a run goes on."""
    tables = config.tables()
    for key in FREE:
        tables = _without(tables, key.split("."))
    return tables


def _without(table: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """A table without the key that a path leads to, if it does; copied on the way."""
    first, *rest = path
    if not rest:
        return {name: value for name, value in table.items() if name != first}
    return {**table, first: _without(table[first], rest)} if first in table else table


def refuse_another_recipe(notes: dict[str, Any], config: Config) -> None:
    """Raises UsageError, naming each difference, if a state was trained by another recipe than this."""
    before, now = notes.get("recipe"), recipe_of(config)
    if not isinstance(before, dict) or not all(isinstance(table, dict) for table in before.values()):
        return  # of a version that did not note it
    changed = [line for line in differences(before, now) if not _is_new_key(line, before)]
    if changed:
        raise UsageError(
            f"the run's last checkpoint is of another recipe ({'; '.join(changed)}): was its config.toml "
            "edited? Take that back, begin a new run, or go on with --allow_changes"
        )


def _is_new_key(line: str, before: dict[str, Any]) -> bool:
    """Whether a difference is of a key that the version which wrote `before` did not know."""
    table, _, name = line.split(":")[0].partition(".")
    return name.split(".")[0] not in before.get(table, {}) if name else table not in before


def refuse_another_run(notes: dict[str, Any], paths: RunPaths) -> None:
    """Raises RunError if a state was copied in from another run."""
    theirs, ours = notes.get("run"), identity.make(paths.root)
    if theirs is not None and theirs != ours:
        raise RunError(
            f"the newest checkpoint in {paths.checkpoints} is of another run ({theirs}, this is {ours}); "
            "take it away, or give --run_dir the run that it is of"
        )


def refuse_other_data(notes: dict[str, Any], fingerprint: str) -> None:
    """Raises RunError if a checkpoint was made on other data than this."""
    if notes.get("data", fingerprint) != fingerprint:
        raise RunError(
            "the data has changed since the run's last checkpoint (its fingerprint differs); "
            "put the old data back, begin a new run, or go on with --allow_other_data"
        )
