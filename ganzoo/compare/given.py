"""A comparison of runs that are trained already: nothing is trained, all is scored alike."""

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import UsageError
from ganzoo.base.paths import expanded
from ganzoo.compare.plan import Budget, Contestant, Plan, Run, Scoring, check_alike
from ganzoo.config import Config
from ganzoo.training import runs

NUMBERED = re.compile(r"(-seed)?-?\d+$")  # what tells runs of one recipe apart, at the end of their names
NEARLY = 0.01  # by how much budgets may differ: whole steps of other batches


@dataclass(frozen=True)
class PlanOfRuns(Plan):
    """The plan of a comparison whose runs are given; `given` are in the order of their contestants."""

    given: tuple[Run, ...] = ()

    def runs(self) -> list[Run]:
        return list(self.given)


def plan_of_runs(folders: Sequence[str | Path], out: str | Path, scoring: Scoring) -> PlanOfRuns:
    """The plan that compares finished runs: those of one recipe and other seeds are one contestant.

    Raises:
        UsageError: for a folder without a finished run, one given twice, other budgets, pictures or tasks.
        RunError: for a folder that is no run.
    """
    roots = [expanded(folder).resolve() for folder in folders]
    if len(set(roots)) < len(roots):
        raise UsageError("a run is given twice; give each once")
    names = [root.name for root in roots]
    if len(set(names)) < len(names):
        raise UsageError(
            "two of the runs' folders have one name, by which a report tells them apart; rename one"
        )
    seen = {root: images_of(root) for root in roots}
    least, most = min(seen.values()), max(seen.values())
    if most > least * (1 + NEARLY):
        raise UsageError(
            f"{_name_of(seen, least)} has seen {least:,} images and {_name_of(seen, most)} {most:,}: scores "
            "of unequal budgets say nothing of the recipes; go on with the shorter one, --images N"
        )
    groups: dict[str, list[tuple[Path, Config]]] = {}
    for root in roots:
        config = runs.read_config(root)
        groups.setdefault(_recipe_of(config), []).append((root, config))
    contestants, found = [], []
    for group in groups.values():
        contestant = _contestant(group, contestants, most)
        contestants.append(contestant)
        found += [Run(contestant, config.train.seed, root) for root, config in group]
    check_alike(contestants)
    terms = {"runs": [str(folder) for folder in folders], "features": scoring.features, "num": scoring.num}
    most_seeds = max(map(len, groups.values()))
    return PlanOfRuns(
        expanded(out), tuple(contestants), Budget(images=most), most_seeds, scoring, terms, given=tuple(found)
    )


def images_of(root: Path) -> int:
    """The images that a finished run has seen. Raises UsageError for one that is not finished."""
    config = runs.read_config(root)
    if not runs.is_finished(root, config):
        raise UsageError(f"{root} is not finished; go on with it first: ganzoo-train --run_dir {root}")
    return int(runs.read_summary(root)["images_seen"])


def _name_of(seen: dict[Path, int], images: int) -> str:
    return next(root.name for root, number in seen.items() if number == images)


def _recipe_of(config: Config) -> str:
    """What runs of one contestant share: all but the seed and what changes no result."""
    tables = config.tables()
    free = [key.split(".")[1] for key in runs.FREE if key.startswith("train.")]
    train = {name: value for name, value in tables["train"].items() if name not in ("seed", *free)}
    data = {name: value for name, value in tables["data"].items() if name not in ("source", "cache_dir")}
    return repr({**tables, "train": train, "data": data})


def _contestant(group: list[tuple[Path, Config]], others: list[Contestant], images: int) -> Contestant:
    """A contestant called as its runs are, without their numbers."""
    root, config = group[0]
    name = NUMBERED.sub("", root.name) or root.name
    if name in [other.name for other in others]:
        name = root.name
    train = dataclasses.replace(config.train, images=images)
    return Contestant(name, dataclasses.replace(config, train=train), own_budget=config.train.images)
