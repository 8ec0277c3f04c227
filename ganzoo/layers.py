"""Layers that two or more families use."""

import keras
import tensorflow as tf


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
        if not (fused and self.scale and self.center and len(inputs.shape) == 4 and self.axis in (-1, 3)):
            return super().call(inputs, training=training, mask=mask)
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(
            inputs,
            tf.cast(self.gamma, tf.float32),
            tf.cast(self.beta, tf.float32),
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
