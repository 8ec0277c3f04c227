"""The private parts of Keras that ganzoo leans on, all of them, with the reason.

`tests/step/test_keras_private.py` says loudly when Keras moves one. Nothing else in the
package touches a name of Keras or TensorFlow that begins with an underscore.
"""

import itertools

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
            execute = self.by_batches(self.train_step)
            self.train_function = lambda iterator: execute(
                taken(iterator, int(self.steps_per_execution)), spec_of(iterator)
            )
        return self.train_function

    def by_batches(self, step):
        """A function of a list of batches, and of what one looks like: `step` on each, on all replicas.

        The batches are there before a graph is entered. Were `next(iterator)` a part of it, whatever
        does not read the batch (counters, Adam's iterations, averages) would still run at the end of
        the data, and the steps before it in the same execution might be broken off.
        """
        traced, traced_for = {}, None

        def execute(batches: list, spec=None):
            nonlocal traced_for
            if spec != traced_for:  # another data set
                traced.clear()
                traced_for = spec
            if len(batches) not in traced:
                traced[len(batches)] = self.per_replica(step, len(batches), spec)
            return traced[len(batches)](*batches)

        return execute

    def per_replica(self, step, num: int, spec=None):
        """A function of `num` batches: `step` on each, on all replicas; traced unless run eagerly."""
        strategy = self.distribute_strategy

        @tf.autograph.experimental.do_not_convert
        def execute(*batches):
            for batch in batches:
                logs = strategy.run(step, args=(batch,))
            return {name: strategy.experimental_local_results(value)[0] for name, value in logs.items()}

        if self.run_eagerly:
            return execute
        # The data's own shapes: a last, smaller batch needs no graph of its own where they are open.
        signature = None if spec is None else [spec] * num
        return tf.function(execute, input_signature=signature, reduce_retracing=True)


def spec_of(iterator):
    """What an element of an iterator over a `tf.data` set looks like; None for any other iterator."""
    return getattr(iterator, "element_spec", None)


def taken(iterator, num: int) -> list:
    """Up to `num` elements of an iterator; raises StopIteration where there is none left."""
    elements = list(itertools.islice(iterator, num))
    if not elements:
        raise StopIteration
    return elements


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
      replica only: one on another makes every weight NaN. `ganzoo.step.replicas.update` sums first.
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
