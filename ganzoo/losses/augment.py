"""Differentiable augmentation: the discriminator sees real and generated pictures through it.

Zhao et al. 2020 (arXiv 2006.10738). With few pictures a discriminator soon knows them by
heart; if it only ever sees randomly shifted and tinted ones it cannot, and because the
generated ones go through the same the generator does not learn the shifts.
"""

from dataclasses import dataclass

from ganzoo.base.lazy import tf
from ganzoo.base.ranges import check, ranged
from ganzoo.step.draws import Draws


@dataclass(frozen=True)
class Augment:
    """Random changes of a batch, each picture by its own draw; every amount 0 is off.

    Attributes:
        translation: largest shift as a share of the picture's side, zeros (grey) beyond the edge.
        brightness: largest amount added, in units of the range [-1, 1].
        saturation: the colours' distance from grey is scaled by 1 - s to 1 + s.
        contrast: the distance from the picture's mean is scaled by 1 - c to 1 + c.
        cutout: side of the square set to grey, as a share of the picture's side.
    """

    translation: float = ranged(0.0, least=0, most=1, off=True)
    brightness: float = ranged(0.0, least=0, most=1, off=True)
    saturation: float = ranged(0.0, least=0, most=1, off=True)
    contrast: float = ranged(0.0, least=0, most=1, off=True)
    cutout: float = ranged(0.0, least=0, most=1, off=True)

    def __post_init__(self):
        check(self, "augment.")

    def __bool__(self) -> bool:
        return self != Augment()

    def __call__(self, images, draws: Draws, name: str):
        """Returns `images`, float32 (batch, height, width, channels) in [-1, 1], changed.

        Pictures that passed through may leave [-1, 1] slightly. `name` separates this
        call's draws from the step's others.
        """
        if self.brightness or self.saturation or self.contrast:
            images = self._color(images, draws, name)
        if self.translation:
            images = self._translate(images, draws, name)
        if self.cutout:
            images = self._cut(images, draws, name)
        return images

    def _color(self, images, draws, name):
        batch = images.shape[0] or tf.shape(images)[0]

        def each(what, low, high):
            return draws.uniform(f"{name}/{what}", [batch, 1, 1, 1], low, high)

        if self.brightness:
            images += each("brightness", -self.brightness, self.brightness)
        if self.saturation:
            grey = tf.reduce_mean(images, axis=-1, keepdims=True)
            images = grey + (images - grey) * each("saturation", 1 - self.saturation, 1 + self.saturation)
        if self.contrast:
            mean = tf.reduce_mean(images, axis=[1, 2, 3], keepdims=True)
            images = mean + (images - mean) * each("contrast", 1 - self.contrast, 1 + self.contrast)
        return images

    def _translate(self, images, draws, name):
        # Row and column shifts as two gathers on a padded picture: cheap, and their
        # gradient (a scatter) goes back to the pixels that were kept.
        batch, height, width = images.shape[0] or tf.shape(images)[0], images.shape[1], images.shape[2]
        most_y, most_x = round(height * self.translation), round(width * self.translation)
        dy = draws.integers(f"{name}/dy", [batch, 1], 2 * most_y + 1)
        dx = draws.integers(f"{name}/dx", [batch, 1], 2 * most_x + 1)
        padded = tf.pad(images, [[0, 0], [most_y, most_y], [most_x, most_x], [0, 0]])
        rows = tf.gather(padded, tf.range(height)[None] + dy, axis=1, batch_dims=1)
        return tf.gather(rows, tf.range(width)[None] + dx, axis=2, batch_dims=1)

    def _cut(self, images, draws, name):
        batch, height, width = images.shape[0] or tf.shape(images)[0], images.shape[1], images.shape[2]
        y = draws.uniform(f"{name}/cut_y", [batch, 1, 1, 1], 0.0, float(height))
        x = draws.uniform(f"{name}/cut_x", [batch, 1, 1, 1], 0.0, float(width))
        rows = tf.reshape(tf.range(height, dtype=tf.float32) + 0.5, [1, height, 1, 1])
        columns = tf.reshape(tf.range(width, dtype=tf.float32) + 0.5, [1, 1, width, 1])
        inside = (tf.abs(rows - y) < self.cutout * height / 2) & (
            tf.abs(columns - x) < self.cutout * width / 2
        )
        return images * (1.0 - tf.cast(inside, images.dtype))
