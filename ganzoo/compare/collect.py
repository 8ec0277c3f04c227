"""Everything a report says, as plain values: what `results.json` holds."""

import inspect
import json
import platform
import re
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from ganzoo.base.machine import num_cores, processor
from ganzoo.base.version import __version__
from ganzoo.compare.outcome import FINISHED, Outcome
from ganzoo.compare.plan import Contestant, Plan, Run
from ganzoo.compare.public import anonymous, in_public
from ganzoo.compare.statistics import permutation, spread_of, welch
from ganzoo.config import flat, to_toml
from ganzoo.family import FAMILIES
from ganzoo.metrics.report import without_nan
from ganzoo.objective import OF_OPPONENTS
from ganzoo.training import health
from ganzoo.training.log import read_rows
from ganzoo.weights.places import public_source, without_places

CURVE = ("images_seen", "seconds", "d_loss", "g_loss", "d_real", "d_fake", "diversity")
# Keys of [train] that all contestants share by the comparison's terms, or that change no result.
NOT_OF_TRAINING = (
    *("images", "minutes", "seed", "eval_every", "eval_features", "eval_num", "grid_every"),
    *("checkpoint_every", "checkpoint_minutes", "keep", "keep_every"),
)


def collect(plan: Plan, ended: dict[str, Outcome], scores: dict, costs: dict, store) -> dict[str, Any]:
    """The results of a comparison, from what its runs left on disk and what was worked out since."""
    by_contestant = {each.name: [] for each in plan.contestants}
    for run in plan.runs():
        known = anonymous(plan, scores.get(run.name, {}))
        sentence = in_public(plan, ended[run.name].sentence)
        end = replace(ended[run.name], sentence=sentence)
        found = of_run(run, end, known, plan.scoring.headline)
        by_contestant[run.contestant.name].append(found)
    contestants = [
        of_contestant(plan, each, by_contestant[each.name], costs[each.name]) for each in plan.contestants
    ]
    results = {
        "ganzoo": __version__,
        "budget": asdict(plan.budget),
        "seeds": sorted({run.seed for run in plan.runs()}),
        "data": about_data(plan, store),
        "scoring": {**asdict(plan.scoring), "headline": plan.scoring.headline},
        "contestants": contestants,
        "features": features_of(scores),
        "floors": floors(contestants),
        "differences": differences(contestants, plan.scoring.headline),
        "unequal": unequal(plan.contestants),
        "machine": machine(plan),
    }
    return without_nan(results)


def features_of(scores: dict[str, dict]) -> dict[str, str]:
    """The features that runs were scored in: space, checksum of its weights, how pictures are resized."""
    reports = [s["report"] for found in scores.values() for s in found.values() if "report" in s]
    first = reports[0] if reports else {}
    names = {"space": "features", "checksum": "checksum", "resize": "resize"}
    return {name: str(first.get(key, "-")) for name, key in names.items()}


def of_run(run: Run, ended: Outcome, scores: dict, headline: str) -> dict[str, Any]:
    """One run: how it ended, what it took, its curve and its scores."""
    summary = read_summary(run)
    seconds, seen = summary.get("seconds"), summary.get("images_seen")
    rows = curve(run.root / "log.csv", (*CURVE, *run.config.objective.weights, headline))
    return {
        "seed": run.seed,
        "folder": run.name,
        "status": ended.status,
        "sentence": ended.sentence,
        "images_seen": seen if seen is not None else (rows[-1]["images_seen"] if rows else None),
        "seconds": seconds,
        "images_per_second": seen / seconds if seconds and seen else None,
        "peak_memory_mib": summary.get("peak_memory_mib"),
        "versions": summary.get("versions", {}),
        "curve": rows,
        "alike_at_the_end": bool(rows) and health.is_collapsed(rows),
        **{state: of_state(found) for state, found in scores.items()},
    }


def of_state(found: dict) -> dict[str, Any]:
    """The measures of one evaluated state, by name."""
    if "error" in found:
        return found
    measures = {row["name"]: {k: v for k, v in row.items() if k != "name"} for row in found["report"]["rows"]}
    return {"images_seen": found["images_seen"], "measures": measures}


