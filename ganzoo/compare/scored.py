"""The equal evaluation of every finished run, kept in the run directory."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ganzoo.compare.plan import Plan, Run
from ganzoo.errors import GanzooError
from ganzoo.lazy import LazyModule
from ganzoo.metrics.report import without_nan
from ganzoo.training import checkpoints, kept
from ganzoo.training.files import write_text

evaluation = LazyModule("ganzoo.evaluation")
layout, pictures = LazyModule("ganzoo.layout"), LazyModule("ganzoo.training.pictures")

STATES = (kept.LAST, kept.BEST)


def images_at(root: Path, state: str) -> int | None:
    """Images seen at the best or last state of a run; None if it has no checkpoint."""
    best = kept.best_score(root) if state == kept.BEST else None
    if best is not None:
        return best[1]
    sealed = checkpoints.list_sealed(root / "checkpoints")
    return checkpoints.images_of(sealed[-1]) if sealed else None


def stem(run: Run, images_seen: int) -> Path:
    """Where the files of one evaluated state are, without their endings."""
    return run.root / "evaluations" / f"compare-images-{images_seen:012d}"


def measures_for(conditional: bool, labelled: bool, held_out: bool) -> tuple[str, ...]:
    """The measures of a run: the same for all, and class agreement besides where classes are asked for."""
    measures = (*evaluation.default_measures(held_out, False), *("modes",) * labelled)
    return (*measures, "agreement") if conditional and labelled else measures


def score_all(plan: Plan, finished: Sequence[Run], store, say: Callable[[str], None] = print) -> dict:
    """For each run's name and state its report as plain values, or `{"error": sentence}`.

    What was evaluated before under the same terms is read, not done again.
    """
    labelled = store.labels is not None and len(store.class_names) > 1
    held_out = evaluation.real_pictures(plan.contestants[0].config)[1] is not None
    found: dict[str, dict[str, Any]] = {}
    for number, run in enumerate(finished, 1):
        conditional = "label" in run.config.family.batch_spec
        measures = measures_for(conditional, labelled, held_out)
        found[run.name] = {}
        for state in STATES:
            where = f"{run.contestant.name}, seed {run.seed}, {state} ({number} of {len(finished)})"
            found[run.name][state] = scored(plan, run, state, measures, lambda w=where: say(f"{w}: scoring"))
    return found


def scored(plan: Plan, run: Run, state: str, measures: Sequence[str], begin: Callable[[], None]) -> dict:
    """One state's `{"images_seen", "report"}`, from the run directory or made now."""
    asked = {**dataclasses.asdict(plan.scoring), "measures": list(measures)}
    images_seen = images_at(run.root, state)
    if images_seen is None:
        return {"error": "the run has no checkpoint"}
    base = stem(run, images_seen)
    path = base.with_name(f"{base.name}-{plan.scoring.features}.json")
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["asked"] == asked and nearest_path(run, images_seen).is_file():
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass
    begin()
    try:
        made = evaluation.evaluate_run(
            run.root,
            checkpoint=state,
            features=plan.scoring.features,
            measures=measures,
            num=plan.scoring.num,
            seed=plan.scoring.seed,
        )
        path.parent.mkdir(exist_ok=True)
        pictures.save_png(nearest_path(run, images_seen), layout.as_image(made.sheet))
    except GanzooError as error:
        return {"error": str(error)}
    result = {"asked": asked, "images_seen": made.images_seen}
    result["report"] = without_nan(dataclasses.asdict(made.report))
    write_text(path, json.dumps(result, indent=1) + "\n")
    return result


def nearest_path(run: Run, images_seen: int) -> Path:
    """The sheet of samples beside their nearest training pictures."""
    base = stem(run, images_seen)
    return base.with_name(f"{base.name}-nearest.png")
