"""The layers of progressive growing, each against what the paper says it does."""

import numpy as np
import pytest
import tensorflow as tf

from ganzoo.models.progan_networks import halved
from ganzoo.nn.equalized import EqualizedConv2D, MinibatchStddev, PixelNorm, Upscale


def test_an_equalised_layer_keeps_the_spread_of_its_inputs():
    inputs = np.random.default_rng(0).normal(size=(4, 16, 16, 64)).astype(np.float32)
    layer = EqualizedConv2D(128, 3, gain=1.0, seed=1, padding="valid")
    assert 0.9 < float(np.std(layer(inputs))) < 1.1
    assert 0.95 < float(np.std(layer.kernel)) < 1.05


def test_pixel_norm_gives_every_pixel_unit_mean_square():
    outputs = np.asarray(PixelNorm()(np.random.default_rng(0).normal(3, 5, (2, 4, 4, 16)).astype(np.float32)))
    np.testing.assert_allclose(np.mean(outputs**2, axis=-1), 1.0, rtol=1e-5)


def test_upscaling_repeats_pixels_and_halving_takes_means():
    images = np.random.default_rng(0).normal(size=(2, 3, 5, 2)).astype(np.float32)
    larger = Upscale()(images).numpy()
    np.testing.assert_array_equal(larger, images.repeat(2, axis=1).repeat(2, axis=2))
    np.testing.assert_allclose(halved(larger), images, rtol=1e-6)


@pytest.mark.parametrize("rows", [3, 4, 8, 10])
def test_the_minibatch_spread_is_of_groups_of_four_rows(rows):
    inputs = np.random.default_rng(0).normal(size=(rows, 2, 2, 5)).astype(np.float32)
    outputs = MinibatchStddev()(inputs).numpy()
    np.testing.assert_array_equal(outputs[..., :5], inputs)
    for start in range(0, rows, 4):
        group = inputs[start : start + 4]
        np.testing.assert_allclose(outputs[start : start + 4, ..., 5], group.std(axis=0).mean(), rtol=1e-4)
    unknown = tf.function(MinibatchStddev(), input_signature=[tf.TensorSpec((None, 2, 2, 5))])
    np.testing.assert_allclose(unknown(inputs), outputs, rtol=1e-6)
