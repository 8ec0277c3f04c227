"""What people do with any Keras model, done with a GAN: fit, predict, call, set learning rates."""

import warnings

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import DataError, UsageError
from ganzoo.step.batches import prepared
from ganzoo.step.fit_data import as_dataset
from ganzoo.step.keras_private import made_under

NOT_OF_A_GAN = {
    "class_weight": "classes weigh alike in a GAN; draw rare ones more often in the data instead",
    "sample_weight": "pictures weigh alike in a GAN; draw some more often in the data instead",
    "validation_data": "no loss on held-out pictures says how good a GAN is; hold them against samples by "
    "ganzoo.metrics.evaluate, or let ganzoo-train score while it trains with --eval_every",
    "validation_split": "no loss on held-out pictures says how good a GAN is; hold some back for "
    "ganzoo.metrics.evaluate",
}
COMPILED_OTHERWISE = {
    "optimizer": "two sides have two: g_optimizer=... and d_optimizer=..., or learning_rate=... in build",
    "loss": 'the loss is part of the objective: ganzoo.build(model, loss="hinge")',
    "loss_weights": "weights are part of the objective: ganzoo.build(model, weights={...})",
    "metrics": "what is logged is the step's own; scores of samples are ganzoo.metrics.evaluate's",
    "weighted_metrics": "what is logged is the step's own; scores of samples are ganzoo.metrics.evaluate's",
    "jit_compile": "the step is compiled by tf.function, not by XLA, whose numbers differ",
}


class BothOptimizers:
    """What Keras's callbacks find as a model's optimizer: those of both sides, one after the other.

    `keras.callbacks.LearningRateScheduler` sets each one's rate by itself, so that a discriminator's own
    rate stays its own.
    """

    def __init__(self, optimizers: list):
        self.optimizers = optimizers
        self.built, self.variables = True, [v for each in optimizers for v in each.variables]

    @property
    def learning_rate(self):
        """The generators' rate; setting it scales the discriminators' along."""
        return self.optimizers[0].learning_rate

    @learning_rate.setter
    def learning_rate(self, value):
        factor = float(value) / float(self.optimizers[0].learning_rate)
        for optimizer in self.optimizers:
            optimizer.learning_rate = float(optimizer.learning_rate) * factor


