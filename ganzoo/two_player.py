"""Families of one generator and one discriminator, as most are: what they have to say, and no more."""

from dataclasses import dataclass

from ganzoo.family import Family
from ganzoo.step.contests import Contest, Judged


@dataclass(frozen=True)
class TwoPlayer(Family):
    """A family of a generator from latents to pictures and a discriminator of pictures.

    Override `columns`, `generator`, `discriminator` and what differs below.
    """

    def generator(self, seed: int):
        """A new generator network, a `keras.Model`, initialised from `seed`."""
        raise TypeError(f"{type(self).__name__} must define generator(seed)")

    def discriminator(self, seed: int):
        """A new discriminator network, a `keras.Model` that ends in logits (batch, 1)."""
        raise TypeError(f"{type(self).__name__} must define discriminator(seed)")

    def generate(self, generator, latents, batch: dict, training: bool):
        """Calls the generator; a conditional family reads the conditions from `batch`."""
        return generator(latents, training=training)

    def discriminate(self, discriminator, images, batch: dict, training: bool):
        """Calls the discriminator on `images`, real or generated; returns logits (batch, 1)."""
        return discriminator(images, training=training)

    def pictures(self, generator, latents, batch: dict, stage: int, images_seen):
        """Pictures to look at, of the kind `output`, in whatever stage."""
        return self.generate(generator, latents, batch, training=False)

    def to_export(self, generator, stage: int, images_seen: int):
        """A generator to give away: a `keras.Model` from latents (and conditions) to pictures."""
        return generator

    # ---- what the step asks --------------------------------------------------------------

    def generators(self, seeds):
        return {"generator": self.generator(seeds("generator"))}

    def discriminators(self, seeds):
        return {"discriminator": self.discriminator(seeds("discriminator"))}

    def make(self, networks, latents, batch, draws, training):
        return {"image": self.generate(networks["generator"], latents, batch, training)}

    def contests(self, batch, made, buffers, draws):
        return [Contest("discriminator", batch, {**batch, "image": made["image"]})]

    def judge(self, networks, discriminator, example, training):
        logits = self.discriminate(networks[discriminator], example["image"], example, training)
        return Judged((logits,))

    def show(self, networks, latents, given, stage, images_seen):
        return self.pictures(networks["generator"], latents, given, stage, images_seen)
