"""Single arguments for a recipe: what `--set TABLE.KEY=VALUE` means.

A value is TOML; a bare word is a text. A path may lead through a table (`model.batch_sizes.8=16`), into
what is given by its name alone (`loss.real_label=0.9`) and into a list of such things, by name or number
or, where it holds one thing, without either (`train.penalties.r1.weight=5`, `train.penalties.weight=5`).
"""

import tomllib
from typing import Any

from ganzoo.base.arguments import field_names, plain
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.peers import REASONS, key_of, line, plain_word
from ganzoo.config import TABLES, TrainConfig
from ganzoo.data.data_config import DataConfig
from ganzoo.family import FAMILIES
from ganzoo.objective import Objective

NAMED = ("loss", "penalties")  # may be given by their name alone


def apply_setting(tables: dict[str, Any], setting: str) -> None:
    """Puts a `--set` such as `model.width=32` into a recipe's tables; a bare word is a string.

    Raises:
        UsageError: if it is not of that form, or leads nowhere; the nearest path is named.
    """
    path, equals, text = setting.partition("=")
    keys = [key.strip() for key in path.split(".")]
    if not equals or not all(keys):
        raise UsageError(f"--set {setting!r} is not KEY=VALUE; write for example --set model.width=32")
    if keys[0] not in (*TABLES, "loss") or (len(keys) == 1 and keys[0] != "loss"):
        raise _elsewhere(tables, path.strip(), text)
    _fill_in(tables, keys)
    holder: Any = tables
    for depth, key in enumerate(keys[:-1], 1):
        holder = _within(holder, key, ".".join(keys[:depth]), keys[depth])
    try:
        value = tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    if isinstance(holder, list):
        holder[_place(holder, keys[-1], ".".join(keys[:-1]))] = value
    else:
        holder[keys[-1]] = value


def known_paths(model: str | None = None) -> list[str]:
    """Every path that `--set` takes, those of a family first where its name is known."""
    families = (
        [FAMILIES[model]]
        if isinstance(model, str) and model in FAMILIES
        else list(map(FAMILIES.__getitem__, FAMILIES))
    )
    of_model = dict.fromkeys(name for family in families for name in field_names(family))
    of_train = [*field_names(TrainConfig), *(name for name in field_names(Objective) if name != "loss")]
    return [
        *(f"model.{name}" for name in of_model),
        "loss",
        *(f"train.{name}" for name in of_train),
        *(f"data.{name}" for name in field_names(DataConfig)),
    ]


def _elsewhere(tables: dict, path: str, text: str) -> UsageError:
    """The error for a path that begins with no table: the whole of the one that was meant, if it is clear."""
    model = tables.get("model")
    paths = known_paths(model.get("name") if isinstance(model, dict) else None)
    last = path.rpartition(".")[2]
    meant = key_of(path, paths) or key_of(last, paths)
    if meant is not None:
        reason = REASONS.get(meant) if plain_word(last) != meant.rpartition(".")[2] else None
        why = reason or f"{path} has to be told by its table"
        return UsageError(f"--set {path}={text}: {why}; write --set {line(meant, last, text)}")
    return unknown("key in --set", path, paths)


def _fill_in(tables: dict, keys: list[str]) -> None:
    """Spells out a list that the path leads into and the recipe leaves to the family."""
    table, name = tables.setdefault(keys[0], {}) if keys[0] in TABLES else {}, keys[1:2]
    model = tables.get("model")
    family = model.get("name") if isinstance(model, dict) else None
    if keys[0] != "train" or len(keys) < 3 or not isinstance(table, dict) or name[0] in table:
        return
    if isinstance(family, str) and family in FAMILIES:
        own = plain(FAMILIES[family].objective).get(name[0])
        if isinstance(own, list):
            tables["train"] = {**table, name[0]: own}


def _within(holder: Any, key: str, path: str, following: str) -> Any:
    """What is at `key` of a table or list, copied there and made a table or list if it was a name."""
    at = _place(holder, key, path.rpartition(".")[0]) if isinstance(holder, list) else key
    inner = holder[at] if isinstance(holder, list) else holder.get(at, {})
    if isinstance(inner, str) and (isinstance(holder, list) or key in NAMED):
        inner = {"name": inner}
    if isinstance(inner, list):
        inner = list(inner)
        holder[at] = inner
        if len(inner) == 1 and not following.isdigit() and following not in map(_name, inner):
            return _within(inner, "0", f"{path}.0", following)  # there is one, which need not be named
        return inner
    if not isinstance(inner, dict):
        raise UsageError(
            f"--set {path}.{following}: {path} is {inner!r}, which has nothing of that name within"
        )
    holder[at] = dict(inner)
    return holder[at]


def _place(entries: list, key: str, path: str) -> int:
    """The index in a list that a name or a number means."""
    names = list(map(_name, entries))
    if key.isdigit() and int(key) < len(entries):
        return int(key)
    if names.count(key) == 1:
        return names.index(key)
    there = ", ".join(f"{path}.{name}" for name in names) or "nothing"
    raise UsageError(f"--set {path}.{key}: {path} is a list, in which there is {there}; name one of them")


def _name(entry: Any) -> Any:
    return entry.get("name") if isinstance(entry, dict) else entry
