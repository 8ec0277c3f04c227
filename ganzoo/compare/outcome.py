"""How a training ended, kept on disk so that a failure is a result and not repeated."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ganzoo.base.version import __version__
from ganzoo.compare.plan import Plan, Run
from ganzoo.disk.files import write_text
from ganzoo.training import runs
from ganzoo.training.interrupt import COLLAPSED

FINISHED, COLLAPSE, FAILED = "finished", "collapsed", "failed"
WITHOUT_BUDGET = "it ended without having reached its budget"


@dataclass(frozen=True)
class Outcome:
    """The end of a run: `finished`, `collapsed` or `failed`, and what was said."""

    status: str
    sentence: str = ""
    exit_code: int = 0


def judged(run: Run, exit_code: int, sentence: str) -> Outcome:
    """What an exit code of `ganzoo-train` says of a run."""
    if exit_code == 0:
        is_done = runs.is_finished(run.root, run.config)
        return Outcome(FINISHED) if is_done else Outcome(FAILED, WITHOUT_BUDGET)
    status = COLLAPSE if exit_code == COLLAPSED else FAILED
    return Outcome(status, sentence, exit_code)


def asked(plan: Plan, run: Run) -> dict[str, Any]:
    """What an outcome is of: it says nothing about another budget, recipe, data or version."""
    return {
        "budget": asdict(plan.budget),
        "recipe": run.config.tables(),
        "data": plan.data.get(run.config.data.random_crop),
        "ganzoo": __version__,
    }


def path_of(plan: Plan, run: Run) -> Path:
    """Where a failure is kept: not in the run directory, which may not have come to be."""
    return plan.out / "outcomes" / f"{run.name}.json"


def keep(plan: Plan, run: Run, outcome: Outcome) -> None:
    """Writes how a run ended, and under which terms."""
    path = path_of(plan, run)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_text(path, json.dumps({"asked": asked(plan, run), **asdict(outcome)}, indent=1) + "\n")


def known(plan: Plan, run: Run) -> Outcome | None:
    """How a run ended: finished, or failed under these same terms; None if it has to be trained."""
    if runs.exists(run.root) and runs.is_finished(run.root, run.config):
        return Outcome(FINISHED)
    try:
        kept = json.loads(path_of(plan, run).read_text(encoding="utf-8"))
        if kept.pop("asked") != asked(plan, run):
            return None
        return Outcome(**kept) if kept["status"] != FINISHED else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
