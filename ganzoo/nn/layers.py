"""Layers that two or more families use."""

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.step.draws import current_draws


@keras.saving.register_keras_serializable("ganzoo")
class BatchNormalization(keras.layers.BatchNormalization):
    """Keras's batch normalisation, run by TensorFlow's fused kernel while training.

    Keras 3 computes the moments by separate reductions; the fused kernel reads the
    activations once. Numbers, arguments, weights and saved files are the same. Where the
    fused kernel does not apply (synchronised statistics, other axes, masks) Keras's own
    code runs.
    """

    def call(self, inputs, training=None, mask=None):
        fused = training and self.trainable and not self.synchronized and mask is None
        if not (fused and len(inputs.shape) == 4 and self.axis in (-1, 3)):
            return super().call(inputs, training=training, mask=mask)
        channels = inputs.shape[-1]
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            tf.cast(self.gamma, tf.float32) if self.scale else tf.ones([channels]),
            tf.cast(self.beta, tf.float32) if self.center else tf.zeros([channels]),
            epsilon=self.epsilon,
            is_training=True,
        )
        count = tf.cast(tf.size(inputs) // inputs.shape[-1], tf.float32)
        variance *= (
            count - 1.0
        ) / count  # the kernel gives the unbiased variance, Keras keeps the biased one
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1.0 - self.momentum))
        self.moving_variance.assign(self.moving_variance * self.momentum + variance * (1.0 - self.momentum))
        return outputs


@keras.saving.register_keras_serializable("ganzoo")
class Dropout(keras.layers.Layer):
    """Dropout whose masks are the training step's own draws: a function of (seed, step, name, call).

    Keras's keeps a seed that would have to be saved, and gives every replica the same mask.

    Args:
        rate: share of the inputs set to 0; the others are scaled by 1 / (1 - rate).
        name: tells apart the masks of a network's dropouts, so it has to be given.
    """

    def __init__(self, rate: float, name: str, **kwargs):
        super().__init__(name=name, **kwargs)
        if not 0.0 <= rate < 1.0:
            raise UsageError(f"a dropout rate is {rate}, but must be at least 0 and below 1")
        self.rate = rate

    def call(self, inputs, training=False):
        if not training or not self.rate:
            return inputs
        current = current_draws()
        if current is None:
            raise UsageError(
                f"the layer {self.name!r} drops out by the draws of a training step, but is called outside "
                "any; call the network with training=False or inside `with Draws(seed, step).within(name):`"
            )
        draws, call = current
        shape = [inputs.shape[0] or tf.shape(inputs)[0], *inputs.shape[1:]]
        kept = draws.uniform(f"{call}/{self.name}", shape) >= self.rate
        return tf.where(kept, inputs / (1.0 - self.rate), 0.0)

    def get_config(self):
        return {**super().get_config(), "rate": self.rate}


@keras.saving.register_keras_serializable("ganzoo")
class Maxout(keras.layers.Layer):
    """The largest of every `pieces` neighbouring channels, Goodfellow et al. 2013 (arXiv 1302.4389)."""

    def __init__(self, pieces: int, **kwargs):
        super().__init__(**kwargs)
        self.pieces = pieces

    def call(self, inputs):
        shape = [-1, *inputs.shape[1:-1], inputs.shape[-1] // self.pieces, self.pieces]
        return tf.reduce_max(tf.reshape(inputs, shape), axis=-1)

    def compute_output_shape(self, input_shape):
        return (*input_shape[:-1], input_shape[-1] // self.pieces)

    def get_config(self):
        return {**super().get_config(), "pieces": self.pieces}


# PHASES[a, p, k] is 1 where kernel row k takes input row i + p - 1 to output row 2 i + a.
PHASES = np.zeros((2, 3, 4), np.float32)
PHASES[0, 0, 3] = PHASES[0, 1, 1] = PHASES[1, 1, 2] = PHASES[1, 2, 0] = 1.0


@keras.saving.register_keras_serializable("ganzoo")
class SubPixelConv2DTranspose(keras.layers.Conv2DTranspose):
    """A transposed convolution 4x4, stride 2, "same", for few output channels.

    Each of the four pixels that one input pixel becomes is a 2x2 convolution of the input,
    so the whole is one 3x3 convolution to four times the channels and a shuffle (Shi et
    al. 2016, arXiv 1609.05158, figure 1). The numbers are those of Conv2DTranspose, whose kernel
    of only 3 channels wide leaves most of a processor's lanes empty.
    """

    def __init__(self, filters, **kwargs):
        super().__init__(filters, kernel_size=4, strides=2, padding="same", **kwargs)

    def call(self, inputs):
        # (output phase, input offset, kernel row) for rows, the same for columns; kernel is (4, 4, out, in).
        kernel = tf.einsum("apk,bql,kloi->pqiabo", PHASES, PHASES, tf.cast(self.kernel, tf.float32))
        kernel = tf.reshape(kernel, (3, 3, inputs.shape[-1], 4 * self.filters))
        outputs = tf.nn.conv2d(inputs, tf.cast(kernel, inputs.dtype), 1, "SAME")
        outputs = tf.nn.depth_to_space(outputs, 2)
        return outputs + tf.cast(self.bias, outputs.dtype) if self.use_bias else outputs

    def get_config(self):
        config = super().get_config()
        fixed = ("kernel_size", "strides", "padding", "output_padding", "data_format", "dilation_rate")
        return {name: value for name, value in config.items() if name not in fixed}


@keras.saving.register_keras_serializable("ganzoo")
class LearnedNumber(keras.layers.Layer):
    """One number that is learned, the same for every example: (batch, 1), whatever goes in.

    Args:
        start: what it is before the first step.
    """

    def __init__(self, start: float, **kwargs):
        super().__init__(**kwargs)
        self.start = start

    def build(self, input_shape):
        start = keras.initializers.Constant(self.start)
        self.number = self.add_weight(name="number", shape=(1, 1), initializer=start)

    def call(self, inputs):
        return tf.repeat(self.number, inputs.shape[0] or tf.shape(inputs)[0], axis=0)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], 1)

    def get_config(self):
        return {**super().get_config(), "start": self.start}
