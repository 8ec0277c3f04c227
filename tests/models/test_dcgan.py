"""The DCGAN against what is known of it, and the averaged generator's statistics."""

import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo import data
from ganzoo.models.dcgan import DCGAN
from ganzoo.nn.layers import BatchNormalization


def count(variables):
    return sum(int(np.prod(v.shape)) for v in variables)


def test_parameter_counts_are_the_thesis_ones():
    g, d = DCGAN().generator(0), DCGAN().discriminator(0)
    kernels = [v for v in g.trainable_variables if v.name == "kernel"]
    assert count(kernels) == 3_574_784
    assert count(g.trainable_variables) - count(kernels) == 1_920
    assert count(d.trainable_variables) == 2_765_568


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256])
@pytest.mark.parametrize("channels", [1, 3])
def test_any_size_and_channels(size, channels):
    family = DCGAN(image_size=size, channels=channels, width=2, latent_dim=5)
    images = family.generator(0)(np.zeros((2, 5), np.float32))
    assert images.shape == (2, size, size, channels)
    assert family.discriminator(0)(images).shape == (2, 1)


def test_initial_weights_are_normal_with_the_published_spread():
    for network in (DCGAN().generator(0), DCGAN().discriminator(0)):
        for variable in network.trainable_variables:
            mean, spread = {"kernel": (0.0, 0.02), "gamma": (1.0, 0.02), "beta": (0.0, 0.0)}[variable.name]
            values = variable.numpy()
            margin = 5 * 0.02 / np.sqrt(values.size)
            assert abs(values.mean() - mean) <= margin + 1e-7, variable.path
            if values.size > 1000:
                assert abs(values.std() - spread) < 0.001, variable.path


def test_batch_normalisation_has_pytorchs_settings():
    layers = [
        layer
        for network in (DCGAN().generator(0), DCGAN().discriminator(0))
        for layer in network.layers
        if isinstance(layer, BatchNormalization)
    ]
    assert len(layers) == 4 + 3  # on all of the discriminator's but the first
    assert {(layer.epsilon, layer.momentum) for layer in layers} == {(1e-5, 0.9)}


def test_the_optimizers_are_the_thesis_ones():
    gan = ganzoo.build("dcgan", width=2, image_size=16)
    for adam in (gan.g_optimizer, gan.d_optimizer):
        settings = float(adam.learning_rate), adam.beta_1, adam.beta_2, adam.epsilon
        assert settings == pytest.approx((2e-4, 0.5, 0.999, 1e-8))


def test_fused_batch_normalisation_equals_kerass_own():
    import keras

    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(2.0, 3.0, (4, 6, 6, 5)).astype(np.float32))
    results = []
    for kind in (BatchNormalization, keras.layers.BatchNormalization):
        layer = kind(epsilon=1e-5, momentum=0.9)
        layer.build(x.shape)
        layer.gamma.assign(np.linspace(0.5, 1.5, 5))
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x, training=True)
            loss = tf.reduce_sum(y**3)
        results.append(
            [y, layer.moving_mean, layer.moving_variance, *tape.gradient(loss, [x, layer.gamma.value])]
        )
    for ours, keras_own in zip(*results, strict=True):
        np.testing.assert_allclose(ours, keras_own, rtol=1e-4, atol=1e-4)


def test_averaged_generator_is_as_lively_as_the_raw_one():
    """Averaging BatchNorm statistics like weights gave flat grey pictures."""
    gan = ganzoo.build("dcgan", image_size=16, width=8, ema_decay=0.99, learning_rate=1e-3)
    store = data.load(data.DataConfig(), 16, progress=False)
    gan.fit(data.stream(store, 16, seed=0), steps_per_epoch=120, verbose=0)
    averaged = gan.sample(64, seed=1)
    # The raw generator as it is in training: normalised by the statistics of the batch itself.
    raw = gan.generator(gan.latents(64, 1), training=True).numpy()
    spread = [images.std(axis=0).mean() for images in (averaged, raw)]
    assert 0.6 < spread[0] / spread[1] < 1.6, spread
    assert abs(averaged.mean() - raw.mean()) < 0.15


def test_the_step_makes_one_generator_pass_for_both_players():
    calls = []

    class Counting(DCGAN):
        def generate(self, *arguments, **keywords):
            calls.append(1)
            return super().generate(*arguments, **keywords)

    from ganzoo.gan import GAN

    gan = GAN(Counting(image_size=16, width=2))
    gan.compile()
    batches = tf.data.Dataset.from_tensors(tf.zeros((4, 16, 16, 3))).repeat()
    gan.make_train_function()(iter(gan.prepared(batches)))
    assert len(calls) == 1


def test_bytes_and_floats_mean_the_same_pictures():
    pixels = np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), dtype=np.uint8)
    losses = []
    for images in (pixels, pixels.astype(np.float32) / 127.5 - 1.0):
        gan = ganzoo.build("dcgan", image_size=16, width=2)
        losses.append(gan.fit(tf.data.Dataset.from_tensors(images), verbose=0).history["d_loss"][0])
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)


@pytest.mark.parametrize(
    "element",
    [lambda x, y: x, lambda x, y: (x, y), lambda x, y: {"image": x, "label": y}],
    ids=["x", "xy", "dict"],
)
def test_fit_takes_any_usual_data_set(element):
    data_set = tf.data.Dataset.from_tensors((tf.zeros((4, 16, 16, 3)), tf.zeros(4, tf.int32))).map(element)
    gan = ganzoo.build("dcgan", image_size=16, width=2)
    assert np.isfinite(gan.fit(data_set, verbose=0).history["d_loss"]).all()


def test_pictures_of_another_size_are_refused_with_both_sizes():
    gan = ganzoo.build("dcgan", image_size=16, width=2)
    with pytest.raises(ganzoo.base.errors.DataError, match=r"32, 32, 3.*16, 16, 3"):
        gan.fit(tf.data.Dataset.from_tensors(tf.zeros((4, 32, 32, 3))))
