"""From any `tf.data` set to the batches that the training step wants."""

import tensorflow as tf

from ganzoo.errors import DataError
from ganzoo.family import Family


def as_batch(element) -> dict:
    """A batch as a dict: images alone, `(image, label)` and dicts are understood."""
    if isinstance(element, dict):
        return element
    if isinstance(element, list | tuple):
        return dict(zip(("image", "label"), element, strict=False))
    return {"image": element}


def in_range(images):
    """Float32 images in [-1, 1]: uint8 is scaled, float is taken to be there already."""
    if images.dtype == tf.uint8:
        return tf.cast(images, tf.float32) / 127.5 - 1.0
    return tf.cast(images, tf.float32)


def all_in_range(batch: dict) -> dict:
    """A batch whose pictures, float or uint8 of rank 4, are float32 in [-1, 1]."""
    return {name: in_range(value) if is_image(value) else value for name, value in batch.items()}


def is_image(value) -> bool:
    """Whether a column of a batch holds floating numbers or pixels, not classes or words."""
    return value.dtype == tf.uint8 or value.dtype.is_floating


def num_rows(batch: dict):
    """How many examples a batch holds: an int, or a tensor where that is only known as it runs."""
    first = next(iter(batch.values()))
    return first.shape[0] or tf.shape(first)[0]


def prepared(
    dataset: tf.data.Dataset, family: Family, d_steps: int = 1, num_replicas: int = 1
) -> tf.data.Dataset:
    """The elements of `dataset` as `train_step` wants them: dicts, `d_steps` of them a step.

    Args:
        dataset: batches of images, `(image, label)` pairs or dicts.
        family: what they have to fit.
        d_steps: batches that a step takes.
        num_replicas: what a batch has to divide by; a last, partial one is cut to it.

    Raises:
        DataError: if keys, shapes or types do not fit `family.batch_spec`.
    """
    dataset = dataset.map(lambda *element: as_batch(element[0] if len(element) == 1 else element))
    for key, shape in family.batch_spec.items():
        spec = dataset.element_spec.get(key)
        if spec is None:
            raise DataError(
                f"the data has no {key!r}, which this model trains on, only {list(dataset.element_spec)}"
            )
        if spec.shape.rank is not None and not spec.shape[1:].is_compatible_with(shape):
            raise DataError(
                f"the data's {key!r} has batches of shape {tuple(spec.shape)}, but the model wants "
                f"{('batch', *shape)}; resize the data or build the model for its size"
            )
    dataset = even(dataset.map(family.checked), num_replicas)
    return dataset if d_steps == 1 else together(dataset, d_steps)


def even(dataset: tf.data.Dataset, num_replicas: int) -> tf.data.Dataset:
    """Batches that `num_replicas` share evenly: a last, partial one loses the pictures left over.

    One with fewer pictures than replicas repeats some, so that none is left without. (Leaving
    the batch out instead would hide from Keras how many batches there are.)
    """

    def cut(batch):
        rows = tf.shape(batch["image"])[0]
        kept = tf.range(tf.maximum(rows // num_replicas, 1) * num_replicas) % rows
        return {name: tf.gather(value, kept) for name, value in batch.items()}

    sizes = {spec.shape[0] for spec in dataset.element_spec.values()}
    fits = all(size is not None and size % num_replicas == 0 for size in sizes)
    return dataset if fits or num_replicas == 1 else dataset.map(cut)


def together(dataset: tf.data.Dataset, num: int) -> tf.data.Dataset:
    """Tuples of `num` batches that follow each other; they may differ in size."""

    def taken(window):
        return tuple(
            {name: values.skip(i).take(1).get_single_element() for name, values in window.items()}
            for i in range(num)
        )

    return dataset.window(num, drop_remainder=True).map(taken)


def split(dataset: tf.data.Dataset, num: int) -> tf.data.Dataset:
    """Elements whose tensors are `num` consecutive parts of each, the first rows first."""

    def parts(*element):
        element = element[0] if len(element) == 1 else element
        return tf.nest.map_structure(lambda x: tf.reshape(x, [num, x.shape[0] // num, *x.shape[1:]]), element)

    return dataset if num == 1 else dataset.map(parts).unbatch().prefetch(2 * num)
