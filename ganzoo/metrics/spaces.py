"""Feature spaces: what turns a picture into the vector that distances are taken of.

A score only means something together with its space, so a space carries all that names
it: name, resize, checksum of its weights. Two scores are comparable when all three agree.

    space = feature_space("mobilenet")             # embedded, needs no network
    space = feature_space(my_keras_model)          # your own, see `model_space`
"""

import itertools
from typing import Any

import numpy as np

from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import tf
from ganzoo.metrics import classifier, original_inception, pretrained  # noqa: F401  importing them registers their spaces
from ganzoo.metrics.space import SPACES, FeatureSpace, checksum, weights_checksum


def check_space(name: str) -> None:
    """Raises UsageError unless there is a feature space of that name; the nearest is named."""
    if name not in SPACES:
        raise unknown("feature space", name, SPACES)


def feature_space(space: Any, **arguments: Any) -> FeatureSpace:
    """The feature space of that name, or of a Keras model of your own, or as given.

    `arguments` go to the space: `weights=PATH` for `inception` and `inception2015`; `images`, `labels` for
    `classifier`; `input_range` for a Keras model. Raises UsageError for an unknown name.
    """
    if isinstance(space, FeatureSpace):
        return space
    if isinstance(space, str):
        return SPACES[space](**arguments)
    if callable(space) and hasattr(space, "weights"):
        return model_space(space, **arguments)
    raise UsageError(f"a feature space is one of {', '.join(SPACES)} or a Keras model, {space!r} was given")


def model_space(
    model: Any,
    *,
    input_range: tuple[float, float] = (0.0, 1.0),
    name: str | None = None,
    batch_size: int = 64,
) -> FeatureSpace:
    """A Keras model of the user's own as a feature space.

    The model takes `(batch, height, width, channels)` in `input_range`; what it returns is flattened
    to `(batch, dim)`. Its input's height (a square) is what pictures are resized to.
    Raises UsageError where the model's input is not a square picture.
    """
    shape = tuple(model.input_shape)
    if len(shape) != 4 or shape[1] != shape[2] or shape[3] not in (1, 3):
        raise UsageError(
            f"the model's input is {shape}; expected (None, size, size, 1 or 3), size may be None"
        )
    low, high = input_range

    def features(images):
        return model(images * ((high - low) / 255.0) + low, training=False)

    return FeatureSpace(
        name=name or model.name,
        function=features,
        checksum=weights_checksum(model),
        size=shape[1],
        channels=shape[3],
        batch_size=batch_size,
    )


@SPACES.register("pixels")
def pixels(size: int = 16) -> FeatureSpace:
    """The pixels themselves, in [0, 1], resized to `size` (16): 768 features for RGB.

    Blind to blur and fine noise; good at colour, layout and collapse.
    """
    return FeatureSpace(
        name="pixels",
        function=lambda images: images / 255.0,
        checksum="none",
        size=size,
        channels=None,
        batch_size=512,
    )


@SPACES.register("random")
def random(seed: int = 0, size: int = 64) -> FeatureSpace:
    """Fixed random convolutions (four 4x4, stride 2, leaky ReLU): mean and spread per channel.

    Features of untrained networks see texture and noise without any training set's taste
    (Naeem et al. 2020, arXiv:2002.09797, section 4). 966 features.
    """
    draw = np.random.default_rng(seed)
    channels = (3, 32, 64, 128, 256)
    kernels = [
        draw.normal(0, np.sqrt(2 / (16 * a)), (4, 4, a, b)).astype(np.float32)
        for a, b in itertools.pairwise(channels)
    ]

    # Natural pictures differ in their colour far more than in their texture: the first filters see no mean
    # colour, which has six features of its own instead.
    kernels[0] = 4 * (kernels[0] - kernels[0].mean(axis=(0, 1), keepdims=True))

    def features(images):
        x = images / 127.5 - 1.0
        mean, variance = tf.nn.moments(x, (1, 2))
        found = [mean, tf.sqrt(variance + 1e-8)]
        for kernel in kernels:
            x = tf.nn.leaky_relu(tf.nn.conv2d(x, kernel, 2, "SAME"), 0.2)
            mean, variance = tf.nn.moments(x, (1, 2))
            found += [mean, tf.sqrt(variance + 1e-8)]
        return tf.concat(found, axis=1)

    return FeatureSpace(
        name="random", function=features, checksum=checksum(*kernels), size=size, channels=3, batch_size=128
    )
