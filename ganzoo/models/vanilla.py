"""The first GAN: multilayer perceptrons for both players.

Goodfellow et al. 2014, "Generative adversarial networks", arXiv 1406.2661. Section 5: the
generator mixes rectified linear units and a squashing output, the discriminator uses
maxout and is trained with dropout. Sizes (1200 and 240 units of 5 pieces, two hidden
layers each) are those of the authors' MNIST experiment. Today's habit, LeakyReLU in both
players without dropout, is a matter of arguments.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from ganzoo import nn
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import keras
from ganzoo.base.ranges import ranged
from ganzoo.family import FAMILIES, LARGE
from ganzoo.kinds import Numbers, Picture
from ganzoo.two_player import TwoPlayer

ACTIVATIONS = ("relu", "leaky_relu", "maxout")


@FAMILIES.register("vanilla")
@dataclass(frozen=True)
class Vanilla(TwoPlayer):
    """Arguments of the vanilla GAN, for pictures and for vectors.

    Attributes:
        image_size: side of the square pictures, any.
        channels: 3 for colour, 1 for grey.
        data_shape: instead of both, the shape of one example, e.g. `(2,)` for points in a
            plane; vectors leave the generator as they are, pictures through a tanh.
        latent_dim: size of the standard normal latent.
        width: units of each hidden layer of the generator.
        depth: hidden layers of the generator.
        activation: of the generator: "relu", "leaky_relu" (0.2) or "maxout".
        d_width, d_depth, d_activation: the same of the discriminator.
        pieces: linear pieces of a maxout unit.
        dropout: share of the discriminator's hidden units dropped while it trains.
    """

    paper: ClassVar[str] = "Goodfellow et al. 2014, arXiv 1406.2661"

    image_size: int = ranged(28, least=1, most=LARGE)
    channels: int = ranged(1, least=1, most=LARGE)
    data_shape: tuple[int, ...] | None = None
    latent_dim: int = ranged(100, least=1, most=LARGE)
    width: int = ranged(1200, least=1, most=LARGE)
    depth: int = ranged(2, least=1, most=1000)
    activation: str = "relu"
    d_width: int = ranged(240, least=1, most=LARGE)
    d_depth: int = ranged(2, least=1, most=1000)
    d_activation: str = "maxout"
    pieces: int = ranged(5, least=1, most=1000)
    dropout: float = ranged(0.5, least=0, below=1)

    def __post_init__(self):
        super().__post_init__()
        if self.data_shape is not None and (len(self.data_shape) not in (1, 3) or min(self.data_shape) < 1):
            raise UsageError(
                f"data_shape is {self.data_shape}, but must be (size,) for vectors or "
                "(height, width, channels) for pictures, each at least 1"
            )
        for name in ("activation", "d_activation"):
            if getattr(self, name) not in ACTIVATIONS:
                raise unknown(name, getattr(self, name), ACTIVATIONS)

    @property
    def columns(self):
        shape = self.data_shape or (self.image_size, self.image_size, self.channels)
        return {"image": Picture(*shape) if len(shape) == 3 else Numbers(shape)}

    def generator(self, seed):
        dense = self._dense(seed)
        shape = self.output.shape
        x = latents = keras.Input((self.latent_dim,), name="latents")
        for i in range(self.depth):
            x = dense(x, self.width, self.activation, f"hidden_{i + 1}")
        x = dense(x, math.prod(shape), None, "to_values")
        squash = "tanh" if len(shape) == 3 else "linear"
        x = keras.layers.Activation(squash, dtype="float32", name="squash")(x)
        return keras.Model(latents, keras.layers.Reshape(shape, dtype="float32")(x), name="generator")

    def discriminator(self, seed):
        dense = self._dense(seed)
        images = keras.Input(self.output.shape, name="images")
        x = keras.layers.Flatten()(images)
        for i in range(self.d_depth):
            x = dense(x, self.d_width, self.d_activation, f"hidden_{i + 1}")
            x = nn.Dropout(self.dropout, name=f"dropout_{i + 1}")(x) if self.dropout else x
        x = dense(x, 1, None, "to_logit")
        logits = keras.layers.Activation("linear", dtype="float32", name="logits")(x)
        return keras.Model(images, logits, name="discriminator")

    def _dense(self, seed: int):
        """Adds a fully connected layer with its activation to a network being built."""
        stream = keras.random.SeedGenerator(seed)  # one stream: no two layers start alike
        # In a plane, rectifiers without a bias bend along lines through the origin alone; spread evenly over
        # it, they let D tell neighbouring modes apart from the start.
        vectors = len(self.output.shape) == 1

        def dense(x, units: int, activation: str | None, name: str):
            # He et al. 2015: the variance is kept through rectifiers of any number of layers.
            kernel = keras.initializers.HeNormal(stream)
            pieces = self.pieces if activation == "maxout" else 1
            num, bias = units * pieces, "zeros"
            if vectors and activation:
                bias = keras.initializers.Constant([(2 * i + 1) / num - 1 for i in range(num)])
            x = keras.layers.Dense(num, kernel_initializer=kernel, bias_initializer=bias, name=name)(x)
            if activation == "maxout":
                return nn.Maxout(pieces)(x)
            if activation is None:
                return x
            return keras.layers.ReLU()(x) if activation == "relu" else keras.layers.LeakyReLU(0.2)(x)

        return dense
