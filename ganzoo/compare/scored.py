"""The equal evaluation of every finished run, kept in the run directory."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ganzoo.base.errors import GanzooError
from ganzoo.base.lazy import LazyModule, keras, tf
from ganzoo.base.version import __version__
from ganzoo.compare.plan import Plan, Run
from ganzoo.disk.files import write_text
from ganzoo.disk.sums import short_sum
from ganzoo.metrics.report import without_nan
from ganzoo.training import checkpoints, kept

evaluation = LazyModule("ganzoo.evaluation")
layout, pictures = LazyModule("ganzoo.pictures.layout"), LazyModule("ganzoo.training.run_pictures")

STATES = (kept.LAST, kept.BEST)


def images_at(root: Path, state: str) -> int | None:
    """Images seen at the best or last state of a run; None if it has no checkpoint."""
    best = kept.best_score(root) if state == kept.BEST else None
    if best is not None:
        return best[1]
    sealed = checkpoints.list_sealed(root / "checkpoints")
    return checkpoints.images_of(sealed[-1]) if sealed else None


def sum_at(root: Path, state: str) -> str:
    """The checksum of the best or last state of a run, as its seal says: another training, another one."""
    best = kept.scored(root)[-1:] if state == kept.BEST else []
    for paths in ([each.path for each in best], checkpoints.list_sealed(root / "checkpoints")):
        seal = checkpoints.read_seal(paths[-1]) if paths else None
        if seal is not None:
            return str(seal.get("sha256"))
    return ""


def stem(run: Run, state: str) -> Path:
    """Where the files of a run's best or last state are, without their endings."""
    seen, digest = images_at(run.root, state) or 0, sum_at(run.root, state)[:8]
    return run.root / "evaluations" / f"compare-images-{seen:012d}-{digest}"


def measures_for(conditional: bool, labelled: bool, held_out: bool) -> tuple[str, ...]:
    """The measures of a run: the same for all, and class agreement besides where classes are asked for."""
    measures = (*evaluation.default_measures(held_out, False), *("modes",) * labelled)
    return (*measures, "agreement") if conditional and labelled else measures


def score_all(plan: Plan, finished: Sequence[Run], store, say: Callable[[str], None] = print) -> dict:
    """For each run's name and state its report as plain values, or `{"error": sentence}`.

    What was evaluated before under the same terms is read, not done again.
    """
    labelled = store.labels is not None and len(store.class_names) > 1
    held_out = evaluation.real_pictures(plan.contestants[0].config)[1]
    terms = {
        **dataclasses.asdict(plan.scoring),
        "data": [store.fingerprint, held_out and held_out.fingerprint],
        "checksum": checksum_of(plan.scoring.features),
        "versions": {"ganzoo": __version__, "keras": keras.__version__, "tensorflow": tf.__version__},
    }
    found: dict[str, dict[str, Any]] = {}
    for number, run in enumerate(finished, 1):
        conditional = run.config.family.label is not None
        measures = measures_for(conditional, labelled, held_out is not None)
        found[run.name] = {}
        for state in STATES:
            where = f"{run.contestant.name}, seed {run.seed}, {state} ({number} of {len(finished)})"
            found[run.name][state] = scored(
                plan, run, state, {**terms, "measures": list(measures)}, lambda w=where: say(f"{w}: scoring")
            )
    return found


def checksum_of(features: str) -> str | None:
    """Of the weights of a feature space; None of one that is trained on the data, or cannot be had."""
    if features == "classifier":
        return None
    try:
        return evaluation.feature_space(features).checksum
    except GanzooError:
        return None


def scored(plan: Plan, run: Run, state: str, terms: dict[str, Any], begin: Callable[[], None]) -> dict:
    """One state's `{"images_seen", "report", "sheet"}`, from the run directory or made now.

    Kept is what was made under the same `terms` of the same state: each has files of its own.
    """
    if images_at(run.root, state) is None:
        return {"error": "the run has no checkpoint"}
    asked = {**terms, "state": sum_at(run.root, state)}
    base = stem(run, state)
    path = base.with_name(f"{base.name}-{plan.scoring.features}-{short_sum(asked)}.json")
    sheet = path.with_name(f"{path.stem}-nearest.png")
    try:
        known = json.loads(path.read_text(encoding="utf-8"))
        if known["asked"] == asked and sheet.is_file():
            return known
    except (OSError, ValueError, KeyError, TypeError):
        pass
    begin()
    try:
        made = evaluation.evaluate_run(
            run.root,
            checkpoint=state,
            features=plan.scoring.features,
            measures=terms["measures"],
            num=plan.scoring.num,
            seed=plan.scoring.seed,
        )
        path.parent.mkdir(exist_ok=True)
        pictures.save_png(sheet, layout.as_image(made.sheet))
    except GanzooError as error:
        return {"error": str(error)}
    result = {"asked": asked, "of": made.of, "images_seen": made.images_seen, "sheet": sheet.name}
    result["report"] = without_nan(dataclasses.asdict(made.report))
    write_text(path, json.dumps(result, indent=1) + "\n")
    return result
