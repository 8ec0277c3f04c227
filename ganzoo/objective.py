"""How a family is trained: its loss, optimizers and the rhythm of the two players."""

from dataclasses import dataclass

from ganzoo.arguments import choice
from ganzoo.augment import Augment
from ganzoo.errors import UsageError
from ganzoo.lazy import keras
from ganzoo.losses import LOSSES, Loss, NonSaturating


@dataclass(frozen=True)
class Objective:
    """What a training run minimises and with what; each family has its own defaults.

    Attributes:
        loss: the adversarial loss, see `ganzoo.losses`.
        augment: differentiable augmentation of what the discriminator sees.
        learning_rate: of the generator's Adam.
        d_learning_rate: of the discriminator's Adam; None is the same as the generator's.
        beta_1, beta_2, epsilon: of both Adams (Kingma and Ba 2015).
        d_steps: discriminator updates per generator update, each on fresh data.
        ema_decay: of the generator's running average per step; 0 samples the raw generator.
    """

    loss: Loss = choice(LOSSES, default=NonSaturating())
    augment: Augment = Augment()
    learning_rate: float = 2e-4
    d_learning_rate: float | None = None
    beta_1: float = 0.5
    beta_2: float = 0.999
    epsilon: float = 1e-8
    d_steps: int = 1
    ema_decay: float = 0.999

    def __post_init__(self):
        for name in ("learning_rate", "d_learning_rate", "epsilon"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                raise UsageError(f"{name} is {value}, but must be above 0")
        for name in ("beta_1", "beta_2", "ema_decay"):
            if not 0.0 <= getattr(self, name) < 1.0:
                raise UsageError(f"{name} is {getattr(self, name)}, but must be at least 0 and below 1")
        if self.d_steps < 1:
            raise UsageError(
                f"d_steps is {self.d_steps}, but the discriminator needs at least 1 update a step"
            )

    def g_optimizer(self):
        """A new Adam for the generator. Make it under the strategy's scope."""
        return self._adam(self.learning_rate, "g_adam")

    def d_optimizer(self):
        """A new Adam for the discriminator. Make it under the strategy's scope."""
        return self._adam(self.d_learning_rate or self.learning_rate, "d_adam")

    def _adam(self, learning_rate: float, name: str):
        return keras.optimizers.Adam(learning_rate, self.beta_1, self.beta_2, self.epsilon, name=name)
