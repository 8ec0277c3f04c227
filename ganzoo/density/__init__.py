"""Families with an explicit density, or a bound of it: an encoder q(z|x) beside a decoder p(x|z).

What a generative adversarial network does not have. A family that inherits `Density` gets `gan.encode`,
`gan.reconstruct`, `gan.bound`, an inversion of one pass, columns of the log and rows of the evaluation.
"""

import math
from dataclasses import dataclass

from ganzoo.base.lazy import tf
from ganzoo.family import Family


@dataclass(frozen=True)
class Density(Family):
    """The interface: override `observed`, `encode`, `log_likelihood` and `bits_per_dimension`.

    The decoder is the generator: it makes pictures of latents, which are standard normal a priori.
    """

    def observed(self, images, draws):
        """What the density is of, made from pictures (batch, height, width, channels) in [-1, 1]."""
        return images

    def encode(self, networks: dict, observed, training: bool):
        """Mean and log variance of q(z|x), a normal distribution: two tensors (batch, latent_dim)."""
        raise TypeError(f"{type(self).__name__} must define encode(networks, observed, training)")

    def log_likelihood(self, networks: dict, latents, observed):
        """log p(x|z) in nats a picture, (batch,), by networks that are not being trained."""
        raise TypeError(f"{type(self).__name__} must define log_likelihood(networks, latents, observed)")

    def bits_per_dimension(self, nats: float) -> float:
        """Bits for each number of a picture, out of nats a picture (a log probability or a bound of it)."""
        raise TypeError(f"{type(self).__name__} must define bits_per_dimension(nats)")

    def listeners(self, session):
        from ganzoo.density.posterior import Posterior

        return [Posterior(session)]


def kl_to_standard(mean, log_variance):
    """KL(q || N(0, 1)) in nats of each example, (batch,), summed over latents.

    Kingma and Welling 2014 (arXiv 1312.6114), appendix B: 1/2 sum(mean^2 + variance - 1 - log variance).
    """
    return 0.5 * tf.reduce_sum(mean**2 + tf.exp(log_variance) - 1.0 - log_variance, axis=1)


def log_normal(values, mean, log_variance):
    """The log density of a normal distribution without covariances, (batch,), summed over latents."""
    squares = (values - mean) ** 2 * tf.exp(-log_variance)
    return -0.5 * tf.reduce_sum(squares + log_variance + math.log(2.0 * math.pi), axis=1)
