"""The private parts of Keras that ganzoo leans on, all of them, with the reason.

`tests/test_keras_private.py` says loudly when Keras moves one. Nothing else in the
package touches a name of Keras or TensorFlow that begins with an underscore.
"""

import keras
import tensorflow as tf


class OwnTrainFunction:
    """A mixin before `keras.Model`: `fit` calls one plainly traced step per replica.

    * `_maybe_symbolic_build`: the trainer's hook calls the model on the first batch to
      build it, reads and reduces that batch over the replicas, and so fails for a model of
      two networks under `tf.distribute` (keras issue 20164). A GAN is built in its
      constructor, so there is nothing to do.
    * `make_train_function`: the stock one reduces logs in a way that multi-worker training
      rejects, and puts `steps_per_execution` into a while loop, in which collectives fail
      (keras issue 19246). Here the steps of one execution are unrolled.
    """

    def _maybe_symbolic_build(self, iterator=None, data_batch=None):
        pass

    def make_train_function(self, force=False):
        if self.train_function is None or force:
            self.train_function = self.per_replica(self.train_step, int(self.steps_per_execution))
        return self.train_function

    def per_replica(self, step, steps: int):
        """A function of an iterator that runs `steps` steps on all replicas, traced unless run eagerly."""
        strategy = self.distribute_strategy

        @tf.autograph.experimental.do_not_convert
        def execute(iterator):
            for _ in range(steps):
                logs = strategy.run(step, args=(next(iterator),))
            return {name: strategy.experimental_local_results(value)[0] for name, value in logs.items()}

        return execute if self.run_eagerly else tf.function(execute, reduce_retracing=True)


def made_under(optimizer, strategy) -> bool:
    """Whether `optimizer` was made under `strategy`.

    One made outside its scope trains without any error while the replicas drift apart.
    """
    return all(each._distribution_strategy is strategy for each in (optimizer, inner(optimizer)))


def inner(optimizer):
    """The optimizer within a loss scale, or the optimizer itself."""
    return getattr(optimizer, "inner_optimizer", optimizer)


def takes_sums(optimizer):
    """`optimizer`, made to take gradients that are already summed over the replicas.

    * `_all_reduce_sum_gradients`: Keras sums inside the optimizer, after it has clipped each
      replica's share by itself, and after a loss scale has looked for overflows on the first
      replica only: one on another makes every weight NaN. `ganzoo.replicas.update` sums first.
    """
    inner(optimizer)._all_reduce_sum_gradients = list
    return optimizer


def layers_of(network: keras.Model) -> list[keras.layers.Layer]:
    """All layers of a network, those inside other layers included."""
    return list(network._flatten_layers(include_self=False, recursive=True))


def slots_of(adam, variable):
    """The running means of an Adam's gradient and of its square for `variable`, as TensorFlow variables."""
    index = adam._get_variable_index(variable)
    return adam._momentums[index].value, adam._velocities[index].value
