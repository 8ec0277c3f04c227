"""From pictures to latents and to their probability, by families that have a density."""

import numpy as np
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.density import Density, log_normal
from ganzoo.family import FAMILIES
from ganzoo.sampling.sampler import CHUNK
from ganzoo.step.draws import Draws

MOST_LATENTS = 2**32  # draws of a chunk of pictures are numbered up to here


class Reader:
    """The traced functions that read a chunk of pictures by some networks: one shape, bounded memory."""

    def __init__(self, family: Density, networks: dict, seed: int):
        self.family, self.networks, self.seed = family, networks, seed
        self.read = tf.function(self._read, autograph=False)
        self.log_weight = tf.function(self._log_weight, autograph=False)

    def _read(self, images, chunk):
        """What the density is of, and mean and log variance of its latents."""
        observed = self.family.observed(images, Draws(self.seed, chunk))
        return observed, *self.family.encode(self.networks, observed, training=False)

    def _log_weight(self, observed, mean, log_variance, chunk, i):
        """log p(x, z) - log q(z|x) of the i-th latent drawn for each picture."""
        draws = Draws(self.seed, chunk * MOST_LATENTS + i)
        latents = mean + tf.exp(0.5 * log_variance) * draws.normal("codes", mean.shape)
        prior = log_normal(latents, 0.0, tf.zeros_like(latents))
        likelihood = self.family.log_likelihood(self.networks, latents, observed)
        return likelihood + prior - log_normal(latents, mean, log_variance)


class Encoding:
    """The part of `ganzoo.gan.GAN` that reads pictures; only families of `ganzoo.density` can.

    Each method takes pictures as float `(num, height, width, channels)` in [-1, 1] or uint8, uses
    averaged weights, and raises UsageError for a family without an encoder or pictures of another shape.
    What is drawn depends on the seed and on a picture's place, not on how many there are.
    """

    _reader: Reader | None = None

    def encode(self, images, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
        """Mean and deviation of q(z|x), the latents that pictures may have come from.

        Args:
            images: the pictures.
            seed: of the bits that a Bernoulli likelihood draws of them.

        Returns:
            Two float32 `(num, latent_dim)`.
        """
        means, log_variances = self._posterior(images, seed)
        return means, np.exp(0.5 * log_variances)

    def reconstruct(self, images, seed: int = 0) -> np.ndarray:
        """Pictures out of the most probable latents of pictures, float32 of the same shape in [-1, 1].

        Args:
            images: the pictures.
            seed: as for `encode`.
        """
        return self.sample_from(self.encode(images, seed)[0])

    def bound(self, images, k: int = 1, seed: int = 0) -> np.ndarray:
        """A lower bound of log p(x) in nats of each picture, float64 `(num,)`; the larger k, the tighter.

        The importance-weighted bound, log 1/k sum_i p(x, z_i)/q(z_i|x), of k latents out of q(z|x)
        (Burda et al. 2016, arXiv 1509.00519, equation 8); of k = 1 it is the evidence lower bound (ELBO),
        estimated by one latent a picture.

        Args:
            images: the pictures; of a Gaussian likelihood the nats are of a density over [-1, 1].
            k: latents drawn for each picture.
            seed: of the latents, and of the bits of a Bernoulli likelihood.
        """
        weights = self.log_weights(images, k, seed)
        return np.logaddexp.reduce(weights, axis=1) - np.log(k)

    def log_weights(self, images, k: int, seed: int = 0) -> np.ndarray:
        """log p(x, z_i) - log q(z_i|x) of k latents for each picture, float64 `(num, k)`; see `bound`.

        Their mean is the ELBO, estimated by k latents.
        """
        if not isinstance(k, int) or k < 1:
            raise UsageError(f"k is {k}, but at least 1 latent has to be drawn for a picture")
        found = []
        for reader, chunk, rows in self._chunks_of(images, seed):
            read = reader.read(rows, chunk)
            each = [reader.log_weight(*read, chunk, tf.constant(i, tf.int64)).numpy() for i in range(k)]
            found.append(np.stack(each, axis=1))
        return np.concatenate(found)[: len(images)].astype(np.float64)

    def _posterior(self, images, seed):
        found = [reader.read(rows, chunk)[1:] for reader, chunk, rows in self._chunks_of(images, seed)]
        return tuple(np.concatenate(each)[: len(images)] for each in zip(*found, strict=True))

    def _chunks_of(self, images, seed):
        """Whole chunks of pictures, numbered, and what reads them; the last is filled up with black."""
        images, networks = self._readable(images), self._followed().networks
        if self._reader is None or self._reader.seed != seed:
            self._reader = Reader(self.family, networks, seed)
        for number, start in enumerate(range(0, len(images), CHUNK)):
            rows = images[start : start + CHUNK]
            missing = np.full((CHUNK - len(rows), *rows.shape[1:]), -1.0, np.float32)
            filled = tf.constant(np.concatenate([rows, missing]))
            yield self._reader, tf.constant(number, tf.int64), filled

    def _readable(self, images) -> np.ndarray:
        family = self.family
        if not isinstance(family, Density):
            name = FAMILIES.name_of(family)
            raise UsageError(
                f"a {name} has no encoder and no density: it makes pictures and cannot say how probable one "
                "is; a vae can"
            )
        images, shape = np.asarray(images), family.output.shape
        if images.shape[1:] != shape or not len(images):
            raise UsageError(f"the pictures have the shape {images.shape}; this model reads (num, *{shape})")
        if images.dtype == np.uint8:
            return images / np.float32(127.5) - np.float32(1.0)
        if not np.isfinite(images).all() or np.abs(images).max() > 1.001:
            raise UsageError("the pictures reach beyond [-1, 1]; give uint8 in [0, 255] or float in [-1, 1]")
        return images.astype(np.float32)
