"""How probable a picture is, given the decoder's: the observation models p(x|z) of a variational autoencoder.

A likelihood sums over a picture's numbers and never averages: everything is in nats a picture, so that the
weight of the KL divergence beside it is what it is called. (A mean over pixels divides the reconstruction by
784 or 12,288 and the posterior collapses; public code has had that fault for years.)
"""

import math
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import DataError
from ganzoo.base.lazy import tf
from ganzoo.base.ranges import check, ranged
from ganzoo.base.registry import Registry

LEVELS = 256  # of a pixel at rest
HALF_BIN = 1 / 255  # half the distance of two levels in [-1, 1]
SUREST = 2.0**-23  # a decoder's tanh may round to 1; no pixel is taken to be surer than float32 can say
# Binary pictures have few greys: 5 % of MNIST's numbers lie between 64 and 192, and 30 % of digits of 8x8
# enlarged to 16x16, but over half of the paintings'.
MOST_GREY, GREYS = 0.4, (64, 192)


@dataclass(frozen=True)
class Likelihood:
    """The interface of an observation model: override `log_probability` and what differs below.

    Attributes:
        is_discrete: whether values have probabilities, not densities.
        start: the spread around the decoder's pictures before the first step, where one is learned.
    """

    is_discrete: ClassVar[bool] = True
    start: ClassVar[float | None] = None

    def __post_init__(self):
        check(self)

    def observed(self, images, draws):
        """What the probability is of, made from pictures (batch, height, width, channels) in [-1, 1]."""
        return images

    def log_probability(self, means, log_spread, observed):
        """Nats of each picture, (batch,): the sum of log p over its numbers.

        Args:
            means: the decoder's pictures, (batch, height, width, channels) in [-1, 1].
            log_spread: the logarithm of the spread around them, (batch, 1); None without one.
            observed: as `observed` made it.
        """
        raise TypeError(f"{type(self).__name__} must define log_probability(means, log_spread, observed)")

    def bits_per_dimension(self, nats: float, num_values: int) -> float:
        """Bits for each number of a picture out of `nats` a picture, a log probability or a bound of it.

        A density is turned into the probability of one of 256 levels by the width of a level.
        """
        bits = -nats / num_values / math.log(2.0)
        return bits if self.is_discrete else bits - math.log2(2.0 * HALF_BIN)

    def check_data(self, images) -> None:
        """Raises DataError for pictures, uint8, that this is no likelihood of."""


LIKELIHOODS: Registry[type[Likelihood]] = Registry("likelihood")


@LIKELIHOODS.register("bernoulli")
@dataclass(frozen=True)
class Bernoulli(Likelihood):
    """Black or white, each pixel by itself, white with the probability of the decoder's brightness.

    Kingma and Welling 2014 (arXiv 1312.6114), appendix C.1. The pixels of the data are drawn as bits anew
    in every step, white with the probability of their brightness (Burda et al. 2016, arXiv 1509.00519,
    section 5.1), so that all numbers are of binary pictures: grey ones as targets would give a number that
    nothing can be compared with.
    """

    def observed(self, images, draws):
        shape = [images.shape[0] or tf.shape(images)[0], *images.shape[1:]]
        return tf.where(draws.uniform("bits", shape, -1.0, 1.0) < images, 1.0, -1.0)

    def log_probability(self, means, log_spread, observed):
        # Of a bit +1 or -1, p = (1 + bit * mean) / 2.
        agreement = tf.clip_by_value(observed * means, SUREST - 1.0, 1.0)
        return sum_of_each(tf.math.log1p(agreement) - math.log(2.0))

    def check_data(self, images):
        low, high = GREYS
        share = float(((images > low) & (images < high)).mean())
        if share > MOST_GREY:
            raise DataError(
                f"{share:.0%} of these pictures' numbers are neither dark nor bright, but the likelihood "
                "bernoulli is of black and white pictures, such as binarised digits; take "
                "--set model.likelihood=gaussian or logistic (likelihood=... in Python)"
            )


@dataclass(frozen=True)
class WithSpread(Likelihood):
    """A likelihood around the decoder's pictures with one spread, learned, the same for every number.

    One sigma for all, as in Rybkin et al. 2021 (arXiv 2006.13202): its best value is the root of the mean
    squared error, so it finds the balance between the two terms of the bound that others tune by hand.
    """

    start: float = ranged(0.25, above=0, most=10)  # pixels are in [-1, 1]


@LIKELIHOODS.register("gaussian")
@dataclass(frozen=True)
class Gaussian(WithSpread):
    """A normal density around the decoder's pictures, with one learned sigma."""

    is_discrete: ClassVar[bool] = False

    def log_probability(self, means, log_spread, observed):
        log_spread = log_spread[:, :, None, None]
        away = (observed - means) * tf.exp(-log_spread)
        return sum_of_each(-0.5 * away**2 - log_spread - 0.5 * math.log(2.0 * math.pi))


@LIKELIHOODS.register("logistic")
@dataclass(frozen=True)
class Logistic(WithSpread):
    """A logistic distribution around the decoder's pictures, cut into the 256 levels, with one learned scale.

    Kingma et al. 2016 (arXiv 1606.04934), appendix; all that lies beyond black and white counts as them.
    """

    def log_probability(self, means, log_spread, observed):
        inverse = tf.exp(-log_spread[:, :, None, None])
        above, below = (observed + HALF_BIN - means) * inverse, (observed - HALF_BIN - means) * inverse
        # sigmoid(a) - sigmoid(b) = sigmoid(a) sigmoid(-b) (1 - exp(b - a)), which no rounding hurts.
        log_up, log_down = tf.math.log_sigmoid(above), tf.math.log_sigmoid(-below)
        within = log_up + log_down + tf.math.log(-tf.math.expm1(-2.0 * HALF_BIN * inverse))
        edge = 1.0 - HALF_BIN
        return sum_of_each(tf.where(observed < -edge, log_up, tf.where(observed > edge, log_down, within)))


def sum_of_each(values):
    """The sum of each example's numbers, (batch,)."""
    return tf.reduce_sum(values, axis=list(range(1, len(values.shape))))
