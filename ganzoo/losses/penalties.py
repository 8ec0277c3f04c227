"""Gradient penalties: what keeps the discriminator smooth where a loss alone does not.

A penalty is a small object with a weight, called once for each discriminator update:

    penalty(discriminate, real, fake, draws)   a scalar, added to the discriminator's loss

`discriminate` maps pictures (batch, ...) to logits (batch, 1); `real` and `fake` are the
pictures as the discriminator saw them, augmentation included; `draws` are the step's
random numbers. Below, g(x) is the gradient of picture x's own logit with respect to x
and |g| its Euclidean norm over all of the picture's pixels. Where there is augmentation, x is
the augmented picture: the gradient is taken there and by it, not by the picture before.

All are "lazy" on request (Karras et al. 2020, arXiv 1912.04958, section 3.1): at
`interval=16` the term is worked out in every 16th step only and counts 16 times there.
"""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf
from ganzoo.base.ranges import check, ranged
from ganzoo.base.registry import Registry
from ganzoo.step.draws import Draws
from ganzoo.step.gradients import missing_gradients_named

PENALTIES: "Registry[type[Penalty]]" = Registry("penalty")


@dataclass(frozen=True)
class Regulariser:
    """What penalties of either side have in common.

    Attributes:
        weight: what the term is multiplied by.
        interval: it is worked out in every so many steps, with `weight * interval`.
    """

    of_generators: ClassVar[bool] = False  # whose loss it is added to

    weight: float = ranged(10.0, least=0)
    interval: int = ranged(1, least=1)

    def __post_init__(self):
        check(self, "a penalty's ")

    def is_due(self, step):
        """Whether it is worked out in a step, a tensor."""
        return tf.equal(tf.cast(step, tf.int64) % self.interval, 0)


@dataclass(frozen=True)
class Penalty(Regulariser):
    """The interface of a penalty on discriminators: override `term`."""

    per_picture: ClassVar[bool] = True  # does it need each logit to depend on its own picture alone?

    def __call__(self, discriminate, real, fake, draws: Draws):
        if self.interval == 1:
            return self.weight * self.term(discriminate, real, fake, draws)
        return tf.cond(
            self.is_due(draws.step),
            lambda: self.weight * self.interval * self.term(discriminate, real, fake, draws),
            lambda: tf.zeros([]),
        )

    def term(self, discriminate, real, fake, draws: Draws):
        """The penalty before its weight, a scalar: a mean over the batch."""
        raise TypeError(f"{type(self).__name__} must define term")


@dataclass(frozen=True)
class GeneratorPenalty(Regulariser):
    """The interface of a penalty on generators, in a pass of its own: override `term`, perhaps `buffers`."""

    of_generators: ClassVar[bool] = True

    def buffers(self) -> dict:
        """Numbers that it keeps from step to step, by name: their initial values, arrays."""
        return {}

    def term(self, family, networks: dict, batch: dict, draws: Draws, buffers: dict):
        """The penalty before its weight, a scalar, and new values of its buffers, of this replica's rows."""
        raise TypeError(f"{type(self).__name__} must define term")


def squared_norms(discriminate, images):
    """|g(x)|^2 for every picture, float32 (batch,); differentiable once more, by D's weights."""
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        # The sum over the batch has each picture's own gradient in its row, as long as
        # no logit depends on another picture. Batch normalisation breaks that.
        total = tf.reduce_sum(discriminate(images))
    with missing_gradients_named():
        gradient = tape.gradient(total, images)
    check_differentiable(gradient)
    gradient = tf.cast(gradient, tf.float32)
    return tf.reduce_sum(gradient**2, axis=list(range(1, len(gradient.shape))))


