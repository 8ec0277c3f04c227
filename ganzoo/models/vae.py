"""The variational autoencoder: an encoder and a decoder, no opponent, and a bound of the likelihood.

Kingma and Welling 2014, "Auto-encoding variational Bayes", arXiv 1312.6114. The decoder is the
generator: it makes a picture of a standard normal latent, and everything that a generator is used for
(samples, walks, exports, comparisons) works unchanged. Beside it an encoder guesses which latents a
picture may have come from, q(z|x) = N(mean, variance), and both maximise the bound (equation 3)

    log p(x) >= E_q[log p(x|z)] - KL(q(z|x) || p(z)) = -distortion - kl

in nats a picture, sums over pixels and over latents. The paper uses Adagrad; Adam is used here.
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from ganzoo import nn
from ganzoo.base.arguments import choice
from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import keras, tf
from ganzoo.base.ranges import ranged
from ganzoo.density import Density, kl_to_standard
from ganzoo.family import FAMILIES, LARGE
from ganzoo.kinds import Picture
from ganzoo.losses.likelihoods import LIKELIHOODS, Bernoulli, Likelihood
from ganzoo.models.dcgan import DCGAN, parts
from ganzoo.objective import Objective

SOME = 256  # pictures of the data that a likelihood is checked by


@FAMILIES.register("vae")
@dataclass(frozen=True)
class VAE(Density):
    """Arguments of the variational autoencoder; its beta is `weights.kl`.

    Attributes:
        image_size: side of the square pictures: any with hidden layers, else a power of two from 16 to 256.
        channels: 3 for colour, 1 for grey.
        latent_dim: size of the standard normal latent.
        hidden: units of the encoder's hidden layers of tanh units, e.g. `[200, 200]`; the decoder has the
            same in reverse. With none, `[]`, the decoder is the dcgan's generator and the encoder strided
            convolutions as of its discriminator, with layer normalisation.
        width: without hidden layers, channels at the finest resolution, as the dcgan's.
        likelihood: of a picture given the decoder's: "bernoulli" (binarised digits), "gaussian" or
            "logistic" (pictures), see `ganzoo.losses.likelihoods`.
    """

    paper: ClassVar[str] = "Kingma and Welling 2014, arXiv 1312.6114"
    objective: ClassVar[Objective] = Objective(
        learning_rate=1e-3, beta_1=0.9, weights={"distortion": 1.0, "kl": 1.0}
    )

    image_size: int = ranged(28, least=1, most=LARGE)
    channels: int = ranged(1, least=1, most=LARGE)
    latent_dim: int = ranged(20, least=1, most=LARGE)
    hidden: tuple[int, ...] = ranged((500,), least=1, most=LARGE)
    width: int = ranged(64, least=1, most=LARGE)
    likelihood: Likelihood = choice(LIKELIHOODS, default=Bernoulli())

    def __post_init__(self):
        super().__post_init__()
        if not self.hidden:
            self._convolutions  # noqa: B018  whose sizes have to fit
        if not isinstance(self.likelihood, Likelihood):
            raise UsageError(
                f"the likelihood {self.likelihood!r} does not inherit ganzoo.losses.Likelihood; take one of "
                f"{', '.join(sorted(LIKELIHOODS))}"
            )

    @property
    def columns(self):
        return {"image": Picture(self.image_size, self.image_size, self.channels)}

    # ---- the networks ----------------------------------------------------------------------

    @property
    def _convolutions(self) -> DCGAN:
        shared = ("image_size", "channels", "latent_dim", "width")
        return DCGAN(**{name: getattr(self, name) for name in shared})

    def generators(self, seeds):
        networks = {
            "generator": self.generator(seeds("generator")),
            "encoder": self.encoder(seeds("encoder")),
        }
        if self.likelihood.start is not None:
            networks["spread"] = self.spread()
        return networks

    def generator(self, seed: int):
        """A new decoder: a `keras.Model` from latents to pictures."""
        if not self.hidden:
            return self._convolutions.generator(seed)
        x = latents = keras.Input((self.latent_dim,), name="latents")
        x = perceptron(x, reversed(self.hidden), stream := keras.random.SeedGenerator(seed))
        x = dense(math.prod(self.output.shape), stream, name="to_pixels")(x)
        x = keras.layers.Activation("tanh", dtype="float32", name="squash")(x)
        images = keras.layers.Reshape(self.output.shape, dtype="float32", name="images")(x)
        return keras.Model(latents, images, name="generator")

    def encoder(self, seed: int):
        """A new encoder: a `keras.Model` from pictures to the mean and log variance of their latents."""
        images = keras.Input(self.output.shape, name="images")
        if self.hidden:
            stream = keras.random.SeedGenerator(seed)
            x = perceptron(keras.layers.Flatten()(images), self.hidden, stream)
            heads = [dense(self.latent_dim, stream, name=f"to_{name}") for name in HEADS]
        else:
            linear, norm = parts(seed, "layer")  # a picture's latents depend on no other in its batch
            x = keras.layers.Flatten()(self._convolutions.to_features(images, linear, norm))
            heads = [linear(keras.layers.Dense, self.latent_dim, name=f"to_{name}") for name in HEADS]
        outputs = [
            keras.layers.Activation("linear", dtype="float32", name=name)(head(x))
            for name, head in zip(HEADS, heads, strict=True)
        ]
        return keras.Model(images, outputs, name="encoder")

    def spread(self):
        """A new network from pictures to the logarithm of the spread around them, one number for all."""
        pictures = keras.Input(self.output.shape, name="images")
        number = nn.LearnedNumber(math.log(self.likelihood.start), dtype="float32", name="log_spread")
        return keras.Model(pictures, number(pictures), name="spread")

    # ---- a step ----------------------------------------------------------------------------

    def make(self, networks, latents, batch, draws, training):
        """Codes drawn from q(z|x), mean + deviation * latents (section 2.4), and what is decoded of them."""
        observed = self.observed(batch["image"], draws)
        mean, log_variance = self.encode(networks, observed, training)
        codes = mean + tf.exp(0.5 * log_variance) * latents
        decoded = networks["generator"](codes, training=training)
        distortion = -self.likelihood.log_probability(
            tf.cast(decoded, tf.float32), self._log_spread(networks, decoded), observed
        )
        return {"distortion": distortion, "mean": mean, "log_variance": log_variance}

    def terms(self, batch, made, verdicts):
        return {
            "distortion": lambda: tf.reduce_mean(made["distortion"]),
            "kl": lambda: tf.reduce_mean(kl_to_standard(made["mean"], made["log_variance"])),
        }

    def warm(self, networks, latents, given, draws):
        networks["generator"](latents, training=True)

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](latents, training=False)

    def to_export(self, generator, stage: int, images_seen: int):
        """A generator to give away: the decoder as it is."""
        return generator

    # ---- the density -----------------------------------------------------------------------

    def observed(self, images, draws):
        return self.likelihood.observed(images, draws)

    def encode(self, networks, observed, training):
        mean, log_variance = networks["encoder"](observed, training=training)
        return tf.cast(mean, tf.float32), tf.cast(log_variance, tf.float32)

    def log_likelihood(self, networks, latents, observed):
        decoded = networks["generator"](latents, training=False)
        return self.likelihood.log_probability(decoded, self._log_spread(networks, decoded), observed)

    def bits_per_dimension(self, nats):
        return self.likelihood.bits_per_dimension(nats, math.prod(self.output.shape))

    def _log_spread(self, networks, images):
        return networks["spread"](images) if "spread" in networks else None

    # ---- the data --------------------------------------------------------------------------

    def fit_to_data(self, store):
        self.likelihood.check_data(store.images[:: max(1, len(store) // SOME)][:SOME])
        return super().fit_to_data(store)


HEADS = ("mean", "log_variance")


def dense(units: int, stream, **arguments):
    """A fully connected layer that keeps the variance of tanh units (Glorot and Bengio 2010)."""
    return keras.layers.Dense(units, kernel_initializer=keras.initializers.GlorotUniform(stream), **arguments)


def perceptron(x, units, stream):
    """Hidden layers of tanh units (appendix C)."""
    for i, each in enumerate(units):
        x = keras.layers.Activation("tanh")(dense(each, stream, name=f"hidden_{i + 1}")(x))
    return x