def read_summary(run: Run) -> dict[str, Any]:
    """The run's `summary.json`; empty if it left none."""
    try:
        return json.loads((run.root / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def curve(log: Path, names: tuple[str, ...]) -> list[dict[str, float]]:
    """The lines of a log, of the columns that are drawn."""
    if not log.is_file():
        return []
    numbers = ({k: v for k, v in row.items() if not isinstance(v, str)} for row in read_rows(log))
    return [{name: row[name] for name in names if name in row} for row in numbers]


def of_contestant(plan: Plan, contestant: Contestant, found: list[dict], cost) -> dict[str, Any]:
    """One contestant: its runs and what they have in common."""
    config = contestant.config
    train = config.train
    last = max((run["images_seen"] or 0 for run in found), default=0)
    sizes = sorted({config.batch_size(seen) for seen in range(0, max(last, 1), max(1, last // 1000))})
    return {
        "name": contestant.name,
        "model": config.model,
        "papers": papers(config.family),
        "varied": list(contestant.varied),
        "recipe": to_toml(without_places(config).tables()),
        "own_budget": contestant.own_budget,
        "rates_end": config.objective.decay_until,
        "stands": config.family.schedule.describe(plan.budget.images or last),
        "conditional": config.family.label is not None,
        "batch_sizes": sizes,
        "learning_rates": [
            config.objective.learning_rate,
            config.objective.d_learning_rate or config.objective.learning_rate,
        ],
        "precision": train.precision,
        "cost": None if cost is None else asdict(cost),
        "runs": found,
        "measures": {state: summed_up(found, state) for state in ("last", "best")},
        "images_per_second": spread(run["images_per_second"] for run in finished(found)),
        "seconds": spread(run["seconds"] for run in finished(found)),
        "images_seen": spread(run["images_seen"] for run in finished(found)),
        "peak_memory_mib": spread(run["peak_memory_mib"] for run in finished(found)),
    }


def finished(found: list[dict]) -> list[dict]:
    return [run for run in found if run["status"] == FINISHED]


def summed_up(found: list[dict], state: str) -> dict[str, Any]:
    """Mean and spread over the seeds of each measure, and of its ratio to the floor."""
    measured = [run[state]["measures"] for run in finished(found) if "measures" in run.get(state, {})]
    names = list(dict.fromkeys(name for each in measured for name in each))
    sums = {}
    for name in names:
        rows = [each[name] for each in measured if name in each]
        sums[name] = {
            "value": spread(row["value"] for row in rows),
            "ratio": spread(row["ratio"] for row in rows),
            "better": rows[0]["better"],
            "num": rows[0]["num"],
            "notes": sorted({row["note"] for row in rows if row["note"]}),
            "doubts": sorted({row["doubt"] for row in rows if row.get("doubt")}),
        }
    return sums


def spread(values) -> dict[str, Any] | None:
    """Mean, deviation and values as JSON has them."""
    found = spread_of([value for value in values if value is not None])
    return None if found is None else asdict(found)


def floors(contestants: list[dict]) -> dict[str, dict]:
    """The real-against-real value of each measure: the same pictures for all, so one number each."""
    found: dict[str, dict] = {}
    for each in contestants:
        for run in finished(each["runs"]):
            for name, row in run.get("last", {}).get("measures", {}).items():
                if row["floor"] is not None:
                    found.setdefault(name, {"floor": row["floor"], "num": row["num"]})
    return found


def differences(contestants: list[dict], headline: str) -> list[dict[str, Any]]:
    """Every pair of contestants by the headline measure at the end of the budget, the lower mean first."""
    there = [(each["name"], values_of(each, headline)) for each in contestants]
    there = sorted(((name, found) for name, found in there if found), key=lambda pair: pair[1].mean)
    pairs = []
    for at, (name, ours) in enumerate(there):
        for other, theirs in there[at + 1 :]:
            interval, test = welch(ours, theirs), permutation(ours.values, theirs.values)
            deviations = [s.deviation for s in (ours, theirs) if s.deviation is not None]
            pairs.append(
                {
                    "lower": name,
                    "higher": other,
                    "num": [len(ours.values), len(theirs.values)],
                    "difference": theirs.mean - ours.mean,
                    "larger_spread": max(deviations) if len(deviations) == 2 else None,
                    "apart": max(ours.values) < min(theirs.values),
                    "interval": None if interval is None else [interval.low, interval.high],
                    "p_value": None if test is None else test.p_value,
                    "least_p_value": None if test is None else test.least,
                    "splits": None if test is None else test.splits,
                }
            )
    return pairs


def values_of(contestant: dict, measure: str, state: str = "last"):
    """The spread of a measure over a contestant's finished runs; None if there is none."""
    found = contestant["measures"][state].get(measure, {}).get("value")
    return None if found is None else spread_of(found["values"])


def unequal(contestants: tuple[Contestant, ...]) -> dict[str, dict[str, Any]]:
    """Keys of the recipes, architecture apart, in which contestants differ, with each one's value."""
    tables = {}
    for each in contestants:
        parts = without_places(each.config).tables()
        silent = NOT_OF_TRAINING if each.config.family.has_opponent else (*NOT_OF_TRAINING, *OF_OPPONENTS)
        train = {k: v for k, v in parts["train"].items() if k not in silent}
        loss = {} if "loss" in silent else flat(parts["loss"], "loss.")
        stream = {f"data.{k}": v for k, v in parts["data"].items()}
        tables[each.name] = {**loss, **flat(train), **stream}
    keys = sorted({key for table in tables.values() for key in table})
    return {
        key: {name: table.get(key) for name, table in tables.items()}
        for key in keys
        if len({repr(table.get(key)) for table in tables.values()}) > 1
    }


def about_data(plan: Plan, store) -> dict[str, Any]:
    config = plan.contestants[0].config
    return {
        "source": " and ".join(public_source(each).strip("()") for each in config.data.sources),
        "pictures": len(store),
        "of_one_picture": store.copies,
        "classes": list(store.class_names),
        "fingerprint": store.fingerprint,
        "shape": list(config.family.output.shape),
    }


def papers(family) -> list[str]:
    """The arXiv numbers that a family's file names."""
    text = inspect.getdoc(sys.modules[FAMILIES[FAMILIES.name_of(family)].__module__]) or ""
    return list(dict.fromkeys(re.findall(r"arXiv:? ?(\d{4}\.\d{4,5})", text)))[:1]


def machine(plan: Plan) -> dict[str, Any]:
    """Where it was done."""
    made = next((v for run in plan.runs() if (v := read_summary(run).get("versions"))), {})
    return {
        "processor": processor(),
        "cores": num_cores(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "versions": {"python": platform.python_version(), **made},
    }
