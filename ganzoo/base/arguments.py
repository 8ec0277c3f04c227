"""From plain values (TOML, keywords, files) to argument dataclasses and back, checked on the way.

A key is a field's own name and its default stands in the dataclass, nowhere else. Fields
whose value is one of several registered things (a loss, a penalty) carry the registry in
their metadata: in plain form they are a name, or a table with `name` and arguments.
"""

import dataclasses
import datetime
import types
import typing
from typing import Any

from ganzoo.base.counts import parse_count
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.ranges import check
from ganzoo.base.registry import Registry

# What TOML, JSON and notebooks know besides texts and tables: none of these is a loss or a penalty.
PLAIN = (int, float, list, tuple, set, bytes, type(None), datetime.date, datetime.time)


def choice(registry: Registry, **kwargs) -> Any:
    """A dataclass field whose value is one of the things in `registry`, or a tuple of them."""
    return dataclasses.field(metadata={"registry": registry}, **kwargs)


def field_names(cls) -> list[str]:
    """The names of the arguments that `cls`, a dataclass, takes."""
    return [f.name for f in dataclasses.fields(cls) if f.init]


def make(cls, values: dict[str, Any], where: str):
    """An instance of the dataclass `cls` from plain values.

    Args:
        cls: a dataclass.
        values: field names and values, as `plain` gives them.
        where: how errors name the place, e.g. "[model]".

    Raises:
        UsageError: for an unknown key (the nearest is named) or a value of another type.
    """
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls) if f.init}
    arguments = {}
    for key, value in values.items():
        if key not in fields:
            raise unknown(f"key in {where}", key, fields)
        registry = fields[key].metadata.get("registry")
        if registry is None:
            arguments[key] = convert(value, hints[key], f"{where} {key}")
        elif isinstance(value, list | tuple):
            arguments[key] = tuple(named(registry, each, f"{where} {key}") for each in value)
        else:
            arguments[key] = named(registry, value, f"{where} {key}")
    made = cls(**arguments)
    check(made)  # a class of the user's own need not ask for it
    return made


def named(registry: Registry, value: Any, where: str):
    """One of the things in `registry`, from its name, a table with `name`, or itself."""
    if isinstance(value, str):
        value = {"name": value}
    if not isinstance(value, dict):
        if not isinstance(value, PLAIN):
            return value  # the object itself, a user's own perhaps
        raise UsageError(
            f"{where} is {value!r}, but must be a {registry.what}: one of {', '.join(sorted(registry))}"
        )
    if "name" not in value:
        raise UsageError(f"{where} has no name; write e.g. {{ name = {min(registry)!r} }}")
    rest = {k: v for k, v in value.items() if k != "name"}
    return make(registry[value["name"]], rest, f"{where} ({value['name']})")


def convert(value: Any, hint: Any, where: str) -> Any:
    """`value` as the type `hint` asks for; an int serves as a float, a list as a tuple."""
    origin, options = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return value
    if origin in (types.UnionType, typing.Union):
        if value is None and type(None) in options:
            return None
        options = [option for option in options if option is not type(None)]
        errors = []
        for option in options:
            try:
                return convert(value, option, where)
            except UsageError as error:
                errors.append(error)
        raise errors[0]
    if dataclasses.is_dataclass(hint):
        if isinstance(value, hint):
            return value
        if isinstance(value, dict):
            return make(hint, value, where)
    elif origin is tuple and isinstance(value, list | tuple):
        return tuple(convert(each, options[0], where) for each in value)
    elif origin is dict and isinstance(value, dict):  # TOML and JSON know only texts as keys
        keys = [int(k) if options[0] is int and str(k).isdigit() else k for k in value]
        keys = [convert(k, options[0], f"a key of {where}") for k in keys]
        return {k: convert(v, options[1], f"{where}.{k}") for k, v in zip(keys, value.values(), strict=True)}
    elif hint is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif hint is int and isinstance(value, float) and value.is_integer():
        return int(value)  # 2e6 images
    elif hint is int and isinstance(value, str):
        try:
            return parse_count(value)
        except ValueError as error:
            raise UsageError(f"{where} is {value!r}, but must be a whole number: {error}") from None
    elif isinstance(value, origin or hint) and not (isinstance(value, bool) and hint is not bool):
        return value
    raise UsageError(f"{where} is {value!r}, but must be {_described(hint)}")


def _described(hint: Any) -> str:
    words = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
    if typing.get_origin(hint) is dict:
        key, value = (words.get(each, each) for each in typing.get_args(hint))
        return f"a table of {value} for {key}"
    if dataclasses.is_dataclass(hint):
        return f"a table with {', '.join(field_names(hint))}"
    return words.get(hint, f"of type {hint}")


def plain(instance: Any, base: Any = None) -> dict[str, Any]:
    """The arguments of a dataclass instance as plain values that `make` takes back.

    Fields that are None are left out (TOML knows no null), and, where `base` is given,
    those equal to `base`'s.
    """
    values = {}
    for f in dataclasses.fields(instance):
        value = getattr(instance, f.name)
        if not f.init or value is None or (base is not None and value == getattr(base, f.name)):
            continue
        registry = f.metadata.get("registry")
        if registry is not None:
            many = isinstance(value, tuple)
            each = [{"name": registry.name_of(v), **plain(v)} for v in (value if many else (value,))]
            values[f.name] = each if many else each[0]
        elif dataclasses.is_dataclass(value):
            values[f.name] = plain(value)
        elif isinstance(value, dict):
            values[f.name] = {str(key): each for key, each in value.items()}
        else:
            values[f.name] = list(value) if isinstance(value, tuple) else value
    return values
