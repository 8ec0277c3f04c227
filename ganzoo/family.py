"""What an architecture has to say. A family is a frozen dataclass whose fields are its arguments.

The base class of training (`ganzoo.gan.GAN`) decides *when* things happen; a family says
*what* the two networks are, how they are called and what they are fed. Its fields double
as the keys of a recipe's `[model]` table and as the keywords of `ganzoo.build`.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.errors import UsageError
from ganzoo.growth import Schedule
from ganzoo.lazy import tf
from ganzoo.objective import Objective
from ganzoo.random import Draws
from ganzoo.registry import Registry

FAMILIES: "Registry[type[Family]]" = Registry("model")


@dataclass(frozen=True)
class Family:
    """The interface of a family. Override `generator`, `discriminator` and what differs below."""

    objective: ClassVar[Objective] = Objective()  # the family's own way of being trained
    norm: ClassVar[str] = "none"  # how the discriminator is normalised; "batch" rules out gradient penalties
    from_data: ClassVar[tuple[str, ...]] = ()  # arguments that `fitted_to` fills in where they are None

    # Of a conditional family, whose fields they are: how many classes, what they are called, and how many
    # pictures of each there are, in whose proportions classes are drawn (None: all alike).
    num_classes: ClassVar[int | None] = None
    class_names: ClassVar[tuple[str, ...] | None] = None
    class_counts: ClassVar[tuple[int, ...] | None] = None

    latent_dim: int = 100

    @property
    def batch_spec(self) -> dict[str, tuple[int, ...]]:
        """The keys and per-example shapes of the batches it trains on, e.g. {"image": (64, 64, 3)}."""
        raise TypeError(f"{type(self).__name__} must say what a batch holds: define batch_spec")

    @property
    def makes_pictures(self) -> bool:
        """Whether its examples are pictures that can be shown: grey or in colour."""
        shape = self.batch_spec["image"]
        return len(shape) == 3 and shape[-1] in (1, 3)

    def generator(self, seed: int):
        """A new generator network, a `keras.Model`, initialised from `seed`."""
        raise TypeError(f"{type(self).__name__} must define generator(seed)")

    def discriminator(self, seed: int):
        """A new discriminator network, a `keras.Model` that ends in logits (batch, 1)."""
        raise TypeError(f"{type(self).__name__} must define discriminator(seed)")

    def latents(self, draws: Draws, num: int):
        """Latents for `num` pictures, (num, latent_dim); standard normal unless a family differs."""
        return draws.normal("latents", [num, self.latent_dim])

    def check_truncation(self, truncation: float) -> None:
        """Raises UsageError if latents cannot be truncated so; who overrides `latents` overrides it, too."""
        if not 0.0 < truncation < math.inf:
            raise UsageError(
                f"truncation is {truncation}, but values are kept up to a number above 0, e.g. 1"
            )

    def truncated(self, latents, draws: Draws, truncation: float):
        """Latents whose values beyond +-truncation are drawn anew (Brock et al. 2018, section 3.1).

        Drawing again until a value is within is drawing once from the normal distribution cut off there.
        """
        self.check_truncation(truncation)
        low = 0.5 * math.erfc(truncation / math.sqrt(2.0))  # the share of values below
        shares = draws.uniform("truncated latents", latents.shape, low, 1.0 - low)
        fresh = tf.clip_by_value(tf.math.ndtri(shares), -truncation, truncation)
        return tf.where(tf.abs(latents) > truncation, fresh, latents)

    def generate(self, generator, latents, batch: dict, training: bool):
        """Calls the generator; a conditional family reads the conditions from `batch`."""
        return generator(latents, training=training)

    def discriminate(self, discriminator, images, batch: dict, training: bool):
        """Calls the discriminator on `images`, real or generated; returns logits (batch, 1)."""
        return discriminator(images, training=training)

    def conditions(self, draws: Draws, num: int) -> dict:
        """A batch of everything but pictures, drawn at random: what unconditional sampling needs."""
        return {}

    def label_numbers(self, labels, num: int):
        """Class numbers, int32 `(num,)`, from names or numbers; a conditional family overrides it."""
        raise UsageError(f"the model {FAMILIES.name_of(self)} has no classes; leave labels out")

    # ---- what changes while it trains ---------------------------------------------------

    schedule: ClassVar[Schedule] = Schedule()  # its stages, a function of images seen

    def batch_at(self, batch: dict, stage: int, images_seen) -> dict:
        """A batch as both players are given it in a stage, after `images_seen` images (a tensor)."""
        return batch

    def entered(self, gan, stage: int) -> None:
        """Called once, between two steps, when `gan` begins a stage other than the first."""

    def pictures(self, generator, latents, batch: dict, stage: int, images_seen):
        """Pictures to look at, in the shape and range of `batch_spec`, in whatever stage."""
        return self.generate(generator, latents, batch, training=False)

    def finished(self, generator, stage: int, images_seen: int):
        """A generator to give away: a `keras.Model` from latents (and conditions) to pictures."""
        return generator

    # ---- the data -----------------------------------------------------------------------

    def fitted_to(self, store) -> "Family":
        """The family with the arguments `from_data` taken from a `ganzoo.data.Store`.

        Raises DataError if it cannot be trained on such data.
        """
        return self

    def checked(self, batch: dict) -> dict:
        """A batch as the data gives it, with its conditions checked; part of the input pipeline."""
        return batch
