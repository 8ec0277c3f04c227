"""What the replicas of a training step do together, under any `tf.distribute` strategy or none.

Each replica works out its share of the loss's gradient. The shares are summed once, here,
and everything that must not differ between replicas is taken from the sum: the update,
clipping, the check for overflow, the norm that is logged.
"""

import keras
import tensorflow as tf

from ganzoo.step.keras_private import layers_of
from ganzoo.step.precision import scale_of


@keras.saving.register_keras_serializable("ganzoo")
class Reading(keras.metrics.Metric):
    """The mean over an epoch of a number that is the same on every replica.

    Keras's `Mean` sums over replicas when it is read: the chief of several machines cannot
    read it alone, and a restored sum is split anew, so that its last bits change.
    """

    def __init__(self, name: str, **kwargs):
        super().__init__(name=name, **kwargs)
        self.total, self.count = (
            self.add_variable((), "zeros", "float32", aggregation="only_first_replica", name=part)
            for part in ("total", "count")
        )

    def update_state(self, value, counts=1.0):
        """Adds `value`, unless `counts` is 0 (a step that a loss scale skipped)."""
        counts = tf.cast(counts, tf.float32)
        self.total.assign_add(tf.where(counts > 0.0, tf.cast(value, tf.float32), 0.0))
        self.count.assign_add(counts)

    def result(self):
        return tf.math.divide_no_nan(self.total.value, self.count.value)


def update(optimizer, gradients: list, variables: list, readings: dict) -> tuple[dict, tf.Tensor]:
    """One step of `optimizer`, the same on every replica.

    Args:
        optimizer: as `keras_private.takes_sums` prepared it.
        gradients: of this replica's share of the loss (its mean over the replica's rows,
            divided by the number of replicas), times the optimizer's loss scale.
        variables: what they are the gradients of.
        readings: scalars of this replica.

    Returns:
        The readings' means over the replicas, and the norm of the whole gradient.
    """
    replica = tf.distribute.get_replica_context()
    there = [i for i, gradient in enumerate(gradients) if gradient is not None]
    # Dense ones: a sparse gradient's rows are summed differently by one device and by two.
    dense = [tf.convert_to_tensor(gradients[i]) for i in there]
    values = list(readings.values())
    if replica.num_replicas_in_sync > 1:
        shares = [value / replica.num_replicas_in_sync for value in values]
        summed = replica.all_reduce(tf.distribute.ReduceOp.SUM, [*dense, *shares])
        dense, values = summed[: len(dense)], summed[len(dense) :]
    norm = tf.linalg.global_norm(dense) / scale_of(optimizer)
    # A network that grows has weights that are not trained yet.
    optimizer.apply(dense, [variables[i] for i in there])
    return dict(zip(readings, values, strict=True)), norm


def gathered(rows):
    """The rows of all replicas, in their order: what a buffer that is the same on each is made of."""
    replica = tf.distribute.get_replica_context()
    return replica.all_gather(rows, axis=0) if replica.num_replicas_in_sync > 1 else rows


def sum_of(scalars: list):
    """The sum of scalars; of one, itself: no bit is lost to an addition of nothing."""
    return scalars[0] if len(scalars) == 1 else tf.add_n(scalars)


def mean_of(scalars: list):
    """The mean of scalars; of one, itself."""
    return scalars[0] if len(scalars) == 1 else tf.add_n(scalars) / len(scalars)


def replica_mean(value):
    """The mean of what each replica has, which has one shape on all."""
    replica = tf.distribute.get_replica_context()
    if replica.num_replicas_in_sync == 1:
        return value
    return replica.all_reduce(tf.distribute.ReduceOp.MEAN, value)


def global_mean(values):
    """The mean of a tensor over the rows of all replicas, which have equally many; a scalar."""
    return replica_mean(tf.reduce_mean(values))


def clip(variables: list, most: float) -> None:
    """Cuts variables to [-most, most], each device its own copy.

    Equal copies stay equal; an assignment within a replica would average them by a collective each.
    """

    def cut(strategy):
        for variable in variables:
            strategy.extended.update(
                variable.value, lambda copy: copy.assign(tf.clip_by_value(copy, -most, most))
            )

    tf.distribute.get_replica_context().merge_call(cut)


def norms_of(*networks: keras.Model) -> list[keras.layers.Layer]:
    """The batch normalisations of networks."""
    return [
        layer
        for network in networks
        for layer in layers_of(network)
        if isinstance(layer, keras.layers.BatchNormalization)
    ]


def average_statistics(norms: list[keras.layers.Layer]) -> None:
    """Gives every replica the mean of their BatchNorm statistics: they had moved apart.

    Training reads only the statistics of its batch; without this, what is saved would be
    the first replica's, of its rows alone.
    """
    replica = tf.distribute.get_replica_context()
    variables = [
        v for norm in norms if not norm.synchronized for v in (norm.moving_mean, norm.moving_variance)
    ]
    if variables and replica.num_replicas_in_sync > 1:
        values = [tf.identity(v.value) for v in variables]  # a read alone has no device to be summed on
        means = replica.all_reduce(tf.distribute.ReduceOp.MEAN, values)
        for variable, mean in zip(variables, means, strict=True):
            variable.assign(mean)


def outside(function):
    """Calls `function` outside any strategy's scope it is called in, and returns its result."""
    if not tf.distribute.has_strategy():
        return function()
    # Scopes belong to a thread and cannot be left early; a new thread is in none.
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(function).result()
