"""How a family is trained: its loss, optimizers and the rhythm of the two players."""

from dataclasses import dataclass, field

from ganzoo.base.arguments import choice
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import LazyModule, tf
from ganzoo.base.ranges import check, ranged
from ganzoo.kinds.picture import Picture
from ganzoo.losses.adversarial import LOSSES, Loss, NonSaturating
from ganzoo.losses.augment import Augment
from ganzoo.losses.penalties import PENALTIES

optimizers = LazyModule("ganzoo.step.optimizers")


# What is about discriminators alone.
OF_OPPONENTS = (
    *("loss", "penalties", "spectral_norm", "weight_clip", "instance_noise", "instance_noise_until"),
    *("augment", "d_learning_rate", "d_steps", "freeze_d"),
)


@dataclass(frozen=True)
class Objective:
    """What a training run minimises and with what; each family has its own defaults.

    Attributes:
        loss: the adversarial loss, see `ganzoo.losses.adversarial`.
        penalties: added to the discriminator's loss, see `ganzoo.losses.penalties`.
        spectral_norm: whether the discriminator's kernels are divided by their spectral norms.
        weight_clip: the discriminator's weights are cut to [-c, c] after each of its updates
            (Arjovsky et al. 2017, algorithm 1); 0 is off.
        instance_noise: spread of the normal noise on all that the discriminator sees, real and
            generated (Sonderby et al. 2017, arXiv 1610.04490); 0 is off.
        instance_noise_until: images seen at which it has faded to 0, linearly; 0 keeps it.
        augment: differentiable augmentation of what the discriminator sees.
        learning_rate: of the generator's Adam.
        d_learning_rate: of the discriminator's Adam; None is the same as the generator's.
        decay_from, decay_until: images seen between which both rates fall linearly to 0;
            `decay_until=0` keeps them.
        beta_1, beta_2, epsilon: of both Adams (Kingma and Ba 2015).
        d_steps: discriminator updates per generator update, each on fresh data.
        freeze_d: how many of each discriminator's first layers stay what they began as, with the
            normalisation behind them (FreezeD, Mo et al. 2020, arXiv 2002.10964); for runs that begin with
            trained weights.
        weights: of the family's own terms of the generators' loss by name; 0 is off.
        ema_decay: of the generator's running average per step; 0 samples the raw generator.
    """

    loss: Loss = choice(LOSSES, default=NonSaturating())
    penalties: tuple = choice(PENALTIES, default=())
    spectral_norm: bool = False
    weight_clip: float = ranged(0.0, least=0, off=True)
    instance_noise: float = ranged(0.0, least=0, off=True)
    instance_noise_until: int = ranged(0, least=0, off=True)
    augment: Augment = Augment()
    learning_rate: float = ranged(2e-4, above=0, most=1)
    d_learning_rate: float | None = ranged(None, above=0, most=1)
    decay_from: int = ranged(0, least=0)
    decay_until: int = ranged(0, least=0, off=True)
    beta_1: float = ranged(0.5, least=0, below=1)
    beta_2: float = ranged(0.999, least=0, below=1)
    epsilon: float = ranged(1e-8, above=0, most=1)
    d_steps: int = ranged(1, least=1, most=100)
    freeze_d: int = ranged(0, least=0, off=True)
    weights: dict[str, float] = field(default_factory=dict)
    ema_decay: float = ranged(0.999, least=0, below=1, off=True)

    def __post_init__(self):
        if not isinstance(self.loss, Loss):
            raise UsageError(
                f"the loss {type(self.loss).__name__} does not inherit ganzoo.losses.Loss, by which "
                "what it recognises is counted; write class Mine(Loss)"
            )
        if not isinstance(self.penalties, tuple):  # one alone
            object.__setattr__(self, "penalties", (self.penalties,))
        check(self)
        names = [type(penalty).__name__ for penalty in self.penalties]
        twice = [name for name in names if names.count(name) > 1]
        if twice:
            raise UsageError(
                f"penalties holds {twice[0]} twice; give it once, with the weight that it shall have"
            )
        for name, weight in self.weights.items():
            if not weight >= 0:
                raise UsageError(f"weights.{name} is {weight}, but must be at least 0 (off)")
        if 0 < self.decay_until <= self.decay_from:
            raise UsageError(
                f"decay_until is {self.decay_until} and decay_from {self.decay_from}, but the rates can only "
                "fall to 0 later than they begin to fall; give decay_until a larger number of images"
            )

    def check_fits(self, family) -> None:
        """Raises UsageError, with the reason, if `family` cannot be trained like this."""
        if not family.has_opponent:
            self._refuse_opponents(family)
        for penalty in self.d_penalties:
            if penalty.per_picture and family.norm == "batch":
                raise UsageError(
                    f"the penalty {type(penalty).__name__} limits the gradient of each picture's own logit, "
                    "but batch normalisation makes every logit depend on the whole batch; build the "
                    "discriminator with norm=layer, instance or none (--set model.norm=layer)"
                )
        if self.augment and not any(isinstance(kind, Picture) for kind in family.columns.values()):
            raise UsageError(
                f"augment changes pictures, but this model learns {family.output.word}s of shape "
                f"{family.output.shape}; "
                "leave augment out, or use instance_noise"
            )

    def _refuse_opponents(self, family) -> None:
        """Raises UsageError for what is said of discriminators to a family that has none."""
        for name in OF_OPPONENTS:
            own, given = getattr(family.objective, name), getattr(self, name)
            if given != own and not (name == "penalties" and not self.d_penalties):
                raise UsageError(
                    f"{name} is about a discriminator, and this model has none: it minimises "
                    f"{' and '.join(family.objective.weights) or 'its own terms'}; leave {name} out"
                )

    @property
    def d_penalties(self) -> tuple:
        """The penalties on discriminators."""
        return tuple(each for each in self.penalties if not each.of_generators)

    @property
    def g_penalties(self) -> tuple:
        """The penalties on generators."""
        return tuple(each for each in self.penalties if each.of_generators)

    # ---- the terms -----------------------------------------------------------------------

    def terms_asked(self, family) -> list[str]:
        """The names of the family's terms that count. Raises UsageError for one that it does not have."""
        known = family.objective.weights
        for name in self.weights:
            if not known:
                raise UsageError(
                    f"weights has {name!r}, but this model's loss has no terms; leave weights out"
                )
            if name not in known:
                raise unknown("weight", name, known)
        return [name for name, weight in self.weights.items() if weight]

    def weighed(self, terms: dict) -> dict:
        """Of the terms that count: name -> (weight, value). Raises UsageError for one that is not there."""
        for name, weight in self.weights.items():
            if weight and name not in terms:
                raise unknown("term", name, terms)
        return {name: (weight, terms[name]()) for name, weight in self.weights.items() if weight}

    # ---- what changes with time: functions of images seen -------------------------------

    def rate_factor(self, images_seen):
        """What both learning rates are multiplied by, float32 from 1 to 0."""
        if not self.decay_until:
            return tf.constant(1.0)
        left = tf.cast(self.decay_until - images_seen, tf.float32) / (self.decay_until - self.decay_from)
        return tf.clip_by_value(left, 0.0, 1.0)

    def noise_spread(self, images_seen):
        """The standard deviation of the instance noise, float32."""
        if not self.instance_noise_until:
            return tf.constant(self.instance_noise)
        left = 1.0 - tf.cast(images_seen, tf.float32) / self.instance_noise_until
        return self.instance_noise * tf.maximum(left, 0.0)

    # ---- the optimizers ------------------------------------------------------------------

    def g_optimizer(self):
        """A new Adam for the generator. Make it under the strategy's scope."""
        return self._adam(self.learning_rate, "g_adam")

    def d_optimizer(self):
        """A new Adam for the discriminator. Make it under the strategy's scope."""
        return self._adam(self.d_learning_rate or self.learning_rate, "d_adam")

    def _adam(self, learning_rate: float, name: str):
        return optimizers.Adam(learning_rate, self.beta_1, self.beta_2, self.epsilon, name=name)
