"""Layers that are faster ways of saying what Keras says: the same numbers and gradients."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganzoo.nn.layers import SubPixelConv2DTranspose


@pytest.mark.parametrize("use_bias", [False, True])
@pytest.mark.parametrize("size", [1, 4, 5])
def test_sub_pixel_shuffle_equals_the_transposed_convolution(use_bias, size):
    rng = np.random.default_rng(0)
    x = tf.constant(rng.normal(size=(2, size, size + 1, 6)).astype(np.float32))
    ours = SubPixelConv2DTranspose(3, use_bias=use_bias, bias_initializer="random_normal")
    plain = keras.layers.Conv2DTranspose(3, 4, strides=2, padding="same", use_bias=use_bias)
    ours.build(x.shape), plain.build(x.shape)
    plain.set_weights(ours.get_weights())
    results = []
    for layer in (ours, plain):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = layer(x)
            loss = tf.reduce_sum(y**3)
        results.append([y, *tape.gradient(loss, [x, *(v.value for v in layer.trainable_variables)])])
    for fast, slow in zip(*results, strict=True):
        np.testing.assert_allclose(fast, slow, rtol=1e-5, atol=1e-5)


def test_sub_pixel_layer_survives_saving():
    layer = SubPixelConv2DTranspose(3, use_bias=False, name="to_pixels")
    again = SubPixelConv2DTranspose.from_config(layer.get_config())
    assert (again.filters, again.kernel_size, again.strides, again.use_bias) == (3, (4, 4), (2, 2), False)