def check_differentiable(gradient) -> None:
    """Raises UsageError if a gradient by pictures is missing, or a gradient of it would be cut off silently.

    TensorFlow gives bilinear resizing no gradient of second order, and says nothing: a penalty behind
    it would count in the loss and never reach the weights. (Of other such operations it says so.)
    """
    if gradient is None:
        raise UsageError(
            "a gradient penalty needs the discriminator's gradient by its pictures, and there is none: "
            "something in the discriminator (rounding, tf.stop_gradient, NumPy) cuts it off"
        )
    waiting = [gradient.op] if tf.is_symbolic_tensor(gradient) else []
    seen = set(waiting)
    while waiting:
        operation = waiting.pop()
        if operation.type == "ResizeBilinearGrad":
            raise UsageError(
                "a gradient penalty cannot go through bilinear resizing in the discriminator, of which "
                "TensorFlow has no second gradient; use interpolation='nearest' or average pooling"
            )
        before = {tensor.op for tensor in operation.inputs} - seen
        seen |= before
        waiting += before


def safe_sqrt(squares):
    """The square root whose gradient at 0 is 0, not infinite: a critic that is flat somewhere is no NaN."""
    positive = squares > 0.0
    return tf.where(positive, tf.sqrt(tf.where(positive, squares, 1.0)), 0.0)


def distance_from(target: float, one_sided: bool, squares):
    """Mean of (|g| - target)^2, or of max(0, |g| - target)^2."""
    excess = safe_sqrt(squares) - target
    return tf.reduce_mean((tf.nn.relu(excess) if one_sided else excess) ** 2)


def per_picture_shape(images) -> list:
    """(batch, 1, ...): the shape of one number for each picture."""
    return [images.shape[0] or tf.shape(images)[0], *[1] * (len(images.shape) - 1)]


@PENALTIES.register("gradient_penalty")
@dataclass(frozen=True)
class GradientPenalty(Penalty):
    """WGAN-GP, Gulrajani et al. 2017 (arXiv 1704.00028), equation 3.

    E[(|g(y)| - 1)^2],  y = u x + (1 - u) G(z),  u ~ U[0, 1] drawn for each picture

    Attributes:
        target: the norm aimed at. 0 is the zero-centred variant of Thanh-Tung et al. 2019.
        one_sided: only norms above the target cost (Gulrajani 2017, section 4; Petzka et al. 2018).
    """

    target: float = ranged(1.0, least=0)
    one_sided: bool = False

    def term(self, discriminate, real, fake, draws):
        share = draws.uniform("interpolation", per_picture_shape(real))
        between = share * real + (1.0 - share) * fake
        return distance_from(self.target, self.one_sided, squared_norms(discriminate, between))


@PENALTIES.register("r1")
@dataclass(frozen=True)
class R1(Penalty):
    """Mescheder, Geiger and Nowozin 2018 (arXiv 1801.04406), equation 9: 1/2 E[|g(x)|^2] on real pictures."""

    def term(self, discriminate, real, fake, draws):
        return 0.5 * tf.reduce_mean(squared_norms(discriminate, real))


@PENALTIES.register("r2")
@dataclass(frozen=True)
class R2(Penalty):
    """Mescheder et al. 2018, equation 10: 1/2 E[|g(G(z))|^2] on generated pictures."""

    def term(self, discriminate, real, fake, draws):
        return 0.5 * tf.reduce_mean(squared_norms(discriminate, fake))


@PENALTIES.register("dragan")
@dataclass(frozen=True)
class Dragan(Penalty):
    """DRAGAN, Kodali et al. 2017 (arXiv 1705.07215), section 2.3.

    E[(|g(x + delta)| - k)^2],  delta ~ N(0, c I)

    Attributes:
        target: k, the norm aimed at around real pictures.
        spread: the square root of c, in units of the pictures' range [-1, 1].
    """

    target: float = ranged(1.0, least=0)
    spread: float = ranged(0.25, least=0)

    def term(self, discriminate, real, fake, draws):
        shape = [per_picture_shape(real)[0], *real.shape[1:]]
        near = real + self.spread * draws.normal("surroundings", shape)
        return distance_from(self.target, False, squared_norms(discriminate, near))
