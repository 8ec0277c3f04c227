"""Every argument with every kind of value: understood, or one sentence; never a traceback, never silence."""

import datetime
import math

import pytest

from ganzoo.base.arguments import field_names
from ganzoo.base.counts import parse_count
from ganzoo.base.errors import UsageError
from ganzoo.config import TrainConfig, resolve
from ganzoo.data.data_config import DataConfig
from ganzoo.family import FAMILIES
from ganzoo.losses.adversarial import LOSSES
from ganzoo.losses.penalties import PENALTIES
from ganzoo.objective import Objective
from ganzoo.settings import apply_setting
from ganzoo.zoo import split

STRANGE = [
    *(datetime.date(2020, 1, 1), datetime.time(1, 2), datetime.datetime(2020, 1, 1, 2)),
    *(math.inf, -math.inf, math.nan, 1e30, 2**70, -1, "", "x", True),
    *([], [1], [[1]], {}, {"name": []}, {"name": "x"}, {"a": {"b": 1}}),
]
KEYS = [
    *(("model", key) for key in ("name", *field_names(FAMILIES["progan"]))),
    *(("train", key) for key in (*field_names(TrainConfig), *field_names(Objective))),
    *(("data", key) for key in field_names(DataConfig)),
]


def numbers_in(tables):
    if isinstance(tables, dict | list | tuple):
        return [
            n for each in (tables.values() if isinstance(tables, dict) else tables) for n in numbers_in(each)
        ]
    return [tables] if isinstance(tables, int | float) else []


@pytest.mark.parametrize(("table", "key"), [*KEYS, ("loss", "")], ids=lambda word: word or "itself")
def test_whatever_stands_in_a_recipe_is_understood_or_one_sentence(table, key):
    for value in STRANGE:
        tables = {"model": {"name": "progan"}}
        if key:
            tables[table] = {**tables.get(table, {}), key: value}
        else:
            tables[table] = value
        if (table, key) == ("train", "loss"):
            continue
        try:
            config = resolve(tables)
        except UsageError as error:
            assert len(str(error).splitlines()) == 1
        else:
            assert all(math.isfinite(n) and abs(n) <= 1e12 for n in numbers_in(config.tables())), value


@pytest.mark.parametrize("value", [math.inf, -math.inf, math.nan, 1e39])
@pytest.mark.parametrize(
    "cls",
    [
        Objective,
        TrainConfig,
        DataConfig,
        *FAMILIES,
        *(LOSSES[n] for n in LOSSES),
        *(PENALTIES[n] for n in PENALTIES),
    ],
)
def test_no_number_of_any_class_may_be_endless(cls, value):
    cls = FAMILIES[cls] if isinstance(cls, str) else cls
    for name in field_names(cls):
        if isinstance(getattr(cls, name, None), float):
            with pytest.raises(UsageError, match=name):
                cls(**{name: value})


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("100000", 100_000), ("1e6", 10**6), ("100k", 100_000), ("100K", 100_000), ("1M", 10**6)),
        *(("1.5M", 1_500_000), ("100,000", 100_000), ("1,000,000", 10**6), ("100_000", 100_000)),
        *((" 100 000 ", 100_000), ("100'000", 100_000), ("2.5e3", 2500), ("-1", -1), ("0", 0), ("+3", 3)),
    ],
)
def test_whole_numbers_are_understood_as_people_write_them(text, number):
    assert parse_count(text) == number
    tables = {"model": {"name": "dcgan"}}
    if number > 0:
        apply_setting(tables, f"train.images={text}")
        assert resolve(tables).train.images == number
        assert split("dcgan", {"decay_until": text})[1].decay_until == number


@pytest.mark.parametrize(
    "text", ["", "many", "1.5", "1,00", "1e-3", "0x10", "1e999999999", "nan", "inf", "k"]
)
def test_what_is_no_whole_number_says_how_one_is_written(text):
    with pytest.raises(UsageError, match=r"whole number: write 100000, 1e5, 100k"):
        split("dcgan", {"decay_until": text})


def test_a_point_between_three_digits_is_not_guessed_at():
    with pytest.raises(UsageError, match=r"'100\.000'.*write 100000 or 100"):
        split("dcgan", {"decay_until": "100.000"})


def test_the_same_penalty_twice_is_refused():
    with pytest.raises(UsageError, match=r"R1 twice; give it once"):
        split("dcgan", {"norm": "none", "penalties": ["r1", {"name": "r1", "weight": 5.0}]})
