"""What a report may say of where it was made: it is one file to be passed on, so no path of this machine."""

import dataclasses
import re
from pathlib import Path
from typing import Any

from ganzoo.compare.plan import Plan
from ganzoo.config import NOTHING
from ganzoo.weights import list_weights
from ganzoo.weights.places import PRIVATE, public_source, without_paths

# What stands for the folders and files that a user typed, in the command that a report shows.
PICTURES, FOLDER, FILE, WEIGHTS = "PICTURES", "FOLDER", "FILE", "WEIGHTS"
PLACES = re.compile(r"data\.(?:[ab]\.)?(source|labels_csv|cache_dir)")  # settings that hold a path


def public_plan(plan: Plan) -> Plan:
    """The plan with flags that anyone may read."""
    terms = dict(plan.terms)
    if public_source(terms.get("data", "paintings")) == PRIVATE:
        terms["data"] = PICTURES
    if "recipes" in terms:
        names = [Path(word).name if word.endswith(".toml") else word for word in terms["recipes"].split(",")]
        terms["recipes"] = ",".join(names)
    if "weights" in terms and terms["weights"] not in list_weights():
        terms["weights"] = WEIGHTS
    if "runs" in terms:
        terms["runs"] = [Path(run).name for run in terms["runs"]]
    if "set" in terms:
        terms["set"] = [_public_setting(setting) for setting in terms["set"]]
    return dataclasses.replace(plan, terms={**terms, "out": FOLDER})


def _public_setting(setting: str) -> str:
    key = setting.partition("=")[0]
    word = PLACES.fullmatch(key.strip())
    return f"{key}={PICTURES if word[1] == 'source' else FILE}" if word else setting


def in_public(plan: Plan, text: str) -> str:
    """A sentence, e.g. an error's, without this machine's paths."""
    known = {str(plan.out): FOLDER, str(plan.out.resolve()): FOLDER}
    for begun in {each.config.train.begin_with for each in plan.contestants} - {NOTHING, *list_weights()}:
        known |= {begun: WEIGHTS}
    for source in plan.contestants[0].config.data.sources:
        if public_source(source) == PRIVATE:
            known |= {word.strip(): PICTURES for word in source.split(",")}
    return without_paths(text, known)


def anonymous(plan: Plan, value: Any) -> Any:
    """Plain values in whose texts no path of this machine is left."""
    if isinstance(value, dict):
        return {key: anonymous(plan, each) for key, each in value.items()}
    if isinstance(value, list):
        return [anonymous(plan, each) for each in value]
    return in_public(plan, value) if isinstance(value, str) else value
