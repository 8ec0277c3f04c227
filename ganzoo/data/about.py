"""store.json: what a prepared folder says of itself, read with care because people and disks change files."""

import json
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError
from ganzoo.data.data_config import LAYOUT

NAME = "store.json"
_REPORT = {"found": int, "accepted": int, "rejected": int, "pictures": int}
_REPORT |= {"reasons": dict, "notes": dict, "classes": dict, "folded": dict}


class Damaged(DataError):
    """A prepared folder does not hold what was prepared."""


@dataclass(frozen=True)
class About:
    """The keys of store.json; the pictures of split train come first, then those of split test."""

    layout: int
    key: str
    size: int
    channels: int
    settings: dict
    train: int
    test: int
    class_names: list
    sha256: dict
    report: dict


def read(folder: Path) -> About:
    """What the store.json of a prepared folder says. Raises Damaged: it is not there, or cannot be used."""
    try:
        values = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if not isinstance(values, dict):
            raise ValueError("it is no table")
        if values.get("layout") != LAYOUT:
            raise ValueError(f"its layout is {values.get('layout')!r}, not {LAYOUT}")
        if "train" in values and not values["train"] and not values.get("test"):
            values = _nothing_in(values)
        about = About(**{name: _value(values, name, kind.type) for name, kind in _FIELDS.items()})
        for name, kind in _REPORT.items():
            _value(about.report, name, kind)
        if min(about.train, about.test) < 0 or about.size < 1:
            raise ValueError("its numbers make no sense")
        if about.train + about.test:
            _value(about.sha256, "images.npy", str)
        return about
    except (OSError, ValueError, TypeError, RecursionError) as error:
        raise Damaged(
            f"{folder / NAME} cannot be used ({error}): delete the folder and prepare it again"
        ) from None


_FIELDS = About.__dataclass_fields__


def _nothing_in(values: dict) -> dict:
    """Of a set without pictures only the reasons are of interest: what else is missing is empty."""
    report = {name: kind() for name, kind in _REPORT.items()}
    return {"key": "", "sha256": {}, **values, "report": report | values.get("report", {})}


def _value(values: dict, name: str, kind: type):
    if name not in values:
        raise ValueError(f"it has no key {name!r}")
    value = values[name]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}")
    return value
