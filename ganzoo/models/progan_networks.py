"""The networks of progressive growing, Karras et al. 2018 (arXiv 1710.10196), table 2.

One wiring serves all. Given a network's layers by name, `to_images` and `to_logits` build
graphs from symbolic tensors, and in training run on real ones only what one size needs, so
that lower sizes cost what lower sizes cost. `fade` is None, or how far a new size has come.
"""

from collections.abc import Callable, Iterator

import keras
import tensorflow as tf

from ganzoo.nn.equalized import EqualizedConv2D, EqualizedDense, MinibatchStddev, PixelNorm, Upscale
from ganzoo.step.growth import sizes_to

# ---- the generator: table 2, left --------------------------------------------------------------


def generator_layers(family, seed: int) -> dict[str, keras.layers.Layer]:
    """The layers with weights of the generator of a `ProGAN`, by name."""
    stream = keras.random.SeedGenerator(seed)  # one stream: no two layers start alike
    width = family.channels_at(4)

    def conv(name, filters, kernel_size=3, **arguments):
        return EqualizedConv2D(filters, kernel_size, padding="same", seed=stream, name=name, **arguments)

    # The first is a 4x4 convolution of a 1x1 picture: its fan-in counts 16 pixels.
    first = EqualizedDense((4, 4, width), gain=2**0.5 / 4, seed=stream, name="to_4x4")
    parts = [first, conv("conv_4", width)]
    for size in sizes_to(family.image_size):
        if size > 4:
            parts += [conv(f"conv_{size}{part}", family.channels_at(size)) for part in "ab"]
        if size >= family.start_size:
            parts.append(conv(f"to_rgb_{size}", family.channels, 1, gain=1.0, dtype="float32"))
    if family.conditional:
        parts.append(_embedding(family.num_classes, family.latent_dim, stream))
    return {part.name: part for part in parts}


def features(family, layer: Callable, latents, label) -> Iterator[tuple]:
    """(size, features) from 4x4 up, one after the other: what is not asked for is not worked out."""

    def normalised(x):
        return _plain(PixelNorm, _rectified(x))

    x = _plain(PixelNorm, latents)  # onto the hypersphere
    if label is not None:
        embedded = _plain(PixelNorm, layer("label_embedding")(label))
        x = keras.ops.concatenate([x, keras.ops.cast(embedded, x.dtype)], axis=-1)
    x = normalised(layer("conv_4")(normalised(layer("to_4x4")(x))))
    yield 4, x
    for size in sizes_to(family.image_size)[1:]:
        x = upscaled(x)
        for part in "ab":
            x = normalised(layer(f"conv_{size}{part}")(x))
        yield size, x


def to_images(family, layer: Callable, latents, label, size: int, fade=None):
    """Pictures (batch, size, size, channels), blended with those of half the size while fading in."""
    smaller = None
    for at, x in features(family, layer, latents, label):
        if at == size:
            break
        smaller = x
    images = layer(f"to_rgb_{size}")(x)
    if fade is None:
        return images
    return blend(upscaled(layer(f"to_rgb_{size // 2}")(smaller)), images, fade)


# ---- the discriminator: table 2, right ---------------------------------------------------------


def discriminator_layers(family, seed: int) -> dict[str, keras.layers.Layer]:
    """The layers with weights of the discriminator of a `ProGAN`, by name."""
    stream = keras.random.SeedGenerator(seed)
    width = family.channels_at(4)

    def conv(name, filters, kernel_size=3, padding="same"):
        return EqualizedConv2D(filters, kernel_size, padding=padding, seed=stream, name=name)

    parts = [
        conv("conv_4a", width),
        conv("conv_4b", width, 4, "valid"),
        EqualizedDense((1,), gain=1.0, seed=stream, dtype="float32", name="to_logit"),
    ]
    for size in sizes_to(family.image_size):
        if size > 4:
            parts.append(conv(f"conv_{size}a", family.channels_at(size)))
            parts.append(conv(f"conv_{size}b", family.channels_at(size // 2)))
        if size >= family.start_size:
            parts.append(conv(f"from_rgb_{size}", family.channels_at(size), 1))
    if family.conditional:
        parts.append(_embedding(family.num_classes, width, stream))
    return {part.name: part for part in parts}


def to_logits(layer: Callable, images, label, fade=None):
    """Logits (batch, 1) of pictures of one size; while fading in, half the size enters beside it."""
    size = images.shape[1]
    x = _rectified(layer(f"from_rgb_{size}")(images))
    for at in reversed(sizes_to(size)[1:]):
        x = _rectified(layer(f"conv_{at}b")(_rectified(layer(f"conv_{at}a")(x))))
        x = _plain(keras.layers.AveragePooling2D, x, 2)
        if fade is not None and at == size:
            x = blend(_rectified(layer(f"from_rgb_{size // 2}")(halved(images))), x, fade)
    x = _rectified(layer("conv_4a")(_plain(MinibatchStddev, x)))
    x = _plain(keras.layers.Flatten, _rectified(layer("conv_4b")(x)))
    logits = layer("to_logit")(x)
    if label is None:
        return logits
    # Miyato and Koyama 2018, equation 3; divided like the equalised weights beside it.
    products = keras.ops.cast(layer("label_embedding")(label) * x, "float32")
    return logits + keras.ops.sum(products, axis=-1, keepdims=True) / x.shape[-1] ** 0.5


# ---- both --------------------------------------------------------------------------------------


def halved(images):
    """Pictures at half the size: exact means of 2x2 pixels."""
    return tf.nn.avg_pool2d(images, 2, 2, "VALID")


def upscaled(x):
    """Pictures or features at twice the size, each pixel repeated."""
    return _plain(Upscale, x)


def blend(low, high, fade):
    """`low` at fade 0, `high` at fade 1."""
    return low + (high - low) * tf.cast(fade, high.dtype)


def _rectified(x):
    return _plain(keras.layers.LeakyReLU, x, 0.2)


def _plain(layer, x, *arguments):
    """Applies a layer without weights, made for the purpose, that calculates in whatever `x` is in."""
    return layer(*arguments, dtype=keras.backend.standardize_dtype(x.dtype))(x)


def _embedding(num_classes: int, units: int, stream) -> keras.layers.Embedding:
    start = keras.initializers.RandomNormal(0.0, 1.0, seed=stream)
    return keras.layers.Embedding(num_classes, units, embeddings_initializer=start, name="label_embedding")
