"""Numbers that are no weights and that a step changes: pools, moving means, and penalties that keep some.

They are part of every checkpoint, and the same on every replica.
"""

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.step.gradients import missing_gradients_named
from ganzoo.step.replicas import replica_mean, sum_of


class Buffers:
    """The part of `ganzoo.gan.GAN` that keeps numbers from step to step."""

    def _remembered(self) -> dict:
        return {name: variable.value for name, variable in self.buffers.items()}

    def _remember(self, batch, made, draws):
        for name, value in self.family.remember(self._remembered(), batch, made, draws).items():
            self.buffers[name].assign(value)

    def _generator_penalties(self, batch, draws, num_replicas):
        """The penalties on generators: their sum, and its gradients by `g_variables`, some of them None."""
        values, gradients = [], [None] * len(self.g_variables)
        for i, (penalty, buffers) in enumerate(zip(self.objective.g_penalties, self._kept, strict=True)):
            before = {name: variable.value for name, variable in buffers.items()}

            def term(penalty=penalty, before=before, i=i):
                with draws.within(f"penalty on generators {i}"):
                    return penalty.term(self.family, self.networks, batch, draws, before)

            value, new, found = self._worked_out(penalty, term, before, draws, num_replicas)
            for name, variable in buffers.items():
                variable.assign(replica_mean(new[name]))
            values.append(value)
            gradients = [add(*each) for each in zip(gradients, found, strict=True)]
        return sum_of(values), gradients

    def _worked_out(self, penalty, term, before, draws, num_replicas):
        """A penalty's value, its buffers' new values, its gradients; zeros in steps where it is not due."""
        variables, reached = self.g_variables, []

        def due():
            with tf.GradientTape() as tape:
                value, new = term()
                value = penalty.weight * penalty.interval * tf.cast(value, tf.float32)
                share = self.g_optimizer.scale_loss(value / num_replicas)
            with missing_gradients_named():
                found = tape.gradient(share, variables)
            reached[:] = [i for i, gradient in enumerate(found) if gradient is not None]
            if not reached:
                raise UsageError(
                    f"the penalty {type(penalty).__name__} has no gradient by any generator's weights: "
                    "something in its term cuts it off"
                )
            return [value], dict(new), [tf.convert_to_tensor(found[i]) for i in reached]

        def left_out():
            return [tf.zeros([])], dict(before), [tf.zeros_like(variables[i].value) for i in reached]

        (value,), new, found = (
            due() if penalty.interval == 1 else tf.cond(penalty.is_due(draws.step), due, left_out)
        )
        gradients = [None] * len(variables)
        for i, gradient in zip(reached, found, strict=True):
            gradients[i] = gradient
        return value, new, gradients


def add(one, other):
    """The sum of two gradients, either of which may be None."""
    if one is None or other is None:
        return other if one is None else one
    return tf.convert_to_tensor(one) + other


def make_buffers(values: dict) -> dict[str, keras.Variable]:
    """Variables that begin with some values, arrays or numbers, by name; floating ones are float32."""
    made = {}
    for name, value in values.items():
        array = np.asarray(value)
        dtype = "float32" if array.dtype.kind == "f" else array.dtype.name
        made[name] = keras.Variable(
            array, dtype=dtype, trainable=False, aggregation="only_first_replica", name=name
        )
    return made
