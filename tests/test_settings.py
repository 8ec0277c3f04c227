"""`--set`: paths into tables, names and lists, and words that other projects use."""

import dataclasses
import math

import pytest

from ganzoo.base.errors import UsageError
from ganzoo.config import read_recipe, resolve
from ganzoo.losses.penalties import PENALTIES
from ganzoo.settings import apply_setting
from ganzoo.zoo import split


def resolved(model, *settings, recipe=None):
    tables = recipe or {"model": {"name": model}}
    for setting in settings:
        apply_setting(tables, setting)
    return resolve(tables)


@pytest.mark.parametrize("recipe", [None, "progan"])
@pytest.mark.parametrize("path", ["penalties.weight", "penalties.0.weight", "penalties.NAME.weight"])
def test_a_path_reaches_into_the_one_penalty_of_a_family_or_recipe(recipe, path):
    tables = read_recipe(recipe) if recipe else None
    before = resolved("progan", recipe=tables).objective.penalties
    setting = f"train.{path}=5".replace("NAME", PENALTIES.name_of(before[0]))
    (penalty,) = resolved("progan", setting, recipe=tables).objective.penalties
    assert penalty.weight == 5.0 and dataclasses.replace(penalty, weight=before[0].weight) == before[0]


def test_of_two_penalties_one_is_named():
    both = {
        "model": {"name": "dcgan", "norm": "none"},
        "train": {"penalties": ["r1", {"name": "r2", "weight": 2}]},
    }
    config = resolved("", "train.penalties.r1.weight=3", "train.penalties.1.interval=16", recipe=both)
    assert [(p.weight, p.interval) for p in config.objective.penalties] == [(3.0, 1), (2.0, 16)]
    with pytest.raises(UsageError, match=r"train\.penalties\.r1, train\.penalties\.r2; name one"):
        apply_setting(both, "train.penalties.weight=5")
    with pytest.raises(UsageError, match="name one"):
        apply_setting(both, "train.penalties.7.weight=5")


def test_a_recipe_is_not_changed_by_what_is_set_in_its_copy():
    base = {
        "model": {"name": "dcgan", "norm": "none"},
        "train": {"penalties": [{"name": "r1", "weight": 1.0}]},
    }
    copy = {**base, "train": {**base["train"]}}
    apply_setting(copy, "train.penalties.weight=9")
    assert base["train"]["penalties"][0]["weight"] == 1.0


@pytest.mark.parametrize(
    "setting",
    [
        *(
            "train.penalties.weight=5",
            "train.penalties.0=r1",
            "train.batch_size.x=1",
            "model.name.x=1",
            "loss.a.b=1",
        ),
        *(
            "model.batch_sizes.a.b=1",
            "model=3",
            "train=x",
            "loss=2020-01-01",
            "train.penalties=2020-01-01T00:00:00",
        ),
        *(
            "model.width=12:30:00",
            "model.width={a=2020-01-01}",
            "loss=[1,2]",
            "model.name=[1]",
            "=",
            "a..b=1",
        ),
    ],
)
def test_what_leads_nowhere_is_one_sentence(setting):
    with pytest.raises(UsageError) as caught:
        resolved("vanilla", setting)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("setting", "line"),
    [
        ("image_size=32", "--set model.image_size=32"),
        ("imagesize=32", "--set model.image_size=32"),
        ("imsize=32", "--set model.image_size=32"),
        ("batch_size=8", "--set train.batch_size=8"),
        ("bs=8", "--set train.batch_size=8"),
        ("lr=1e-3", "--set train.learning_rate=1e-3"),
        ("learning_rate=1e-3", "--set train.learning_rate=1e-3"),
        ("optimizer.lr=1e-3", "--set train.learning_rate=1e-3"),
        ("ngf=32", "--set model.width=32"),
        ("z_dim=64", "--set model.latent_dim=64"),
        ("epochs=3", "--set train.images=NUMBER"),
        ("source=x", "--set data.source=x"),
        ("flip=true", "--set data.flip=true"),
        ("n_critic=5", "--set train.d_steps=5"),
    ],
)
def test_a_key_without_its_table_is_answered_with_the_line_to_type(setting, line):
    with pytest.raises(UsageError, match=line.replace(".", r"\.")):
        apply_setting({"model": {"name": "dcgan"}}, setting)


@pytest.mark.parametrize(
    ("word", "ours"), [("lr", "learning_rate"), ("ngf", "width"), ("imsize", "image_size")]
)
def test_other_projects_words_are_answered_in_python_too(word, ours):
    with pytest.raises(UsageError, match=f"did you mean '{ours}'"):
        split("dcgan", {word: 1})


@pytest.mark.parametrize("value", ["inf", "nan", "-inf"])
def test_endless_settings_are_refused(value):
    with pytest.raises(UsageError, match="weight is"):
        resolved("progan", f"train.penalties.weight={value}")
    assert math.isfinite(resolved("progan").objective.penalties[0].weight)
