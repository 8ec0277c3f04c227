"""A family of your own in one file: registered, trained, sampled.

    python examples/your_own_gan.py [--steps 500] [--out crosses.png]

A convolutional pair for grey 8x8 pictures, trained on crosses. In a package of your own,
importing this file is enough for `ganzoo.build("mine")` to know it.
"""

import argparse
from dataclasses import dataclass

import numpy as np
import tensorflow as tf

import ganzoo
from ganzoo.base.lazy import keras
from ganzoo.family import FAMILIES
from ganzoo.kinds import Picture
from ganzoo.training.run_pictures import grid
from ganzoo.two_player import TwoPlayer


@FAMILIES.register("mine")
@dataclass(frozen=True)
class Mine(TwoPlayer):
    """Fields are the arguments: of `build`, of a recipe's [model], of --set model.width=...

    Attributes:
        latent_dim: size of the standard normal latent.
        width: channels of both hidden layers.
    """

    latent_dim: int = 16
    width: int = 32

    @property
    def columns(self):
        return {"image": Picture(8, 8, 1)}

    def generator(self, seed):
        stream = keras.random.SeedGenerator(seed)  # weights are a function of the seed
        start = keras.initializers.HeNormal(stream)
        x = latents = keras.Input((self.latent_dim,))
        x = keras.layers.Dense(16 * self.width, "relu", kernel_initializer=start)(x)
        x = keras.layers.Reshape((4, 4, self.width))(x)
        images = keras.layers.Conv2DTranspose(1, 4, 2, "same", activation="tanh", kernel_initializer=start)(x)
        return keras.Model(latents, images)

    def discriminator(self, seed):
        start = keras.initializers.HeNormal(keras.random.SeedGenerator(seed))
        x = images = keras.Input((8, 8, 1))
        x = keras.layers.Conv2D(self.width, 4, 2, "same", kernel_initializer=start)(x)
        x = keras.layers.Flatten()(keras.layers.LeakyReLU(0.2)(x))
        return keras.Model(images, keras.layers.Dense(1, kernel_initializer=start)(x))


def crosses(num: int, seed: int = 0) -> np.ndarray:
    """White crosses on black, uint8 (num, 8, 8, 1)."""
    images = np.zeros((num, 8, 8, 1), np.uint8)
    for image, (y, x) in zip(images, np.random.default_rng(seed).integers(1, 7, (num, 2)), strict=True):
        image[y], image[:, x] = 255, 255
    return images


def main(steps: int, out: str) -> None:
    """Trains on crosses and writes a sheet of samples."""
    gan = ganzoo.build("mine", width=32, loss="relativistic", penalties=["r1"], learning_rate=1e-3)
    data = tf.data.Dataset.from_tensor_slices(crosses(2_048)).repeat().batch(64, drop_remainder=True)
    gan.fit(data, steps_per_epoch=steps, verbose=2)
    grid(gan.sample(64, seed=1), scale=4).save(out)
    print(f"samples are in {out}")


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--steps", type=int, default=500)
    flags.add_argument("--out", default="crosses.png")
    main(**vars(flags.parse_args()))
