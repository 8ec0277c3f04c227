"""What a plan meets: the folder it is to be written to, runs begun before, the data."""

import dataclasses
import json
from pathlib import Path

from ganzoo import data
from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.compare.plan import Plan
from ganzoo.family import picture_shape
from ganzoo.training import checkpoints, runs

PLAN = "comparison.json"  # what makes a folder that of a comparison


def check_out(out: Path) -> None:
    """Raises UsageError if `out` is a file, or a folder of something else."""
    if out.is_file():
        raise UsageError(f"--out is {out}, a file; name a new folder or that of a comparison")
    if out.is_dir() and not (out / PLAN).is_file():
        strangers = sorted(path.name for path in out.iterdir() if path.name != ".lock")
        if strangers:
            raise UsageError(
                f"--out {out} holds something else ({strangers[0]}, no {PLAN}); give a new or empty folder"
            )


def check_runs(plan: Plan) -> None:
    """Raises UsageError if a run of the plan was begun differently, or has had a larger budget."""
    for run in plan.runs():
        if not runs.exists(run.root):
            continue
        changed = runs.changes(run.root, run.config)
        if changed:
            raise UsageError(
                f"the run in {run.root} was started differently ({'; '.join(changed)}); "
                "use the same arguments or another --out"
            )
        before, now = runs.read_config(run.root).train, run.config.train
        if before.images > now.images or (before.minutes or 1e9) > (now.minutes or 1e9):
            had = f"{before.minutes:g} minutes" if before.minutes else f"{before.images:,} images"
            raise UsageError(
                f"the run in {run.root} was given {had} and would be compared with runs of {plan.budget}; "
                "give the budget it had or more, or another --out"
            )


def check_store(plan: Plan):
    """The data of all runs, prepared now and once. Refuses by name who cannot learn from it.

    Raises:
        DataError: if a contestant needs labels that are not there. UsageError: if a batch is too large.
    """
    config = plan.contestants[0].config
    size, channels = picture_shape(config.family)
    store = data.load(dataclasses.replace(config.data, random_crop=0), size, channels)
    for each in plan.contestants:
        try:
            each.config.family.fit_to_data(store)
        except GanzooError as error:
            raise type(error)(f"{each.name} cannot be compared on this data: {error}") from None
        train, schedule = each.config.train, each.config.family.schedule
        largest = max(schedule.all_batch_sizes(train.batch_size))
        if largest > len(store):
            raise DataError(
                f"{each.name} is trained in batches of {largest}, but the data has {len(store)} pictures; "
                f"use more pictures or --set train.batch_size={len(store)} or less"
            )
    if plan.scoring.features == "classifier" and store.labels is None:
        raise UsageError("--features classifier needs labels, and the data has none; use mobilenet")
    return store


def fingerprints(plan: Plan, store) -> dict[int, str]:
    """The fingerprint of the data that runs are trained on, by `data.random_crop`; it is prepared by then."""
    found = {0: store.fingerprint}
    for each in plan.contestants:
        crop = each.config.data.random_crop
        if crop not in found:
            size, channels = picture_shape(each.config.family)
            found[crop] = data.load(each.config.data, size, channels).fingerprint
    return found


def check_data(plan: Plan) -> None:
    """Raises DataError if a run of the plan was trained on other data than there is now."""
    for run in plan.runs():
        before, now = trained_on(run.root), plan.data.get(run.config.data.random_crop)
        if before is not None and now is not None and before != now:
            raise DataError(
                f"the run in {run.root} was trained on other data (fingerprint {before[:12]}, now "
                f"{now[:12]}), its scores would be of neither; put the old data back or give another --out"
            )


def trained_on(root: Path) -> str | None:
    """The fingerprint of a run's data, from its summary or its newest checkpoint; None if neither says."""
    try:
        return json.loads((root / "summary.json").read_text(encoding="utf-8"))["data"]["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError):
        sealed = checkpoints.list_sealed(root / "checkpoints")
        seal = checkpoints.read_seal(sealed[-1]) if sealed else None
        return ((seal or {}).get("notes") or {}).get("data")


def plan_text(plan: Plan) -> str:
    """The plan as JSON, as it stands in `comparison.json`."""
    about = {
        "contestants": {each.name: each.config.tables() for each in plan.contestants},
        "budget": dataclasses.asdict(plan.budget),
        "seeds": plan.seeds,
        "scoring": dataclasses.asdict(plan.scoring),
    }
    return json.dumps(about, indent=1) + "\n"
