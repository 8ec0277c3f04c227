"""Recipes and arguments: what is accepted, and what the errors say."""

import os
import subprocess
import sys
import tomllib

import pytest

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import differences, read_recipe, resolve, to_toml
from ganzoo.settings import apply_setting
from ganzoo.zoo import split


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"widht": 3}, "'widht': did you mean 'width'"),
        ({"width": "wide"}, "'wide', but must be a whole number"),
        ({"width": True}, "True, but must be a whole number"),
        ({"width": 0}, "width is 0"),
        ({"image_size": 48}, "image_size is 48"),
        ({"image_size": 0}, "image_size is 0"),
        ({"loss": "hing"}, "did you mean 'hinge'"),
        ({"loss": {"real_label": 0.3}}, r"real_label is 0\.3"),
        ({"learning_rate": -1.0}, "learning_rate is -1.0"),
        ({"d_steps": 0}, "d_steps is 0"),
        ({"ema_decay": 1.0}, "ema_decay is 1.0"),
        ({"augment": {"translation": 2.0}}, "augment.translation is 2.0"),
        ({"augment": {"transaltion": 0.1}}, "did you mean 'translation'"),
    ],
)
def test_wrong_arguments_are_named_with_what_was_expected(arguments, message):
    with pytest.raises(UsageError, match=message):
        split("dcgan", arguments)


def test_an_unknown_model_names_the_nearest_and_lists_all():
    with pytest.raises(UsageError, match=r"did you mean 'dcgan'.*known are.*dcgan"):
        ganzoo.build("dcgna")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"modle": {}}, "did you mean 'model'"),
        ({"model": 3}, "must be a table"),
        ({"model": {}}, "names no model"),
        ({"model": {"name": "dcgan"}, "train": {"batchsize": 3}}, "did you mean 'batch_size'"),
        ({"model": {"name": "dcgan"}, "train": {"images": "many"}}, "must be a whole number"),
        ({"model": {"name": "dcgan"}, "train": {"images": 0}}, "at least 1"),
        ({"model": {"name": "dcgan"}, "data": {"flipp": True}}, "did you mean 'flip'"),
        ({"model": {"name": "dcgan"}, "loss": 3}, "must be a loss"),
    ],
)
def test_wrong_recipes(tables, message):
    with pytest.raises(UsageError, match=message):
        resolve(tables)


def test_settings_are_toml_and_bare_words_are_text():
    tables = {"model": {"name": "dcgan"}}
    for setting in (
        "model.width=32",
        "data.source=some/folder",
        "loss=hinge",
        "data.flip=true",
        "train.images=2e3",
    ):
        apply_setting(tables, setting)
    config = resolve(tables)
    assert (config.family.width, config.data.source, config.data.flip) == (32, "some/folder", True)
    assert type(config.objective.loss).__name__ == "Hinge" and config.train.images == 2000


def test_a_setting_reaches_into_a_loss_given_by_name():
    tables = {"model": {"name": "dcgan"}, "loss": "minimax"}
    apply_setting(tables, "loss.real_label=0.8")
    assert resolve(tables).objective.loss.real_label == 0.8


@pytest.mark.parametrize("setting", ["model.width", "=3", "width=3"])
def test_wrong_settings(setting):
    with pytest.raises(UsageError):
        apply_setting({}, setting)


def test_a_resolved_recipe_survives_the_file():
    config = resolve({"model": {"name": "dcgan", "width": 8}, "data": {"source": 'a "quoted"\npath\\é'}})
    text = to_toml(config.tables())
    assert resolve(tomllib.loads(text)) == config


def test_differences_are_named_one_by_one():
    old = resolve({"model": {"name": "dcgan"}}).tables()
    new = resolve({"model": {"name": "dcgan", "width": 8}, "loss": "hinge"}).tables()
    lines = differences(old, new)
    assert "model.width: 64 before, 8 now" in lines and any(line.startswith("loss.name") for line in lines)


def test_label_smoothing_is_the_dcgans_own_default_and_the_flagships():
    assert split("dcgan", {})[1].loss.real_label == 0.9
    flagship = resolve(read_recipe("painting_dcgan"))
    assert flagship.objective.loss.real_label == 0.9
    assert (flagship.train.images, flagship.train.batch_size) == (3_097_500, 128)
    assert (flagship.family.image_size, flagship.family.width, flagship.family.latent_dim) == (64, 64, 100)


def test_checking_arguments_imports_no_tensorflow():
    code = (
        "import sys, ganzoo, ganzoo.config as c\n"
        "c.resolve(c.read_recipe('dcgan')); ganzoo.list_models()\n"
        "heavy = {'tensorflow', 'keras', 'matplotlib'} & set(sys.modules)\n"
        "sys.exit(f'imported {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_path_that_no_recipe_can_hold_is_refused():
    with pytest.raises(UsageError, match=r"data\.source is 'caf\\udce9', which is not UTF-8.*ln -s"):
        resolve({"model": {"name": "dcgan"}, "data": {"source": os.fsdecode(b"caf\xe9")}})
