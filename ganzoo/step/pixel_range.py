"""The range of pictures that come as floating numbers: scaled, held to, or refused."""

import warnings

import numpy as np
import tensorflow as tf

from ganzoo.base.errors import DataError

OVERSHOOT = 1e-3  # how far beyond 1 rounding may take a picture


def in_one_range(dataset: tf.data.Dataset, name: str, first: dict | None = None) -> tf.data.Dataset:
    """The same set with the column `name`, pictures, as uint8 or float in [-1, 1], whatever they are.

    uint8 is left as it is. Of other numbers the first batch is looked at: those from 0 to 255 are
    taken as uint8 is, which is said once; those in [-1, 1] stay, and every further batch is held to
    it.

    Raises:
        DataError: for numbers in no such range, with the line that mends it.
    """
    if dataset.element_spec[name].dtype == tf.uint8:
        return dataset
    first = first or next(iter(dataset.take(1)), None)
    if first is None:
        return dataset
    scale = scale_of(np.asarray(first[name]))
    return dataset.map(lambda batch: {**batch, name: checked(scale(batch[name]))})


def scale_of(images: np.ndarray):
    """What brings pictures like these into range, a function of tensors. Raises DataError if nothing does."""
    if images.dtype == bool or not np.issubdtype(images.dtype, np.number):
        raise DataError(
            f"the pictures are of type {images.dtype}; give uint8 in [0, 255] or float in [-1, 1]"
        )
    kind, images = images.dtype, images.astype(np.float64)
    if not np.isfinite(images).all():
        raise DataError("the pictures hold numbers that are not finite (NaN or infinite); mend the data")
    low, high = (float(f(images)) if images.size else 0.0 for f in (np.min, np.max))
    if low >= -1.0 - OVERSHOOT and high <= 1.0 + OVERSHOOT:
        if low >= 0.0 and high > low:
            warnings.warn(
                f"the first pictures reach from {low:.3g} to {high:.3g}, and nothing is below 0: if they are "
                "scaled to [0, 1], add .map(lambda x: 2.0 * x - 1.0), for black is -1 here",
                stacklevel=2,
            )
        return lambda x: tf.cast(x, tf.float32)
    if low >= 0.0 and 16.0 < high <= 255.0:
        warnings.warn(
            f"the pictures are {kind} up to {high:.4g}: taken as 0 to 255 and scaled to [-1, 1], as uint8 is",
            stacklevel=2,
        )
        return lambda x: tf.cast(x, tf.float32) / 127.5 - 1.0
    raise DataError(
        f"the pictures reach from {low:.4g} to {high:.4g}, but are expected as uint8 in [0, 255] or float in "
        "[-1, 1]; scale them, e.g. .map(lambda x: tf.clip_by_value(x, -1.0, 1.0)) for a slight overshoot"
    )


def checked(images):
    """Pictures, with a check in the input pipeline that they are in [-1, 1]."""
    inside = tf.reduce_all(tf.abs(images) <= 1.0 + OVERSHOOT)  # false for NaN, too
    said = (
        "later pictures are in another range than the first, or not finite; their least and greatest value:"
    )
    check = tf.debugging.Assert(inside, [said, tf.reduce_min(images), tf.reduce_max(images)])
    with tf.control_dependencies([check] if check is not None else []):
        return tf.identity(images)
