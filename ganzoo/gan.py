"""The one training step that all families share.

A family says *what*: its networks, what they make, which discriminator tells what from what, and
what else the generators minimise. The loss says what each side of a contest minimises. This file
says *when*: how often discriminators move before generators do, that one pass of the generators
serves both sides, when running averages and buffers follow, and what every replica of a
`tf.distribute` strategy contributes.

Every term of the generators' loss is a function of what they made in one recorded pass. So the
discriminators move first, the loss is differentiated by the made tensors alone (no gradient of a
discriminator's weights is worked out), and that is chained through the recorded pass.
"""

import zlib

import keras
import tensorflow as tf

from ganzoo.base.surroundings import check_keras
from ganzoo.family import Family, check_names
from ganzoo.nn.spectral import SpectralNorm
from ganzoo.objective import Objective
from ganzoo.sampling.encoding import Encoding
from ganzoo.sampling.samples import Sampling
from ganzoo.saving import Saving
from ganzoo.step import precision as precisions
from ganzoo.step.batches import all_in_range, as_batch, num_rows
from ganzoo.step.buffers import Buffers, add, make_buffers
from ganzoo.step.contests import check_contests, name_within
from ganzoo.step.draws import Draws
from ganzoo.step.fitting import Fitting, refuse_compile_arguments
from ganzoo.step.freezing import freeze_first
from ganzoo.step.gradients import missing_gradients_named
from ganzoo.step.judging import Judging
from ganzoo.step.keras_private import takes_sums
from ganzoo.step.precision import in_float32
from ganzoo.step.replicas import (
    Reading,
    average_statistics,
    clip,
    global_mean,
    mean_of,
    norms_of,
    sum_of,
    update,
)
from ganzoo.step.stages import InStages

G_READINGS, D_READINGS = ("g_loss", "g_gradient"), ("d_loss", "d_real", "d_fake", "d_gradient")
ORDER = ("d_loss", "g_loss", "d_real", "d_fake", "d_gradient", "g_gradient")  # as in every log and checkpoint


