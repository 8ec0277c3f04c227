"""A loss and a penalty of your own, used by any family, by name or as objects.

    python examples/your_own_loss.py [--steps 500]

The loss is the logistic one with a temperature; the penalty holds D's logits near 0
(Karras et al. 2018 call it drift). Both are trained on the ring of Gaussians.
"""

import argparse
from dataclasses import dataclass
from typing import ClassVar

import tensorflow as tf

import ganzoo
from ganzoo.data import toys
from ganzoo.losses import LOSSES, PENALTIES, Loss, Penalty


@LOSSES.register("tempered")
@dataclass(frozen=True)
class Tempered(Loss):
    """D: E[softplus(-l(x) / t)] + E[softplus(l(G(z)) / t)]      G: E[softplus(-l(G(z)) / t)]"""

    temperature: float = 2.0

    def discriminator(self, real, fake):
        t = self.temperature
        return tf.reduce_mean(tf.nn.softplus(-real / t)) + tf.reduce_mean(tf.nn.softplus(fake / t))

    def generator(self, fake, real=None):
        return tf.reduce_mean(tf.nn.softplus(-fake / self.temperature))


@PENALTIES.register("drift")
@dataclass(frozen=True)
class Drift(Penalty):
    """E[l(x)^2] on real pictures."""

    per_picture: ClassVar[bool] = False  # takes no gradient by the pictures, so BatchNorm is no obstacle
    weight: float = 1e-3

    def term(self, discriminate, real, fake, draws):
        return tf.reduce_mean(discriminate(real) ** 2)


def main(steps: int) -> None:
    """Trains the vanilla GAN on the ring and counts the modes it covers."""
    ring = toys.ring(sigma=0.05)
    gan = ganzoo.build(
        "vanilla", data_shape=(2,), latent_dim=2, width=64, d_width=64, dropout=0.0, learning_rate=1e-3,
        loss={"name": "tempered", "temperature": 1.5},
        penalties=["drift", {"name": "r1", "weight": 0.01}],
    )  # fmt: skip
    gan.fit(toys.stream(ring, 128), steps_per_epoch=steps, verbose=2)
    print(ring.modes(gan.sample(2_500)))


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--steps", type=int, default=500)
    main(**vars(flags.parse_args()))
