"""The contract of every family in the registry: one added later is covered without a new test."""

import dataclasses

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.config import list_recipes, read_recipe, resolve
from ganzoo.step.draws import Draws
from ganzoo.training import checkpoints
from tests.conftest import TINY, random_batch, tiny_arguments

every_family = pytest.mark.parametrize("name", ganzoo.list_models())


def tiny(name, **arguments):
    return ganzoo.build(name, **{**tiny_arguments(name), **arguments})


def one_step(gan, seed=0):
    gan.train_function = None
    data = tf.data.Dataset.from_tensors(random_batch(gan.family, seed=seed)).repeat()
    return gan.make_train_function()(iter(gan.prepared(data)))


def copies(variables):
    return [v.numpy() for v in variables]


@every_family
def test_every_variable_belongs_to_exactly_one_player(name):
    gan = tiny(name)
    g, d = ({id(v) for v in side} for side in (gan.g_variables, gan.d_variables))
    assert g and bool(d) == gan.family.has_opponent and not g & d
    assert g | d == {id(v) for v in gan.trainable_variables}
    for optimizer, variables in ((gan.g_optimizer, g), (gan.d_optimizer, d)):
        assert {id(v) for v in optimizer._trainable_variables} == variables
    assert gan.optimizer.optimizers == [gan.g_optimizer, gan.d_optimizer]  # no hidden third one


@every_family
@pytest.mark.parametrize("player", ["generator", "discriminator"])
def test_an_update_moves_its_own_player_and_not_the_other(name, player):
    gan = tiny(name)
    if player == "discriminator" and not gan.family.has_opponent:
        pytest.skip("it has no opponent")
    rates = {"generator": (0.5, 0.0), "discriminator": (0.0, 0.5)}[player]
    g_optimizer, d_optimizer = (keras.optimizers.SGD(rate) for rate in rates)
    gan.compile(gan.objective, g_optimizer, d_optimizer)
    mine, other = gan.g_variables, gan.d_variables
    mine, other = (mine, other) if player == "generator" else (other, mine)
    mine_before, other_before = copies(mine), copies(other)
    one_step(gan)
    for before, variable in zip(other_before, other, strict=True):
        np.testing.assert_array_equal(before, variable.numpy(), err_msg=variable.path)
    moved = [bool(np.any(before != v.numpy())) for before, v in zip(mine_before, mine, strict=True)]
    still = [v.path for v, has_moved in zip(mine, moved, strict=True) if not has_moved]
    assert np.mean(moved) > 0.9, f"did not move: {still}"


@every_family
def test_losses_are_finite_and_means_over_the_epoch(name):
    gan = tiny(name)
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat(3)
    history = gan.fit(data, epochs=2, verbose=0).history
    of_d = {"d_loss", "d_real", "d_fake"}
    assert "g_loss" in history and of_d & set(history) == (of_d if gan.family.has_opponent else set())
    assert all(np.isfinite(values).all() for values in history.values())
    assert int(gan.step) == 6 and int(gan.images_seen) == 48
    assert ends_where_its_data_ends(gan, data)


def ends_where_its_data_ends(gan, data) -> bool:
    """Asking for a batch that is not there raises StopIteration and moves no number of the state."""
    batches = iter(gan.prepared(data.filter(lambda batch: True)))  # how many is unknown beforehand
    for _ in range(3):
        gan.train_function(batches)
    before = checkpoints.values(gan.state())
    with pytest.raises(StopIteration):
        gan.train_function(batches)
    return all(np.array_equal(before[name], value) for name, value in checkpoints.values(gan.state()).items())


@every_family
def test_samples_have_the_declared_shape_and_range_and_repeat(name):
    gan = tiny(name)
    one_step(gan)
    images = gan.sample(5, seed=1)
    assert images.shape == (5, *gan.family.batch_spec["image"]) and images.dtype == np.float32
    assert np.abs(images).max() <= 1.0
    np.testing.assert_array_equal(images, gan.sample(5, seed=1))
    assert np.any(images != gan.sample(5, seed=2))


@every_family
def test_a_saved_model_gives_equal_pictures_and_goes_on_equally(name, tmp_path):
    gan = tiny(name)
    one_step(gan)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    np.testing.assert_array_equal(gan.sample(4, seed=1), loaded.sample(4, seed=1))
    one_step(gan, seed=1), one_step(loaded, seed=1)
    for (key, ours), theirs in zip(gan.state().items(), loaded.state().values(), strict=True):
        if not key.startswith("metrics"):  # Keras starts a loaded model's means anew
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=key)


@every_family
def test_a_checkpoint_restores_every_number(name, tmp_path):
    gan, other = tiny(name), tiny(name, seed=5)
    one_step(gan)
    path = checkpoints.save(tmp_path, 8, checkpoints.values(gan.state()), {})
    checkpoints.restore(other.state(), checkpoints.read(path).arrays)
    for (key, ours), theirs in zip(gan.state().items(), other.state().values(), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=key)


@every_family
def test_equal_seeds_give_equal_weights_and_others_do_not(name):
    first, again, other = tiny(name, seed=3), tiny(name, seed=3), tiny(name, seed=4)
    for network in first.networks:
        ours, theirs, strange = (
            copies(gan.networks[network].trainable_variables) for gan in (first, again, other)
        )
        assert all(np.array_equal(a, b) for a, b in zip(ours, theirs, strict=True))
        assert any(not np.array_equal(a, b) for a, b in zip(ours, strange, strict=True))


@every_family
def test_two_discriminator_steps_use_fresh_pictures_and_fresh_latents(name):
    if not tiny(name).family.has_opponent:
        with pytest.raises(ganzoo.base.errors.UsageError, match="d_steps is about a discriminator"):
            tiny(name, d_steps=2)
        return
    gan = tiny(name, d_steps=2)
    one_step(gan)
    assert int(gan.images_seen) == 16
    assert int(gan.d_optimizer.iterations) == 2 and int(gan.g_optimizer.iterations) == 1


@every_family
def test_arguments_are_all_documented(name):
    cls = type(tiny(name).family)
    for argument in tiny_arguments(name):
        assert argument in cls.__doc__, f"{argument} is missing in the docstring of {cls.__name__}"


@pytest.mark.parametrize("recipe", list_recipes())
def test_every_recipe_builds(recipe):
    config = resolve(read_recipe(recipe), recipe)
    family = config.family
    taken = {name: TINY[name] for name in family.from_data if name in TINY and getattr(family, name) is None}
    family = dataclasses.replace(family, **taken)
    networks = {**family.generators(lambda name: 0), **family.discriminators(lambda name: 0)}
    assert all(network.count_params() > 0 for network in networks.values())
    assert resolve(config.tables()) == config


def test_a_draw_is_the_same_for_one_replica_and_for_its_share_of_two():
    whole = Draws(7, 3).normal("latents", [6, 2]).numpy()
    halves = [Draws(7, 3, replica, 2).normal("latents", [3, 2]).numpy() for replica in (0, 1)]
    np.testing.assert_array_equal(whole, np.concatenate(halves))
    assert np.any(whole != Draws(7, 4).normal("latents", [6, 2]).numpy())
    assert np.any(whole != Draws(7, 3).normal("others", [6, 2]).numpy())


def test_picture_i_does_not_depend_on_how_many_are_asked_for():
    gan = tiny("dcgan")
    np.testing.assert_array_equal(gan.latents(3, 1), gan.latents(70, 1)[:3])