@keras.saving.register_keras_serializable("ganzoo")
class GAN(Sampling, Encoding, Fitting, Saving, Judging, Buffers, InStages, keras.Model):
    """A generator and a discriminator trained against each other.

    Usually made by `ganzoo.build("dcgan")`, which also compiles it. `fit` takes a
    `tf.data` set whose elements are batches of images, `(image, label)` pairs or dicts
    with the keys of `family.batch_spec`; images are uint8 in [0, 255] or float in [-1, 1].

    Logged, as means over the epoch: `d_loss` and `g_loss`; `d_real` and `d_fake`, the
    shares of real and of generated pictures that the discriminator recognises (of a paired loss,
    the share of pairs that it tells apart, for both; see `Loss.recognised`);
    `d_gradient` and `g_gradient`, the norms of the losses' gradients.

    Args:
        family: the architecture, e.g. `DCGAN(image_size=32)`.
        seed: of the initial weights and of every random draw in training.
        precision: what the networks calculate in, see `ganzoo.step.precision`.
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
            generators, discriminators = (
                family.generators(self._seed_of),
                family.discriminators(self._seed_of),
            )
        check_names(generators, discriminators)
        # One of a kind has its old place: as an attribute, and in files.
        if len(generators) == 1:
            (self.generator,) = generators.values()
        if len(discriminators) == 1:
            (self.discriminator,) = discriminators.values()
        self.generators, self.discriminators = generators, discriminators
        if sync_batchnorm and self.distribute_strategy.num_replicas_in_sync > 1:
            for norm in norms_of(*self.networks.values()):
                norm.synchronized = True
        self.ema_weights = [
            self.add_weight(name=f"ema_{i:03d}", shape=v.shape, initializer="zeros", trainable=False)
            for i, v in enumerate(self.g_variables)
        ]
        for average, variable in zip(self.ema_weights, self.g_variables, strict=True):
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
        self.buffers = make_buffers(family.buffers())
        asked = {*G_READINGS, *(D_READINGS if discriminators else ())}
        self._means = {name: Reading(name) for name in ORDER if name in asked}
        self._spectral = {}
        self._rate_scale = 1.0
        self.built = True

    def compile(self, objective: Objective | None = None, g_optimizer=None, d_optimizer=None, **kwargs):
        """Sets what is minimised and by which optimizers; call it under the strategy's scope.

        Args:
            objective: loss, augmentation, rates and rhythm; default the family's own.
            g_optimizer, d_optimizer: Keras optimizers, or their names, instead of the objective's Adams.
            **kwargs: `steps_per_execution` and `run_eagerly`, as for any Keras model.
        """
        refuse_compile_arguments(kwargs)
        super().compile(optimizer=None, **kwargs)  # None: Keras would attach a third one, RMSprop
        self.objective = objective or self.family.objective
        self.objective.check_fits(self.family)
        self.g_optimizer, self.d_optimizer = (
            takes_sums(precisions.loss_scaling(optimizer, self.precision))
            for optimizer in (
                keras.optimizers.get(g_optimizer) or self.objective.g_optimizer(),
                keras.optimizers.get(d_optimizer) or self.objective.d_optimizer(),
            )
        )
        freeze_first(self.discriminators, self.objective.freeze_d)
        # Built now: slots that do not exist yet are silently skipped when a file is loaded.
        self.g_optimizer.build(self.g_variables)
        self.d_optimizer.build(self.d_variables)
        self._means = {name: mean for name, mean in self._means.items() if name in ORDER}
        asked = {"d_penalty": self.objective.d_penalties, "g_penalty": self.objective.g_penalties}
        for name in (
            *(name for name, there in asked.items() if there),
            *self.objective.terms_asked(self.family),
        ):
            self._means[name] = Reading(name)
        self._kept = [make_buffers(penalty.buffers()) for penalty in self.objective.g_penalties]
        self._rates = [float(o.learning_rate.numpy()) for o in (self.g_optimizer, self.d_optimizer)]
        if self.objective.spectral_norm and not self._spectral:
            alone = len(self.discriminators) == 1
            self._spectral = {
                name: SpectralNorm(network, self._seed_of("spectral" if alone else f"spectral/{name}"))
                for name, network in self.discriminators.items()
            }
            self.spectral_vectors = [v for each in self._spectral.values() for v in each.vectors]

    def scale_rates(self, factor: float) -> None:
        """Goes on at `factor` times the learning rates, from those that compile() began with."""
        self._rate_scale, self.train_function = factor, None  # traced in where rates decay
        for optimizer, rate in zip((self.g_optimizer, self.d_optimizer), self._rates, strict=True):
            optimizer.learning_rate = rate * factor

    @property
    def metrics(self):
        return list(self._means.values())

    # ---- the networks -----------------------------------------------------------------

    @property
    def networks(self) -> dict[str, keras.Model]:
        """All networks by name, generators first."""
        return {**self.generators, **self.discriminators}

    @property
    def g_variables(self) -> list[keras.Variable]:
        """The trainable variables of all generators."""
        return [v for network in self.generators.values() for v in network.trainable_variables]

    @property
    def d_variables(self) -> list[keras.Variable]:
        """The trainable variables of all discriminators."""
        return [v for network in self.discriminators.values() for v in network.trainable_variables]

    def _seed_of(self, name: str) -> int:
        return zlib.crc32(f"{self.seed}/{name}".encode())

    # ---- the step ---------------------------------------------------------------------

    def train_step(self, data, stage: int = 0):
        """One generator update and `d_steps` discriminator updates before it, in a stage of the family's."""
        replica = tf.distribute.get_replica_context()
        num_replicas = replica.num_replicas_in_sync
        self._begin_step()
        batches = data if isinstance(data, tuple) and isinstance(data[0], dict) else (as_batch(data),)
        for i, batch in enumerate(batches):
            draws = Draws(self._seed_of(i), self.step.value, replica.replica_id_in_sync_group, num_replicas)
            batch = self.family.batch_at(all_in_range(batch), stage, self.images_seen.value)
            num = num_rows(batch)
            latents = self.family.latents(draws, num)
            with tf.GradientTape() as g_tape, draws.within("generate"):
                made = in_float32(self.family.make(self.networks, latents, batch, draws, training=True))
            if self.discriminators:
                self._update_discriminators(batch, made, draws, num_replicas)
            self._remember(batch, made, draws)
            self.images_seen.assign_add(tf.cast(num * num_replicas, tf.int64))
        # The last discriminator update and the generators' share one batch.
        trained = self._update_generators(g_tape, batch, made, draws, num_replicas)
        self._update_average(trained)
        average_statistics(norms_of(*self.networks.values()))
        self.step.assign_add(1)
        return {name: mean.result() for name, mean in self._means.items()}

    def _begin_step(self):
        if self.objective.decay_until:
            factor = self._rate_scale * self.objective.rate_factor(self.images_seen.value)
            for optimizer, rate in zip((self.g_optimizer, self.d_optimizer), self._rates, strict=True):
                optimizer.learning_rate = rate * factor
        if self.objective.spectral_norm:
            for spectral in self._spectral.values():
                spectral.advance()

    def _update_discriminators(self, batch, made, draws, num_replicas):
        """All contests in one update: their losses are summed, those of one's scales averaged."""
        contests = self.family.contests(batch, made, self._remembered(), draws)
        check_contests(contests, self.discriminators)
        names = [name_within(contest, contests) for contest in contests]
        shown = [self._all_shown(contest, draws, name) for contest, name in zip(contests, names, strict=True)]
        loss = self.objective.loss
        with tf.GradientTape() as tape:
            losses, penalties, shares = [], [tf.zeros([])], []
            for contest, name, (real, fake, wrong) in zip(contests, names, shown, strict=True):
                # Calls apart: the BatchNorm statistics of real and generated examples must not mix.
                on_real = self._judge(contest, real, draws, name("real")).logits
                on_fake = self._judge(contest, fake, draws, name("fake")).logits
                each = [loss.discriminator(*pair) for pair in zip(on_real, on_fake, strict=True)]
                if wrong is not None:
                    on_wrong = self._judge(contest, wrong, draws, name("wrong")).logits
                    each += [loss.discriminator(*pair) for pair in zip(on_real, on_wrong, strict=True)]
                losses.append(mean_of(each))
                shares += [loss.recognised(*pair, global_mean) for pair in zip(on_real, on_fake, strict=True)]
                penalties += self._penalties(contest, real, fake, draws, name)
            d_loss, penalty = sum_of(losses), tf.add_n(penalties)
            # Gradients are summed over replicas.
            share = self.d_optimizer.scale_loss((d_loss + penalty) / num_replicas)
        variables = self.d_variables
        d_real, d_fake = (mean_of(each) for each in zip(*shares, strict=True))
        readings = {"d_loss": d_loss, "d_real": d_real, "d_fake": d_fake}
        if self.objective.d_penalties:
            readings["d_penalty"] = penalty
        with missing_gradients_named():
            gradients = tape.gradient(share, variables)
        self._update("d", gradients, variables, readings)
        if self.objective.weight_clip:
            clip(variables, self.objective.weight_clip)

    def _update_generators(self, g_tape, batch, made, draws, num_replicas):
        """The loss's gradient by what was made, chained through the pass that made it."""
        leaves = [tensor for tensor in tf.nest.flatten(made) if tensor.dtype.is_floating]
        # Only the made tensors are watched, so no gradient of a discriminator's weights is worked out.
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(leaves)
            losses, verdicts = self._contest_losses(batch, made, draws)
            terms = self.objective.weighed(self.family.terms(batch, made, verdicts))
            g_loss = sum_of([*losses, *(weight * value for weight, value in terms.values())])
            share = self.g_optimizer.scale_loss(g_loss / num_replicas)
        variables = self.g_variables
        on_made = tape.gradient(share, leaves)
        chained = [(leaf, g) for leaf, g in zip(leaves, on_made, strict=True) if g is not None]
        targets, outputs = zip(*chained, strict=True)
        gradients = g_tape.gradient(list(targets), variables, output_gradients=list(outputs))
        readings = {"g_loss": g_loss, **{name: value for name, (_, value) in terms.items()}}
        if self.objective.g_penalties:
            readings["g_penalty"], further = self._generator_penalties(batch, draws, num_replicas)
            gradients = [add(*each) for each in zip(gradients, further, strict=True)]
        self._update("g", gradients, variables, readings)
        return [gradient is not None for gradient in gradients]

    def _update(self, player, gradients, variables, readings):
        optimizer = self.d_optimizer if player == "d" else self.g_optimizer
        readings, norm = update(optimizer, gradients, variables, readings)
        for name, value in readings.items():
            self._means[name].update_state(value)
        # A float16 step that overflows is skipped and says nothing of the gradient.
        counts = tf.math.is_finite(norm) if self.precision == precisions.FLOAT16 else 1.0
        self._means[f"{player}_gradient"].update_state(norm, counts)

    def _update_average(self, trained):
        # Early on the average follows faster, or it would be of the initial weights for long.
        step = tf.cast(self.step.value, tf.float32)
        decay = tf.minimum(self.objective.ema_decay, (1.0 + step) / (10.0 + step))
        for average, variable, has_moved in zip(self.ema_weights, self.g_variables, trained, strict=True):
            if has_moved:
                average.assign(average * decay + variable * (1.0 - decay))
