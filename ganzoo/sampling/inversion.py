"""The latent whose picture is nearest to a given one."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.density import Density
from ganzoo.metrics.spaces import feature_space

RESTARTS = 16
LEARNING_RATE = 0.1
FEATURE_WEIGHT = 1.0  # distances of features are taken relative to the picture's own, so 1 is much


@dataclass(frozen=True)
class Inversion:
    """What was found.

    Attributes:
        latent: float32 `(latent_dim,)`.
        label: its class, of a conditional family.
        image: its picture, float32 `(height, width, channels)` in [-1, 1].
        loss: of the picture; `first_loss` is that of the best start, before the first step.
        pixel_error: the mean squared difference of pixels in [-1, 1].
    """

    latent: np.ndarray
    label: int | None
    image: np.ndarray
    loss: float
    first_loss: float
    pixel_error: float


def invert(
    gan,
    picture: np.ndarray,
    *,
    labels=None,
    steps: int = 300,
    restarts: int = RESTARTS,
    seed: int = 0,
    features: str | None = None,
    watch: Callable[[int, float], None] = lambda steps, loss: None,
    **given,
) -> Inversion:
    """Looks for the latent whose picture is nearest to `picture`, with Adam on the latent.

    A family with an encoder is asked once: its answer is the mean of q(z|x), and nothing is searched for.
    Of another, all restarts, `gan.latents(restarts, seed)`, are one batch; each keeps the best it has met.

    Args:
        gan: a trained one.
        picture: float `(height, width, channels)` in [-1, 1] or uint8, in the shape the model makes.
        labels: of a conditional family, one class for all restarts or one each; default all in turn.
        steps: of Adam, the rate falling to 0 along a cosine.
        restarts: how many latents it begins with.
        seed: which.
        features: a feature space out of `ganzoo.metrics.SPACES`, whose squared distance, relative to
            the picture's own length there, is added to the mean squared difference of the pixels.
        **given: other inputs of the family, as for `gan.sample`.
        watch: called after each step with (steps done, the best loss so far).

    Raises:
        UsageError: for a picture of another shape, or no steps or restarts.
    """
    target = _checked(gan, picture, steps, restarts)
    if isinstance(gan.family, Density):
        return _encoded(gan, target, seed)
    if labels is None:
        classes = gan.family.label
        labels = None if classes is None else np.arange(restarts) % classes.known()
    pictures, inputs = gan.pictures_of(restarts, labels, **given)
    labels = inputs.get("label")
    space = None if features is None else feature_space(features)
    search = _Search(pictures, _distance(target, space), gan.latents(restarts, seed), steps)
    for step in range(steps + 1):  # the last one only looks
        losses = search.step().numpy()
        if step == 0:
            first = losses.min()
        watch(step, float(losses.min()))
    best = int(losses.argmin())
    latent, label = search.best.numpy()[best], None if labels is None else int(labels[best])
    chosen = {name: value[best : best + 1] for name, value in inputs.items()}
    image = next(gan.stream(latent[None], **chosen))[0]
    error = float(np.mean((image - target) ** 2))
    return Inversion(latent, label, image, float(losses[best]), float(first), error)


def _encoded(gan, target: np.ndarray, seed: int) -> Inversion:
    """What the encoder says, in one pass."""
    latent = gan.encode(target[None], seed)[0][0]
    image = next(gan.stream(latent[None]))[0]
    error = float(np.mean((image - target) ** 2))
    return Inversion(latent, None, image, error, error, error)


def _checked(gan, picture, steps, restarts) -> np.ndarray:
    picture, shape = np.asarray(picture), gan.family.output.shape
    if not gan.family.latent_dim:
        raise UsageError("this model has no latents, so there is none to look for")
    if picture.shape != shape:
        raise UsageError(f"the picture has the shape {picture.shape}; this model makes {shape}")
    for name, value in (("steps", steps), ("restarts", restarts)):
        if value < 1:
            raise UsageError(f"{name} is {value}; give at least 1")
    return picture / np.float32(127.5) - 1 if picture.dtype == np.uint8 else picture.astype(np.float32)


def _distance(target: np.ndarray, space):
    """A function of pictures `(num, ...)` to their losses `(num,)`."""

    def features(images):
        images = (images + 1.0) * 127.5
        if space.channels == 3 and images.shape[-1] == 1:
            images = tf.image.grayscale_to_rgb(images)
        if space.size is not None:
            images = tf.image.resize(images, (space.size, space.size), "bicubic", antialias=True)
        return tf.cast(space.function(images), tf.float32)

    wanted = None if space is None else features(tf.constant(target[None]))

    def distance(images):
        losses = tf.reduce_mean((images - target) ** 2, axis=(1, 2, 3))
        if space is not None:
            far = tf.reduce_sum((features(images) - wanted) ** 2, axis=1) / tf.reduce_sum(wanted**2)
            losses += FEATURE_WEIGHT * far
        return losses

    return distance


class _Search:
    """Adam on a batch of latents, each of which keeps the best it has met."""

    def __init__(self, pictures, distance, start: np.ndarray, steps: int):
        self.pictures, self.distance = pictures, distance
        self.latents, self.best = keras.Variable(start), keras.Variable(start)
        self.losses = keras.Variable(np.full(len(start), np.inf, np.float32))
        schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
        self.adam = keras.optimizers.Adam(schedule, beta_2=0.99)
        self.adam.build([self.latents])

    @tf.function
    def step(self):
        """Moves the latents on; returns the least loss of each until here, before the move."""
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            latents = tf.convert_to_tensor(self.latents)
            tape.watch(latents)
            losses = self.distance(self.pictures(latents))
            total = tf.reduce_sum(losses)  # no latent's gradient depends on another's
        better = losses < self.losses
        self.best.assign(tf.where(better[:, None], latents, self.best))
        self.losses.assign(tf.minimum(losses, self.losses))
        self.adam.apply([tape.gradient(total, latents)], [self.latents])
        return tf.convert_to_tensor(self.losses)
