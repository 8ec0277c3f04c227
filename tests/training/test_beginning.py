"""A run that begins with trained weights: what it takes over, what stays frozen, what is refused."""

import io

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import resolve
from ganzoo.export.weights_folder import pack
from ganzoo.training import runs
from ganzoo.training.loop import train
from ganzoo.training.trained import load
from tests.conftest import tiny_arguments, untrained


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run whose averaged weights differ from its raw ones."""
    run = tmp_path_factory.mktemp("begin") / "trained"
    train(tables(images=96, learning_rate=1e-2), run, stream=io.StringIO())
    return run


def tables(model="dcgan", **changes):
    own = {"name": model, **tiny_arguments(model)}
    about = {"images": 64, "batch_size": 8, "ema_decay": 0.9, **changes}
    return resolve({"model": own, "train": about, "data": {"source": "paintings"}})


def values(networks):
    return [v.numpy() for network in networks.values() for v in network.weights]


def begun(config, folder):
    """The model as it is before its first step."""
    gan = runs.make_gan(config)
    from ganzoo.training import beginning

    return gan, beginning.take(gan, config)


def test_both_players_are_taken_over_and_the_clock_begins_anew(trained, tmp_path):
    gan, began = begun(tables(begin_with=str(trained)), tmp_path)
    source = load(trained)
    for own, theirs in zip(values(gan.discriminators), values(source.discriminators), strict=True):
        np.testing.assert_array_equal(own, theirs)
    np.testing.assert_array_equal(gan.sample(4, seed=1), source.sample(4, seed=1))
    raw = values(source.generators)
    assert any(not np.array_equal(a, b) for a, b in zip(values(gan.generators), raw, strict=True))  # averaged
    assert gan.images_seen.numpy() == gan.step.numpy() == 0
    assert all(not v.numpy().any() for v in gan.g_optimizer.variables if len(v.shape) > 1)
    assert (began.images_seen, began.discriminator, began.weights) == (96, True, "dcgan")
    assert began.generator == source.fingerprint


def test_packed_weights_bring_the_discriminator_where_it_was_packed(trained, tmp_path):
    whole, half = pack(trained, tmp_path / "whole"), pack(trained, tmp_path / "half", discriminator=False)
    theirs = values(load(trained).discriminators)
    gan, began = begun(tables(begin_with=str(whole)), tmp_path)
    assert began.discriminator
    for own, there in zip(values(gan.discriminators), theirs, strict=True):
        np.testing.assert_allclose(own, there, rtol=1e-3, atol=1e-4)  # half precision
    gan, began = begun(tables(begin_with=str(half)), tmp_path)
    assert not began.discriminator and "the discriminator is a new one" in str(began)
    fresh = values(runs.make_gan(tables()).discriminators)
    assert all(np.array_equal(a, b) for a, b in zip(values(gan.discriminators), fresh, strict=True))
    np.testing.assert_array_equal(load(whole).sample(2), load(half).sample(2))


@pytest.mark.parametrize("num", [0, 1, 2])
def test_frozen_layers_stay_bit_equal_and_all_others_move(trained, tmp_path, num):
    config = tables(begin_with=str(trained), freeze_d=num)
    before = [v.copy() for v in values(begun(config, tmp_path)[0].discriminators)]
    train(config, tmp_path / "run", stream=io.StringIO())
    gan = load(tmp_path / "run")
    from ganzoo.step.freezing import blocks

    frozen = {id(v) for block in blocks(gan.discriminator)[:num] for layer in block for v in layer.weights}
    for variable, old in zip(gan.discriminator.weights, before, strict=True):
        assert np.array_equal(variable.numpy(), old) == (id(variable) in frozen), variable.path
    assert bool(frozen) == (num > 0)


def test_such_a_run_stopped_and_gone_on_with_ends_with_the_same_bits(trained, tmp_path):
    config = tables(begin_with=str(trained), freeze_d=1)
    nowhere = io.StringIO()
    train(config, tmp_path / "whole", stream=nowhere)
    train(tables(begin_with=str(trained), freeze_d=1, images=24), tmp_path / "parts", stream=nowhere)
    summary = train(config, tmp_path / "parts", stream=nowhere)
    whole, parts = (load(tmp_path / name).state() for name in ("whole", "parts"))
    for name, variable in whole.items():
        np.testing.assert_array_equal(variable.numpy(), parts[name].numpy(), err_msg=name)
    assert summary["began_with"]["images_seen"] == 96  # kept with the states
    assert "begins   with dcgan after 96 images" in nowhere.getvalue()


def test_what_does_not_fit_is_refused_and_leaves_nothing_behind(trained, tmp_path):
    wider = resolve(
        {
            "model": {"name": "dcgan", **tiny_arguments("dcgan"), "width": 8},
            "train": {"begin_with": str(trained)},
            "data": {"source": "paintings"},
        }
    )
    with pytest.raises(UsageError, match=r"theirs have --set model.width=4") as raised:
        train(wider, tmp_path / "run", stream=io.StringIO())
    assert "generator/" in str(raised.value) and not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    "model, changes, says",
    [
        ("vanilla", {"begin_with": "RUN"}, "are of a dcgan, but a vanilla is to be trained"),
        ("dcgan", {"freeze_d": 1}, "give --weights"),
        ("dcgan", {"begin_with": "dcgan/paintigs"}, "did you mean 'dcgan/paintings'"),
    ],
)
def test_a_wrong_beginning_is_said_before_anything_is_made(trained, tmp_path, model, changes, says):
    changes = {key: str(trained) if value == "RUN" else value for key, value in changes.items()}
    from ganzoo.training import beginning

    with pytest.raises(UsageError, match=says):
        beginning.check(tables(model, **changes))


def test_a_family_that_grows_is_told_how_to_begin_whole(tmp_path):
    from ganzoo.training import beginning

    untrained(tmp_path / "grown", "progan")
    arguments = {"name": "progan", **tiny_arguments("progan"), "start_size": 4}
    growing = resolve({"model": arguments, "train": {"begin_with": str(tmp_path / "grown")}})
    with pytest.raises(UsageError, match=r"--set model.start_size=16"):
        beginning.check(growing)


def test_one_size_of_a_grown_one_is_found_by_name(tmp_path):
    arguments = {**tiny_arguments("progan"), "start_size": 4}
    untrained(tmp_path / "grown", "progan", arguments)
    gan, _ = begun(tables("progan", begin_with=str(tmp_path / "grown")), tmp_path)
    theirs = {v.path: v.numpy() for v in load(tmp_path / "grown").discriminator.weights}
    assert len(theirs) > len(gan.discriminator.weights)
    for variable in gan.discriminator.weights:
        np.testing.assert_array_equal(variable.numpy(), theirs[variable.path])


def test_as_many_layers_frozen_as_there_are_is_refused():
    with pytest.raises(UsageError, match="give at most"):
        ganzoo.build("dcgan", **tiny_arguments("dcgan"), freeze_d=9)


def test_python_takes_the_recipe_of_the_weights(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = ganzoo.train(weights=trained, data="paintings", images=16, verbose=False)
    config = runs.read_config(run.run_dir)
    assert config.family == runs.read_config(trained).family and config.train.batch_size == 8
    assert config.train.begin_with == str(trained) and run.summary["began_with"]["weights"] == "dcgan"
    packed = pack(run.run_dir, tmp_path / "packed")
    assert str(trained) not in (packed / "config.toml").read_text()  # no path of this machine
