"""What is minimised: the adversarial losses, on logits.

A loss is a small object with methods over discriminator outputs of shape (batch, 1):

    .discriminator(real, fake)      what D minimises, a scalar
    .generator(fake, real)          what G minimises, a scalar; `real` is None unless `paired`
    .recognised(real, fake, mean)   the shares of real and of generated pictures that D recognises

The first two return the mean over the batch. Below, l = D(x) before the sigmoid, D = sigmoid(l),
-log(sigmoid(l)) = softplus(-l) and -log(1 - sigmoid(l)) = softplus(l).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.lazy import tf
from ganzoo.base.ranges import check, ranged
from ganzoo.base.registry import Registry


@dataclass(frozen=True)
class Loss:
    """The interface of an adversarial loss: override `discriminator` and `generator`.

    Attributes:
        paired: does the generator's loss look at real pictures, too?
        middle: the logit between real and generated, at which `recognised` tells them apart.
        can_be_won: may a discriminator that recognises everything leave the generator nothing to
            learn from? A critic under a Lipschitz constraint is meant to be that good.
    """

    paired: ClassVar[bool] = False
    middle: ClassVar[float] = 0.0
    can_be_won: ClassVar[bool] = True

    def discriminator(self, real, fake):
        raise TypeError(f"{type(self).__name__} must define discriminator(real, fake)")

    def generator(self, fake, real=None):
        raise TypeError(f"{type(self).__name__} must define generator(fake, real)")

    def recognised(self, real, fake, mean: Callable):
        """The shares, in [0, 1], of real and of generated pictures that are recognised: two scalars.

        `mean` averages a tensor over the whole batch, those of other replicas included.
        """
        return told_apart(real, fake, self.middle)


LOSSES: Registry[type[Loss]] = Registry("loss")


def told_apart(real, fake, middle):
    """The shares of real logits above `middle` and of generated ones below it."""
    return tuple(tf.reduce_mean(tf.cast(there, tf.float32)) for there in (real > middle, fake < middle))


def cross_entropy(logits, label: float):
    """Mean of -label * log(D) - (1 - label) * log(1 - D), exact to the last digits for any logit."""
    # Not softplus(l) - label * l, which is the same but loses the small gradient where D is sure.
    loss = label * tf.nn.softplus(-logits) if label else 0.0
    if label < 1.0:
        loss += (1.0 - label) * tf.nn.softplus(logits)
    return tf.reduce_mean(loss)


@LOSSES.register("minimax")
@dataclass(frozen=True)
class Minimax(Loss):
    """The two-player game of Goodfellow et al. 2014 (arXiv 1406.2661), equation 1.

    min_G max_D  E[log D(x)] + E[log(1 - D(G(z)))]

    `real_label` below 1 smooths the discriminator's real labels only (Salimans et al.
    2016, section 3.4): smoothing the fake ones would feed the generator's mistakes back.
    """

    real_label: float = ranged(1.0, above=0.5, most=1)  # 0.9 is the usual smoothing

    def __post_init__(self):
        check(self)

    def discriminator(self, real, fake):
        return cross_entropy(real, self.real_label) + cross_entropy(fake, 0.0)

    def generator(self, fake, real=None):
        return -cross_entropy(fake, 0.0)  # E[log(1 - D(G(z)))]: saturates where D rejects surely


@LOSSES.register("non_saturating")
@dataclass(frozen=True)
class NonSaturating(Minimax):
    """The same game with the generator's loss -E[log D(G(z))] (Goodfellow 2014, section 3).

    The generator's target is 1, whatever `real_label` says: the smoothing stays with D.
    """

    def generator(self, fake, real=None):
        return cross_entropy(fake, 1.0)


@LOSSES.register("least_squares")
@dataclass(frozen=True)
class LeastSquares(Loss):
    """Least squares GAN, Mao et al. 2017 (arXiv 1611.04076), equation 9 (a = 0, b = c = 1).

    D: 1/2 E[(l(x) - 1)^2] + 1/2 E[l(G(z))^2]      G: 1/2 E[(l(G(z)) - 1)^2]
    """

    middle: ClassVar[float] = 0.5

    real_label: float = ranged(1.0, above=0.5, most=1)

    def __post_init__(self):
        check(self)

    def discriminator(self, real, fake):
        return 0.5 * tf.reduce_mean((real - self.real_label) ** 2) + 0.5 * tf.reduce_mean(fake**2)

    def generator(self, fake, real=None):
        return 0.5 * tf.reduce_mean((fake - 1.0) ** 2)


@LOSSES.register("hinge")
@dataclass(frozen=True)
class Hinge(Loss):
    """Geometric GAN, Lim and Ye 2017 (arXiv 1705.02894), equations 13 and 14.

    D: E[max(0, 1 - l(x))] + E[max(0, 1 + l(G(z)))]      G: -E[l(G(z))]
    """

    def discriminator(self, real, fake):
        return tf.reduce_mean(tf.nn.relu(1.0 - real)) + tf.reduce_mean(tf.nn.relu(1.0 + fake))

    def generator(self, fake, real=None):
        return -tf.reduce_mean(fake)


@LOSSES.register("wasserstein")
@dataclass(frozen=True)
class Wasserstein(Loss):
    """Wasserstein GAN, Arjovsky et al. 2017 (arXiv 1701.07875), equations 2 and 3.

    D: E[l(G(z))] - E[l(x)]      G: -E[l(G(z))]

    The critic must be kept Lipschitz: add a gradient penalty or clip its weights.

    `drift` adds drift * E[l(x)^2] to D's loss, which keeps the scores near 0 (Karras et al.
    2018, arXiv 1710.10196, appendix A.1: 1e-3); nothing else in the loss does.
    """

    can_be_won: ClassVar[bool] = False

    drift: float = ranged(0.0, least=0, off=True)

    def __post_init__(self):
        check(self)

    def discriminator(self, real, fake):
        loss = tf.reduce_mean(fake) - tf.reduce_mean(real)
        return loss + self.drift * tf.reduce_mean(real**2) if self.drift else loss

    def generator(self, fake, real=None):
        return -tf.reduce_mean(fake)

    def recognised(self, real, fake, mean):
        # Scores are defined up to a constant: the middle is that of this batch's own two means.
        return told_apart(real, fake, mean(0.5 * (real + fake)))


@LOSSES.register("relativistic")
@dataclass(frozen=True)
class Relativistic(Loss):
    """Relativistic pairing GAN, Jolicoeur-Martineau 2018 (arXiv 1807.00734), section 4.1.

    D: E[softplus(-(l(x) - l(G(z))))]      G: E[softplus(-(l(G(z)) - l(x)))]

    Each generated picture is judged against one real picture, its partner in the batch.
    """

    paired: ClassVar[bool] = True

    def discriminator(self, real, fake):
        return tf.reduce_mean(tf.nn.softplus(fake - real))

    def generator(self, fake, real=None):
        return tf.reduce_mean(tf.nn.softplus(real - fake))

    def recognised(self, real, fake, mean):
        # Only differences mean anything: of a pair, both are recognised or neither.
        share = tf.reduce_mean(tf.cast(real > fake, tf.float32))
        return share, share
