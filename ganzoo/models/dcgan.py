"""DCGAN: convolutions without pooling, batch normalisation, ReLU in G and LeakyReLU in D.

Radford, Metz and Chintala 2015, "Unsupervised representation learning with deep
convolutional generative adversarial networks", arXiv 1511.06434. Where the paper leaves
a choice (bias, epsilon, momentum, the discriminator's last layer) this follows the
widespread PyTorch form of it, which the painting flagship was trained with.
"""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.errors import UsageError
from ganzoo.family import FAMILIES, Family
from ganzoo.lazy import keras, layers
from ganzoo.losses import NonSaturating
from ganzoo.objective import Objective


@FAMILIES.register("dcgan")
@dataclass(frozen=True)
class DCGAN(Family):
    """Arguments of the DCGAN.

    Attributes:
        image_size: side of the square pictures, a power of two from 16 to 256.
        channels: 3 for colour, 1 for grey.
        latent_dim: size of the standard normal latent.
        width: channels of the layer at the finest resolution; each coarser one has twice as many.
    """

    objective: ClassVar[Objective] = Objective(loss=NonSaturating(real_label=0.9))

    image_size: int = 64
    channels: int = 3
    latent_dim: int = 100
    width: int = 64

    def __post_init__(self):
        if self.image_size not in (16, 32, 64, 128, 256):
            raise UsageError(
                f"image_size is {self.image_size}, but the dcgan makes squares of "
                "16, 32, 64, 128 or 256 pixels; choose one of them"
            )
        for name in ("channels", "latent_dim", "width"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}, but must be at least 1")

    @property
    def batch_spec(self):
        return {"image": (self.image_size, self.image_size, self.channels)}

    @property
    def filters(self) -> list[int]:
        """Channels from the finest hidden resolution to 4x4, e.g. [64, 128, 256, 512] at 64x64."""
        return [self.width * 2**i for i in range(self.image_size.bit_length() - 3)]

    def generator(self, seed):
        conv, norm = parts(seed)
        latents = keras.Input((self.latent_dim,), name="latents")
        x = keras.layers.Reshape((1, 1, self.latent_dim))(latents)
        for i, filters in enumerate(reversed(self.filters)):
            # 1x1 -> 4x4 by a "valid" convolution, then each one doubles the side.
            step = {"strides": 2, "padding": "same"} if i else {"padding": "valid"}
            x = conv(keras.layers.Conv2DTranspose, filters, **step)(x)
            x = keras.layers.ReLU()(norm()(x))
        x = conv(keras.layers.Conv2DTranspose, self.channels, strides=2, padding="same", name="to_pixels")(x)
        images = keras.layers.Activation("tanh", dtype="float32", name="images")(x)
        return keras.Model(latents, images, name="generator")

    def discriminator(self, seed):
        conv, norm = parts(seed)
        images = keras.Input(self.batch_spec["image"], name="images")
        x = images
        for i, filters in enumerate(self.filters):
            x = conv(keras.layers.Conv2D, filters, strides=2, padding="same")(x)
            x = keras.layers.LeakyReLU(0.2)(norm()(x) if i else x)
        x = conv(keras.layers.Conv2D, 1, padding="valid", name="to_logit")(x)
        logits = keras.layers.Reshape((1,), dtype="float32", name="logits")(x)
        return keras.Model(images, logits, name="discriminator")


def parts(seed: int):
    """The two kinds of layer a DCGAN is made of: a 4x4 convolution N(0, 0.02) and its BatchNorm.

    PyTorch's BatchNorm settings, not Keras's: epsilon 1e-5, momentum 0.9, scale from N(1, 0.02).
    """
    generator = keras.random.SeedGenerator(seed)  # one stream: no two layers start alike

    def conv(layer, filters: int, **arguments):
        kernel = keras.initializers.RandomNormal(0.0, 0.02, seed=generator)
        return layer(filters, 4, use_bias=False, kernel_initializer=kernel, **arguments)

    def norm():
        gamma = keras.initializers.RandomNormal(1.0, 0.02, seed=generator)
        return layers.BatchNormalization(epsilon=1e-5, momentum=0.9, gamma_initializer=gamma)

    return conv, norm
