"""Requests: inputs by name, read by their kinds, drawn where they can be; wrong ones by name."""

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.cli import app, sample
from ganzoo.config import resolve
from ganzoo.family import FAMILIES
from ganzoo.gan import GAN
from ganzoo.sampling import requests
from ganzoo.training import checkpoints, runs
from tests.conftest import tiny_arguments
from tests.step.step_families import Cycle, Translation


@pytest.fixture(scope="module")
def translation():
    gan = GAN(Translation())
    gan.compile()
    return gan


def test_an_input_that_cannot_be_drawn_has_to_be_given(translation):
    with pytest.raises(UsageError, match="makes nothing of nothing; give source: a picture of 8x8"):
        translation.sample(2)
    picture = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    made = translation.sample(2, source=picture)
    assert made.shape == (2, 8, 8, 3)
    np.testing.assert_array_equal(made[0], made[1])  # of one input and no latents
    np.testing.assert_array_equal(made, translation.sample(2, source=np.stack([picture, picture])))
    other = translation.sample(1, source=255 - picture)
    assert np.abs(other - made[:1]).max() > 0


def test_an_input_that_it_does_not_take_is_answered_with_those_it_takes(translation):
    with pytest.raises(UsageError, match=r"unknown input.* 'sorce': did you mean 'source'"):
        translation.sample(1, sorce=np.zeros((8, 8, 3)))
    with pytest.raises(UsageError, match="takes nothing but a seed; leave source out"):
        ganzoo.build("dcgan", **tiny_arguments("dcgan")).sample(1, source=3)


def test_classes_are_an_input_as_any_other():
    gan = ganzoo.build("cgan", **TINY_CGAN)
    for given in ({"labels": 1}, {"label": 1}, {"label": [1, 1]}):
        np.testing.assert_array_equal(gan.sample(2, 5, **given), gan.sample(2, 5, labels=[1, 1]))
    inputs = gan.inputs(4, seed=3)
    assert list(inputs) == ["label"] and inputs["label"].shape == (4,)
    np.testing.assert_array_equal(gan.sample(4, 3), gan.sample_from(gan.latents(4, 3), **inputs))


TINY_CGAN = tiny_arguments("cgan")


def test_the_side_that_is_made_is_not_asked_for():
    gan = GAN(Cycle())
    gan.compile()
    assert list(gan.family.inputs) == ["a"] and gan.family.output == gan.family.columns["b"]
    assert gan.sample(1, a=np.zeros((8, 8, 3), np.float32)).shape == (1, 8, 8, 3)
    with pytest.raises(UsageError, match="unknown input"):
        gan.sample(1, b=np.zeros((8, 8, 3)))


def test_a_word_of_a_command_line_names_a_file(tmp_path):
    family = Translation()
    Image.new("RGB", (30, 20), (255, 0, 0)).save(tmp_path / "red.png")
    # One colour is refused as a training picture; here it is what somebody wants translated.
    read = requests.read_word(family, "source", str(tmp_path / "red.png"))
    assert read.shape == (8, 8, 3) and (read == [255, 0, 0]).all()
    with pytest.raises(UsageError, match="there is no such file; give a picture of 8x8"):
        requests.read_word(family, "source", str(tmp_path / "green.png"))
    assert requests.explain(family) == ["source=a picture of 8x8: a file, or an array in [-1, 1] or uint8"]


@pytest.fixture
def run_dir(tmp_path, monkeypatch):
    """A run of a family with an input picture, by a registered name."""
    monkeypatch.setitem(FAMILIES._entries, "tiny_translation", Translation)
    config = resolve({"model": {"name": "tiny_translation"}, "train": {"images": 10}})
    (tmp_path / "run").mkdir()
    paths = runs.create(tmp_path / "run", config)
    gan = runs.make_gan(config)
    checkpoints.save(paths.checkpoints, 0, checkpoints.values(gan.state()), {})
    monkeypatch.chdir(tmp_path)
    return "run"


def command(*words):
    return app.command(
        "ganzoo-sample",
        "",
        sample.define_flags(),
        sample.main,
        ("RUN",),
        list(map(str, words)),
        help_of=sample.inputs_of,
    )


def test_the_command_takes_what_the_run_takes(run_dir, tmp_path, capfd):
    noise = np.random.default_rng(0).integers(0, 256, (8, 8, 3), np.uint8)
    Image.fromarray(noise).save("photo.png")
    words = ("--given", "source=photo.png", "--num", 1, "--gap", 0, "--scale", 1, "--out", "b.png")
    assert command(run_dir, *words) == 0
    assert np.asarray(Image.open("b.png")).shape == (8, 8, 3)
    capfd.readouterr()
    assert command(run_dir, "--help") == 0
    assert "run takes, by --given:\n  source=a picture of 8x8" in capfd.readouterr().out
    for words, says in (
        ((), "makes nothing of nothing; give source"),
        (("--given", "sauce=photo.png"), "did you mean 'source'"),
        (("--given", "photo.png"), "give it as NAME=VALUE"),
        (("--given", "source=x.png"), "no such file"),
        (("--given", "source=photo.png", "--given", "source=photo.png"), "given twice"),
        (("--class", "3"), "has no classes"),
        (("--given", "source=photo.png", "--invert", "photo.png"), "has no latents"),
    ):
        assert command(run_dir, *words, "--out", "c.png") == 2
        said = capfd.readouterr().err
        assert says in said and "Traceback" not in said