class Fitting:
    """The part of `ganzoo.gan.GAN` that takes data and arguments as Keras's own models do."""

    @property
    def optimizer(self) -> BothOptimizers | None:
        """Both optimizers in one, for callbacks; `g_optimizer` and `d_optimizer` are each."""
        return BothOptimizers([self.g_optimizer, self.d_optimizer]) if self.compiled else None

    @optimizer.setter
    def optimizer(self, value):
        """Keras sets the one it would use; there is none."""

    def fit(
        self,
        x=None,
        y=None,
        batch_size=None,
        epochs=1,
        verbose="auto",
        callbacks=None,
        shuffle=True,
        initial_epoch=0,
        steps_per_epoch=None,
        **others,
    ):
        """Trains as any Keras model does.

        Args:
            x: batches of images, `(image, label)` pairs or dicts, as a `tf.data` set, a
                `keras.utils.PyDataset` or a generator; or arrays of all of them, see
                `ganzoo.step.fit_data.as_dataset`. Images are uint8 in [0, 255] or float in [-1, 1].
            y: of arrays, their labels.
            batch_size, shuffle: of arrays.
            epochs, verbose, callbacks, initial_epoch, steps_per_epoch: as for any Keras model.

        Raises:
            DataError: if the data does not fit. UsageError: for an argument that means nothing here.
        """
        for name, value in others.items():
            if name not in NOT_OF_A_GAN and not name.startswith("validation"):
                raise TypeError(f"fit() got an unexpected keyword argument {name!r}")
            if value is not None and not (np.isscalar(value) and not value):
                raise UsageError(
                    f"{name} is not used here: {NOT_OF_A_GAN.get(name, 'it goes with validation')}"
                )
        self.check_ready()
        self._check_callbacks(callbacks)
        data = as_dataset(x, y, batch_size, bool(shuffle), self.seed)
        num_replicas = self.distribute_strategy.num_replicas_in_sync
        data = self.prepared(data.dataset, num_replicas, data.first)
        try:
            with warnings.catch_warnings():
                if steps_per_epoch is None:  # else it is true: Keras says so of every set of unknown length
                    warnings.filterwarnings("ignore", "Your input ran out of data", UserWarning)
                return super().fit(
                    data,
                    epochs=epochs,
                    verbose=verbose,
                    callbacks=callbacks,
                    shuffle=False,  # the set is in its own order
                    initial_epoch=initial_epoch,
                    steps_per_epoch=steps_per_epoch,
                )
        except tf.errors.InvalidArgumentError as error:
            if (said := check_failed(error)) is None:
                raise
            raise DataError(said) from None

    def _check_callbacks(self, callbacks):
        setters = keras.callbacks.LearningRateScheduler, keras.callbacks.ReduceLROnPlateau
        given = callbacks if isinstance(callbacks, list | tuple) else [callbacks]
        for callback in given:
            if isinstance(callback, setters) and self.objective.decay_until:
                raise UsageError(
                    f"{type(callback).__name__} sets rates that decay_until sets anew in each step; "
                    "leave one of them out"
                )

    def check_ready(self):
        """Raises UsageError unless compiled, with optimizers made under the model's strategy."""
        if not self.compiled:
            raise UsageError("this GAN is not compiled: call gan.compile() or make it with ganzoo.build(...)")
        for optimizer in (self.g_optimizer, self.d_optimizer):
            if not made_under(optimizer, self.distribute_strategy):
                raise UsageError(
                    f"the optimizer {optimizer.name!r} was made outside the scope of the model's strategy; "
                    "build and compile the GAN inside `with strategy.scope():`"
                )

    def prepared(
        self, dataset: tf.data.Dataset, num_replicas: int = 1, first: dict | None = None
    ) -> tf.data.Dataset:
        """The elements of `dataset` as `train_step` wants them: dicts, `d_steps` of them a step.

        Args:
            dataset: batches of images, `(image, label)` pairs or dicts.
            num_replicas: what a batch has to divide by; a last, partial one is cut to it.
            first: its first batch, where that is known; else it is looked at in `dataset` if need be.

        Raises:
            DataError: if keys, shapes, types or ranges do not fit `family.batch_spec`.
        """
        return prepared(dataset, self.family, self.objective.d_steps, num_replicas, first)

    # ---- from latents to pictures, in Keras's words ------------------------------------------

    def call(self, inputs, training=False):
        """Pictures by the averaged generator for latents, or `[latents, labels]`: `gan(latents)`."""
        latents, labels = inputs if isinstance(inputs, list | tuple) else (inputs, None)
        if tf.is_symbolic_tensor(latents):
            raise UsageError("a GAN is not called within a graph; gan.ema_generator is a network that is")
        return tf.convert_to_tensor(self.sample_from(np.asarray(latents), labels))

    def predict(self, x, *args, **kwargs):
        """Pictures for latents, or for `(latents, labels)`, as `sample_from` makes them."""
        latents, labels = x if isinstance(x, list | tuple) else (x, None)
        return self.sample_from(latents, labels)

    def evaluate(self, *args, **kwargs):
        """Raises UsageError: there is no loss to evaluate."""
        raise UsageError(f"evaluate() has no meaning for a GAN: {NOT_OF_A_GAN['validation_data']}")


def check_failed(error: tf.errors.InvalidArgumentError) -> str | None:
    """What a check in the input pipeline said, or None if it was something else that failed."""
    _, found, rest = error.message.partition("assertion failed: [")
    said = rest.splitlines()[0].replace("] [", " ").partition("]")[0] if found else None
    return said and said.replace("\\'", "'")


def refuse_compile_arguments(given: dict) -> None:
    """Raises UsageError for arguments of Keras's compile() that mean nothing for a GAN."""
    for name, value in given.items():
        if name in COMPILED_OTHERWISE and value is not None and value is not False and value != "auto":
            raise UsageError(f"compile({name}=...) is not used here: {COMPILED_OTHERWISE[name]}")
