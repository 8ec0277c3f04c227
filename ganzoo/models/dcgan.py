"""DCGAN: convolutions without pooling, batch normalisation, ReLU in G and LeakyReLU in D.

Radford, Metz and Chintala 2015, "Unsupervised representation learning with deep
convolutional generative adversarial networks", arXiv 1511.06434. Where the paper leaves
a choice (bias, epsilon, momentum, the discriminator's last layer) this follows the
widespread PyTorch form of it, which the painting flagship was trained with.
"""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo import nn
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import keras
from ganzoo.base.ranges import ranged
from ganzoo.family import FAMILIES, LARGE
from ganzoo.kinds import Picture
from ganzoo.losses.adversarial import NonSaturating
from ganzoo.objective import Objective
from ganzoo.two_player import TwoPlayer

NORMS = ("batch", "layer", "instance", "none")


@FAMILIES.register("dcgan")
@dataclass(frozen=True)
class DCGAN(TwoPlayer):
    """Arguments of the DCGAN.

    Attributes:
        image_size: side of the square pictures, a power of two from 16 to 256.
        channels: 3 for colour, 1 for grey.
        latent_dim: size of the standard normal latent.
        width: channels of the layer at the finest resolution; each coarser one has twice as many.
        norm: of the discriminator: "batch" (the paper's), "layer", "instance" or "none"; a gradient
            penalty needs one of the others. The generator keeps its BatchNorm.
    """

    paper: ClassVar[str] = "Radford et al. 2015, arXiv 1511.06434"
    objective: ClassVar[Objective] = Objective(loss=NonSaturating(real_label=0.9))

    image_size: int = 64
    channels: int = ranged(3, least=1, most=LARGE)
    latent_dim: int = ranged(100, least=1, most=LARGE)
    width: int = ranged(64, least=1, most=LARGE)
    norm: str = "batch"

    def __post_init__(self):
        if self.image_size not in (16, 32, 64, 128, 256):
            raise UsageError(
                f"image_size is {self.image_size}, but the dcgan makes squares of "
                "16, 32, 64, 128 or 256 pixels; choose one of them"
            )
        super().__post_init__()
        if self.norm not in NORMS:
            raise unknown("norm", self.norm, NORMS)

    @property
    def columns(self):
        return {"image": Picture(self.image_size, self.image_size, self.channels)}

    @property
    def filters(self) -> list[int]:
        """Channels from the finest hidden resolution to 4x4, e.g. [64, 128, 256, 512] at 64x64."""
        return [self.width * 2**i for i in range(self.image_size.bit_length() - 3)]

    def generator(self, seed):
        linear, norm = parts(seed)
        latents = keras.Input((self.latent_dim,), name="latents")
        return keras.Model(latents, self.to_images(latents, linear, lambda x: norm()(x)), name="generator")

    def to_images(self, x, linear, normalised):
        """From vectors (batch, size) to pictures, by transposed convolutions."""
        for i, filters in enumerate(reversed(self.filters)):
            if i == 0:  # a transposed 4x4 convolution of a 1x1 picture is a dense layer, and slower
                x = keras.layers.Reshape((4, 4, filters))(linear(keras.layers.Dense, 16 * filters)(x))
            else:
                x = linear(keras.layers.Conv2DTranspose, filters, 4, strides=2, padding="same")(x)
            x = keras.layers.ReLU()(normalised(x))
        to_pixels = linear(nn.SubPixelConv2DTranspose, self.channels, name="to_pixels")
        return keras.layers.Activation("tanh", dtype="float32", name="images")(to_pixels(x))

    def discriminator(self, seed):
        linear, norm = parts(seed, self.norm)
        images = keras.Input(self.output.shape, name="images")
        features = self.to_features(images, linear, norm)
        return keras.Model(images, self.to_logits(features, linear), name="discriminator")

    def to_features(self, x, linear, norm):
        """From pictures to features (batch, 4, 4, channels), by strided convolutions."""
        for i, filters in enumerate(self.filters):
            x = linear(keras.layers.Conv2D, filters, 4, strides=2, padding="same")(x)
            x = keras.layers.LeakyReLU(0.2)(norm()(x) if i else x)
        return x

    def to_logits(self, features, linear):
        """From features to logits (batch, 1): a 4x4 convolution that fits once is a dense layer."""
        logits = linear(keras.layers.Dense, 1, name="to_logit")(keras.layers.Flatten()(features))
        return keras.layers.Activation("linear", dtype="float32", name="logits")(logits)


def parts(seed: int, kind: str = "batch"):
    """The two kinds of layer a DCGAN is made of: linear ones from N(0, 0.02) and normalisation.

    PyTorch's BatchNorm settings, not Keras's: epsilon 1e-5, momentum 0.9, scale from N(1, 0.02).
    """
    generator = keras.random.SeedGenerator(seed)  # one stream: no two layers start alike

    def linear(layer, *sizes: int, **arguments):
        kernel = keras.initializers.RandomNormal(0.0, 0.02, seed=generator)
        # Without a normalisation there is nothing else to shift by.
        return layer(*sizes, use_bias=kind == "none", kernel_initializer=kernel, **arguments)

    def norm(**arguments):
        if kind == "none":
            return keras.layers.Identity()
        if kind == "instance":  # one group a channel: its moments over the picture's pixels
            return keras.layers.GroupNormalization(groups=-1, epsilon=1e-5)
        if kind == "layer":  # one group: moments over all of a picture's pixels and channels
            return keras.layers.GroupNormalization(groups=1, epsilon=1e-5)
        if arguments.get("scale", True):
            arguments["gamma_initializer"] = keras.initializers.RandomNormal(1.0, 0.02, seed=generator)
        return nn.BatchNormalization(epsilon=1e-5, momentum=0.9, **arguments)

    return linear, norm
