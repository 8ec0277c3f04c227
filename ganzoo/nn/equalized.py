"""The layers of progressive growing: equalised learning rates, and what keeps magnitudes in check.

Karras et al. 2018, "Progressive growing of GANs", arXiv 1710.10196, sections 3 and 4.
"""

import math

import keras
import tensorflow as tf

from ganzoo.base.errors import UsageError

GROUP = 4  # rows whose spread is taken together


def _standard_normal(seed):
    return keras.initializers.RandomNormal(0.0, 1.0, seed=seed)


@keras.saving.register_keras_serializable("ganzoo")
class EqualizedConv2D(keras.layers.Conv2D):
    """A convolution with an equalised learning rate (section 4.1).

    The weights start from N(0, 1) and are scaled at run time by He's constant,
    gain / sqrt(fan_in). Adam's steps do not depend on a gradient's size, so every layer
    then learns at the same speed relative to its range.

    Args:
        filters, kernel_size, **kwargs: as of `keras.layers.Conv2D`.
        gain: sqrt(2) before a rectifier, 1 before nothing.
        seed: of the initial weights.
    """

    def __init__(self, filters, kernel_size, gain: float = math.sqrt(2.0), seed=None, **kwargs):
        kwargs.setdefault("kernel_initializer", _standard_normal(seed))
        super().__init__(filters, kernel_size, **kwargs)
        self.gain = gain

    def convolution_op(self, inputs, kernel):
        scale = self.gain / math.sqrt(math.prod(self.kernel_size) * inputs.shape[-1])
        return super().convolution_op(inputs, kernel * scale)

    def get_config(self):
        return {**super().get_config(), "gain": self.gain}


@keras.saving.register_keras_serializable("ganzoo")
class EqualizedDense(keras.layers.Layer):
    """A fully connected layer with an equalised learning rate, from vectors to any shape.

    Args:
        shape: of one output, e.g. (4, 4, 512) or (1,); there is one bias for each channel.
        gain: as of `EqualizedConv2D`.
        seed: of the initial weights.
    """

    def __init__(self, shape, gain: float = math.sqrt(2.0), seed=None, **kwargs):
        super().__init__(**kwargs)
        self.shape, self.gain, self.seed = tuple(shape), gain, seed

    def build(self, input_shape):
        self.kernel = self.add_weight(
            name="kernel",
            shape=(input_shape[-1], math.prod(self.shape)),
            initializer=_standard_normal(self.seed),
        )
        self.bias = self.add_weight(name="bias", shape=self.shape[-1:], initializer="zeros")

    def call(self, inputs):
        scale = self.gain / math.sqrt(inputs.shape[-1])
        outputs = tf.matmul(inputs, self.kernel * tf.cast(scale, inputs.dtype))
        return tf.reshape(outputs, [-1, *self.shape]) + self.bias

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *self.shape)

    def get_config(self):
        return {**super().get_config(), "shape": self.shape, "gain": self.gain}


@keras.saving.register_keras_serializable("ganzoo")
class PixelNorm(keras.layers.Layer):
    """Each pixel's feature vector at unit mean square (section 4.2); also puts latents on the hypersphere."""

    def call(self, inputs):
        x = tf.cast(inputs, tf.float32)  # squares overflow float16
        norm = tf.math.rsqrt(tf.reduce_mean(x * x, axis=-1, keepdims=True) + 1e-8)
        return inputs * tf.cast(norm, inputs.dtype)


@keras.saving.register_keras_serializable("ganzoo")
class Upscale(keras.layers.Layer):
    """Nearest upscaling by two: each pixel is repeated.

    By concatenations, which every export format knows (Keras's nearest UpSampling2D does
    not run in TFLite) and whose gradient is a plain sum.
    """

    def call(self, inputs):
        height, width, channels = inputs.shape[1:]
        rows = tf.reshape(tf.concat([inputs, inputs], axis=-1), [-1, height, 2 * width, channels])
        return tf.reshape(tf.concat([rows, rows], axis=2), [-1, 2 * height, 2 * width, channels])

    def compute_output_shape(self, input_shape):
        batch, height, width, channels = input_shape
        return (batch, 2 * height, 2 * width, channels)


@keras.saving.register_keras_serializable("ganzoo")
class MinibatchStddev(keras.layers.Layer):
    """One more channel: how much the pictures of a group differ (section 3).

    Groups are 4 consecutive rows, the last one what is left. For each of them: the standard
    deviation of every feature at every place, averaged to one number. Replicas hold
    consecutive rows of the global batch, so groups of whole fours are the same ones on
    one replica and on several; other batches are refused there (`check_groups`).
    """

    def call(self, inputs):
        rows = inputs.shape[0] or tf.shape(inputs)[0]
        whole = rows // GROUP * GROUP
        rest = rows - whole
        spreads = [_spread(inputs[:whole], GROUP)]
        if not isinstance(rest, int) or rest:
            spreads.append(_spread(inputs[whole:], rest if isinstance(rest, int) else tf.maximum(rest, 1)))
        spread = tf.cast(tf.concat(spreads, axis=0), inputs.dtype)
        return tf.concat([inputs, spread + tf.zeros_like(inputs[..., :1])], axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] + 1)


def check_groups(rows: int | None) -> None:
    """Raises UsageError, in a replica's step, if its rows would be grouped otherwise than one device's."""
    replica = tf.distribute.get_replica_context()
    num_replicas = replica.num_replicas_in_sync if replica is not None else 1
    if num_replicas > 1 and rows is not None and rows % GROUP:
        raise UsageError(
            f"a replica's batch of {rows} does not divide into groups of {GROUP}, which the minibatch "
            f"standard deviation compares; make batch sizes multiples of {GROUP * num_replicas} "
            f"for {num_replicas} replicas"
        )


def _spread(inputs, size):
    """For each row the spread of its group of `size` rows, float32 (rows, 1, 1, 1)."""
    x = tf.reshape(tf.cast(inputs, tf.float32), [-1, size, *inputs.shape[1:]])
    deviation = tf.sqrt(tf.math.reduce_variance(x, axis=1) + 1e-8)
    return tf.repeat(tf.reduce_mean(deviation, axis=[1, 2, 3]), size)[:, None, None, None]
