"""The vanilla GAN: its sizes, pictures of any shape and vectors, maxout, and dropout by the step's draws."""

import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import DataError, UsageError
from ganzoo.nn import layers
from ganzoo.step.contests import Contest
from ganzoo.step.draws import Draws
from ganzoo.training.loop import picture_shape
from ganzoo.zoo import split

SMALL = {"width": 8, "d_width": 6, "latent_dim": 4}


def test_the_papers_sizes():
    gan = ganzoo.build("vanilla")
    # 100 -> 1200 -> 1200 -> 784 and 784 -> 240 -> 240 -> 1, five pieces a maxout unit, with biases
    assert gan.generator.count_params() == 101 * 1200 + 1201 * 1200 + 1201 * 784
    assert gan.discriminator.count_params() == 785 * 1200 + 241 * 1200 + 241


@pytest.mark.parametrize(
    "arguments, shape, bounded",
    [
        ({"image_size": 5, "channels": 3}, (5, 5, 3), True),
        ({"data_shape": (2,)}, (2,), False),
        ({"data_shape": (4, 6, 1)}, (4, 6, 1), True),
    ],
)
def test_any_picture_and_vectors(arguments, shape, bounded):
    gan = ganzoo.build("vanilla", **SMALL, **arguments, learning_rate=0.05)
    data = np.random.default_rng(0).normal(3.0, 1.0, (64, *shape)).astype(np.float32)
    data = np.clip(data, -1.0, 1.0) if bounded else data  # pictures are; vectors may lie anywhere
    gan.fit(tf.data.Dataset.from_tensor_slices(data).batch(16).repeat(8), verbose=0)
    samples = gan.sample(20)
    assert samples.shape == (20, *shape)
    assert (np.abs(samples).max() <= 1.0) == bounded


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "maxout"])
def test_activations_of_both_players(activation):
    gan = ganzoo.build(
        "vanilla", **SMALL, image_size=4, activation=activation, d_activation=activation, pieces=3
    )
    found = {type(layer).__name__ for net in (gan.generator, gan.discriminator) for layer in net.layers}
    names = {"relu": "ReLU", "leaky_relu": "LeakyReLU", "maxout": "Maxout"}
    assert found & set(names.values()) == {names[activation]}


def test_maxout_takes_the_largest_of_neighbours():
    given = tf.constant([[1.0, 5.0, 2.0, -3.0, -1.0, -2.0]])
    np.testing.assert_array_equal(layers.Maxout(3)(given), [[5.0, -1.0]])


# ---- dropout ------------------------------------------------------------------------------------


def masks(draws, call="real", rate=0.25, rows=400):
    with draws.within(call):
        return layers.Dropout(rate, name="drop")(tf.ones([rows, 50]), training=True).numpy()


def test_dropout_drops_its_share_and_keeps_the_mean():
    dropped = masks(Draws(0))
    assert set(np.unique(dropped)) == {0.0, np.float32(1 / 0.75)}
    assert (dropped == 0).mean() == pytest.approx(0.25, abs=0.01)
    given = tf.ones([2, 3])
    np.testing.assert_array_equal(layers.Dropout(0.5, name="drop")(given, training=False), given)


def test_dropout_is_a_function_of_seed_step_and_call():
    first = masks(Draws(0, 5))
    np.testing.assert_array_equal(first, masks(Draws(0, 5)))
    for other in (masks(Draws(1, 5)), masks(Draws(0, 6)), masks(Draws(0, 5), call="fake")):
        assert (first != other).mean() > 0.2


def test_replicas_drop_apart_and_together_what_one_would():
    halves = [masks(Draws(0, 5, replica, 2), rows=200) for replica in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(halves), masks(Draws(0, 5)))


def test_dropout_outside_a_training_step_says_so():
    with pytest.raises(UsageError, match="outside any"):
        layers.Dropout(0.5, name="drop")(tf.ones([2, 3]), training=True)


def test_dropout_is_on_in_training():
    batch = {"image": tf.random.stateless_uniform([16, 4, 4, 1], [0, 1], -1.0, 1.0)}
    gan = ganzoo.build("vanilla", **SMALL, image_size=4, dropout=0.5)
    contest = Contest("discriminator", batch, batch)
    logits = [
        gan._judge(contest, batch, Draws(0), name).logits[0].numpy() for name in ("real", "fake", "real")
    ]
    np.testing.assert_array_equal(logits[0], logits[2])
    assert np.any(logits[0] != logits[1])


# ---- bad input ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "bad, says",
    [
        ({"image_size": 0}, "image_size is 0"),
        ({"data_shape": (2, 2)}, r"data_shape is \(2, 2\), but must be \(size,\)"),
        ({"data_shape": (0,)}, "data_shape"),
        ({"activation": "rellu"}, "did you mean 'relu'"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"pieces": 0}, "pieces is 0"),
    ],
)
def test_bad_arguments(bad, says):
    with pytest.raises(UsageError, match=says):
        split("vanilla", bad)


def test_data_of_another_shape_is_refused():
    gan = ganzoo.build("vanilla", **SMALL, data_shape=(2,))
    with pytest.raises(DataError, match=r"batches of shape \(8, 3\)"):
        gan.fit(tf.data.Dataset.from_tensors(np.zeros((8, 3), np.float32)))


def test_a_run_on_pictures_refuses_vectors():
    with pytest.raises(UsageError, match=r"gan\.fit"):
        picture_shape(split("vanilla", {"data_shape": (2,)})[0])
