"""The one training step that all families share.

A family says *what*: two networks, how they are called, what they are fed. The loss says
what each player minimises. This file says *when*: how often D moves before G does, that
one generator pass serves both players, when the running average follows, and what every
replica of a `tf.distribute` strategy contributes.
"""

import contextlib
import zlib

import keras
import tensorflow as tf

from ganzoo import precision as precisions
from ganzoo.arguments import make, plain
from ganzoo.batches import as_batch, in_range, prepared
from ganzoo.errors import UsageError
from ganzoo.family import FAMILIES, Family
from ganzoo.keras_private import made_under, takes_sums
from ganzoo.objective import Objective
from ganzoo.random import Draws
from ganzoo.replicas import Reading, average_statistics, clip, norms_of, update
from ganzoo.sampling import Sampling
from ganzoo.spectral import SpectralNorm
from ganzoo.stages import InStages
from ganzoo.surroundings import check_keras

METRICS = ("d_loss", "g_loss", "d_real", "d_fake", "d_gradient", "g_gradient")


@keras.saving.register_keras_serializable("ganzoo")
class GAN(Sampling, InStages, keras.Model):
    """A generator and a discriminator trained against each other.

    Usually made by `ganzoo.build("dcgan")`, which also compiles it. `fit` takes a
    `tf.data` set whose elements are batches of images, `(image, label)` pairs or dicts
    with the keys of `family.batch_spec`; images are uint8 in [0, 255] or float in [-1, 1].

    Logged, as means over the epoch: `d_loss` and `g_loss`; `d_real` and `d_fake`, the
    shares of real and of generated pictures that the discriminator recognises;
    `d_gradient` and `g_gradient`, the norms of the losses' gradients.

    Args:
        family: the architecture, e.g. `DCGAN(image_size=32)`.
        seed: of the initial weights and of every random draw in training.
        precision: what the networks calculate in, see `ganzoo.precision`.
        sync_batchnorm: whether BatchNorm's statistics are of the global batch, not of each
            replica's rows; without effect on one device.
    """

    def __init__(
        self,
        family: Family,
        seed: int = 0,
        precision: str = precisions.FLOAT32,
        sync_batchnorm: bool = False,
        **kwargs,
    ):
        check_keras(keras)
        super().__init__(**kwargs)
        precisions.check(precision)
        self.family, self.seed = family, seed
        self.precision, self.sync_batchnorm = precision, sync_batchnorm
        with precisions.policy(precision):
            self.generator = family.generator(zlib.crc32(f"{seed}/generator".encode()))
            self.discriminator = family.discriminator(zlib.crc32(f"{seed}/discriminator".encode()))
        if sync_batchnorm and self.distribute_strategy.num_replicas_in_sync > 1:
            for norm in norms_of(self.generator, self.discriminator):
                norm.synchronized = True
        self.ema_weights = [
            self.add_weight(name=f"ema_{i:03d}", shape=v.shape, initializer="zeros", trainable=False)
            for i, v in enumerate(self.generator.trainable_variables)
        ]
        for average, variable in zip(self.ema_weights, self.generator.trainable_variables, strict=True):
            average.assign(variable)
        self.step, self.images_seen, self.stage = (
            self.add_weight(
                name=name,
                shape=(),
                dtype="int64",
                initializer="zeros",
                trainable=False,
                aggregation="only_first_replica",
            )
            for name in ("step", "images_seen", "stage")
        )
        self._means = {name: Reading(name) for name in METRICS}
        self._spectral = None
        self._rate_scale = 1.0
        self.built = True

    def compile(self, objective: Objective | None = None, g_optimizer=None, d_optimizer=None, **kwargs):
        """Sets what is minimised and by which optimizers; call it under the strategy's scope.

        Args:
            objective: loss, augmentation, rates and rhythm; default the family's own.
            g_optimizer, d_optimizer: Keras optimizers instead of the objective's Adams.
            **kwargs: `steps_per_execution` and `run_eagerly`, as for any Keras model.
        """
        super().compile(optimizer=None, **kwargs)  # None: Keras would attach a third one, RMSprop
        self.objective = objective or self.family.objective
        self.objective.check_fits(self.family)
        self.g_optimizer, self.d_optimizer = (
            takes_sums(precisions.loss_scaling(optimizer, self.precision))
            for optimizer in (
                g_optimizer or self.objective.g_optimizer(),
                d_optimizer or self.objective.d_optimizer(),
            )
        )
        # Built now: slots that do not exist yet are silently skipped when a file is loaded.
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        self._means = {name: self._means[name] for name in METRICS}
        if self.objective.penalties:
            self._means["d_penalty"] = Reading("d_penalty")
        self._rates = [float(o.learning_rate.numpy()) for o in (self.g_optimizer, self.d_optimizer)]
        if self.objective.spectral_norm and self._spectral is None:
            self._spectral = SpectralNorm(self.discriminator, zlib.crc32(f"{self.seed}/spectral".encode()))
            self.spectral_vectors = self._spectral.vectors

    def scale_rates(self, factor: float) -> None:
        """Goes on at `factor` times the learning rates, from those that compile() began with."""
        self._rate_scale, self.train_function = factor, None  # traced in where rates decay
        for optimizer, rate in zip((self.g_optimizer, self.d_optimizer), self._rates, strict=True):
            optimizer.learning_rate = rate * factor

    @property
    def metrics(self):
        return list(self._means.values())

    # ---- the step ---------------------------------------------------------------------

    def train_step(self, data, stage: int = 0):
        """One generator update and `d_steps` discriminator updates before it, in a stage of the family's."""
        replica = tf.distribute.get_replica_context()
        num_replicas = replica.num_replicas_in_sync
        self._begin_step()
        batches = data if isinstance(data, tuple) and isinstance(data[0], dict) else (as_batch(data),)
        for i, batch in enumerate(batches):
            draws = Draws(
                zlib.crc32(f"{self.seed}/{i}".encode()),
                self.step.value,
                replica.replica_id_in_sync_group,
                num_replicas,
            )
            batch = {**batch, "image": in_range(batch["image"])}
            batch = self.family.batch_at(batch, stage, self.images_seen.value)
            num = batch["image"].shape[0] or tf.shape(batch["image"])[0]
            latents = self.family.latents(draws, num)
            with tf.GradientTape() as g_tape, draws.within("generate"):
                fake = tf.cast(
                    self.family.generate(self.generator, latents, batch, training=True), tf.float32
                )
            self._update_discriminator(batch, fake, draws, num_replicas)
            self.images_seen.assign_add(tf.cast(num * num_replicas, tf.int64))
        # The last discriminator update and the generator's share one batch of pictures.
        trained = self._update_generator(g_tape, fake, batch, draws, num_replicas)
        self._update_average(trained)
        average_statistics(norms_of(self.generator, self.discriminator))
        self.step.assign_add(1)
        return {name: mean.result() for name, mean in self._means.items()}

    def _begin_step(self):
        if self.objective.decay_until:
            factor = self._rate_scale * self.objective.rate_factor(self.images_seen.value)
            for optimizer, rate in zip((self.g_optimizer, self.d_optimizer), self._rates, strict=True):
                optimizer.learning_rate = rate * factor
        if self.objective.spectral_norm:
            self._spectral.advance()

    def _update_discriminator(self, batch, fake, draws, num_replicas):
        real = self._shown(batch["image"], draws, "real")
        fake = self._shown(tf.stop_gradient(fake), draws, "fake")
        with tf.GradientTape() as tape:
            # Two calls: the BatchNorm statistics of real and generated pictures must not mix.
            on_real = self._discriminate(real, batch, draws, "real")
            on_fake = self._discriminate(fake, batch, draws, "fake")
            loss = self.objective.loss.discriminator(on_real, on_fake)
            penalty = self._penalties(real, fake, batch, draws)
            # Gradients are summed over replicas.
            share = self.d_optimizer.scale_loss((loss + penalty) / num_replicas)
        variables = self.discriminator.trainable_variables
        readings = {
            "d_loss": loss,
            "d_real": tf.reduce_mean(tf.cast(on_real > 0.0, tf.float32)),
            "d_fake": tf.reduce_mean(tf.cast(on_fake < 0.0, tf.float32)),
        }
        if self.objective.penalties:
            readings["d_penalty"] = penalty
        self._update("d", tape.gradient(share, variables), variables, readings)
        if self.objective.weight_clip:
            clip(variables, self.objective.weight_clip)

    def _update_generator(self, g_tape, fake, batch, draws, num_replicas):
        objective = self.objective
        on_real = None
        if objective.loss.paired:
            real = self._shown(batch["image"], draws, "real again")
            on_real = self._discriminate(real, batch, draws, "real again")
        # Only the pictures are watched, so no gradient of D's weights is worked out.
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(fake)
            shown = self._shown(fake, draws, "fake again")
            loss = objective.loss.generator(self._discriminate(shown, batch, draws, "fake again"), on_real)
            share = self.g_optimizer.scale_loss(loss / num_replicas)
        variables = self.generator.trainable_variables
        on_pictures = tape.gradient(share, fake)
        gradients = g_tape.gradient(fake, variables, output_gradients=on_pictures)
        self._update("g", gradients, variables, {"g_loss": loss})
        return [gradient is not None for gradient in gradients]

    def _update(self, player, gradients, variables, readings):
        optimizer = self.d_optimizer if player == "d" else self.g_optimizer
        readings, norm = update(optimizer, gradients, variables, readings)
        for name, value in readings.items():
            self._means[name].update_state(value)
        # A float16 step that overflows is skipped and says nothing of the gradient.
        counts = tf.math.is_finite(norm) if self.precision == precisions.FLOAT16 else 1.0
        self._means[f"{player}_gradient"].update_state(norm, counts)

    def _shown(self, images, draws, name):
        """Pictures as the discriminator is shown them, real and generated alike."""
        objective = self.objective
        if objective.augment:
            images = objective.augment(images, draws, f"augment {name}")
        if objective.instance_noise:
            shape = [images.shape[0] or tf.shape(images)[0], *images.shape[1:]]
            images += objective.noise_spread(self.images_seen.value) * draws.normal(f"noise {name}", shape)
        return images

    def _penalties(self, real, fake, batch, draws):
        return tf.add_n(
            [tf.zeros([])]
            + [
                penalty(lambda x, i=i: self._discriminate(x, batch, draws, f"penalty {i}"), real, fake, draws)
                for i, penalty in enumerate(self.objective.penalties)
            ]
        )

    def _discriminate(self, images, batch, draws, name):
        normalised = self._spectral.applied() if self.objective.spectral_norm else contextlib.nullcontext()
        with draws.within(name), normalised:
            logits = self.family.discriminate(self.discriminator, images, batch, training=True)
        return tf.cast(logits, tf.float32)  # losses are float32 whatever the networks calculate in

    def _update_average(self, trained):
        # Early on the average follows faster, or it would be of the initial weights for long.
        step = tf.cast(self.step.value, tf.float32)
        decay = tf.minimum(self.objective.ema_decay, (1.0 + step) / (10.0 + step))
        variables = self.generator.trainable_variables
        for average, variable, has_moved in zip(self.ema_weights, variables, trained, strict=True):
            if has_moved:
                average.assign(average * decay + variable * (1.0 - decay))

    # ---- training -----------------------------------------------------------------------

    def fit(self, x=None, *args, **kwargs):
        """Trains as any Keras model does, on a `tf.data` set of image batches."""
        self.check_ready()
        if isinstance(x, tf.data.Dataset):
            x = self.prepared(x, self.distribute_strategy.num_replicas_in_sync)
            kwargs.setdefault("shuffle", False)  # the set is in its own order; Keras warns otherwise
        return super().fit(x, *args, **kwargs)

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

    def prepared(self, dataset: tf.data.Dataset, num_replicas: int = 1) -> tf.data.Dataset:
        """The elements of `dataset` as `train_step` wants them: dicts, `d_steps` of them a step.

        Args:
            dataset: batches of images, `(image, label)` pairs or dicts.
            num_replicas: what a batch has to divide by; a last, partial one is cut to it.

        Raises:
            DataError: if keys or shapes do not fit `family.batch_spec`.
        """
        return prepared(dataset, self.family, self.objective.d_steps, num_replicas)

    # ---- saving -----------------------------------------------------------------------------

    def state(self) -> dict[str, keras.Variable]:
        """Every variable that an exact continuation needs, by a name that never changes."""
        parts = {
            "generator": self.generator.variables,
            "discriminator": self.discriminator.variables,
            "ema": self.ema_weights,
            "spectral": self._spectral.vectors if self._spectral else [],
            "g_optimizer": self.g_optimizer.variables,
            "d_optimizer": self.d_optimizer.variables,
            "progress": [self.step, self.images_seen, self.stage],
            "metrics": [v for mean in self.metrics for v in mean.variables],
        }
        # Slots are named after layers, which Keras numbers anew in each process: their place says enough.
        return {
            f"{part}/{i:03d}" + ("" if part.endswith("optimizer") else f"/{v.name}"): v
            for part, variables in parts.items()
            for i, v in enumerate(variables)
        }

    def get_config(self):
        return {
            "name": self.name,
            "family": FAMILIES.name_of(self.family),
            "arguments": plain(self.family),
            "seed": self.seed,
            "precision": self.precision,
            "sync_batchnorm": self.sync_batchnorm,
        }

    @classmethod
    def from_config(cls, config):
        family = make(FAMILIES[config["family"]], config["arguments"], "the saved model")
        return cls(family, **{k: v for k, v in config.items() if k not in ("family", "arguments")})

    def get_compile_config(self):
        return {"objective": plain(self.objective)} if self.compiled else {}

    def compile_from_config(self, config):
        self.compile(make(Objective, config["objective"], "the saved model"))
