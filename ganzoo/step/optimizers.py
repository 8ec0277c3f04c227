"""Adam in one pass over memory."""

import keras
import tensorflow as tf

from ganzoo.step.keras_private import slots_of


@keras.saving.register_keras_serializable("ganzoo")
class Adam(keras.optimizers.Adam):
    """Keras's Adam (Kingma and Ba 2015, end of section 2), updated by TensorFlow's fused kernel.

    Keras writes the update as some fifteen operations, each of which reads and writes every
    weight; on a processor that costs as much as a layer. Arguments, slots, saved files and
    numbers are Keras's.
    """

    def update_step(self, gradient, variable, learning_rate):
        if self.amsgrad or isinstance(gradient, tf.IndexedSlices) or variable.dtype != tf.float32:
            return super().update_step(gradient, variable, learning_rate)
        momentum, velocity = slots_of(self, variable)
        step = tf.cast(self.iterations + 1, tf.float32)
        return tf.raw_ops.ResourceApplyAdam(
            var=variable.handle,
            m=momentum.handle,
            v=velocity.handle,
            beta1_power=tf.pow(self.beta_1, step),
            beta2_power=tf.pow(self.beta_2, step),
            lr=tf.cast(learning_rate, tf.float32),
            beta1=self.beta_1,
            beta2=self.beta_2,
            epsilon=self.epsilon,
            grad=tf.cast(gradient, tf.float32),
        )
