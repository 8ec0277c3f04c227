"""From any `tf.data` set to the batches that the training step wants."""

import functools

import tensorflow as tf

from ganzoo.base.errors import DataError, UsageError
from ganzoo.kinds.picture import Picture
from ganzoo.step.pixel_range import in_one_range


def as_batch(element) -> dict:
    """A batch as a dict: images alone, `(image, label)` and dicts are understood.

    Raises UsageError for a third thing, which would be sample weights.
    """
    if isinstance(element, dict):
        return element
    if isinstance(element, list | tuple):
        if len(element) > 2 and any(part is not None for part in element[2:]):
            raise UsageError(
                f"the data has {len(element)} parts, but a batch is images, (image, label) or a dict; sample "
                "weights are not used: pictures weigh alike in a GAN"
            )
        return {name: x for name, x in zip(("image", "label"), element, strict=False) if x is not None}
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
    dataset: tf.data.Dataset,
    family,
    d_steps: int = 1,
    num_replicas: int = 1,
    first: dict | None = None,
) -> tf.data.Dataset:
    """The elements of `dataset` as `train_step` wants them: dicts, `d_steps` of them a step.

    Args:
        dataset: batches of images, `(image, label)` pairs or dicts.
        family: what they have to fit.
        d_steps: batches that a step takes.
        num_replicas: what a batch has to divide by; a last, partial one is cut to it.
        first: its first batch, where that is known; else it is looked at in `dataset` if need be.

    Raises:
        DataError: if keys, shapes or types do not fit `family.batch_spec`.
    """
    dataset = dataset.map(as_is(lambda *element: as_batch(element[0] if len(element) == 1 else element)))
    for key in family.columns:
        if key not in dataset.element_spec:
            raise DataError(
                f"the data has no {key!r}, which this model trains on, only {list(dataset.element_spec)}; "
                + ("give (image, label) pairs" if key == "label" else "name it so in a dict")
            )
    dataset = of_known_rank(dataset)
    for key, kind in family.columns.items():
        dataset = dataset.map(functools.partial(_shaped, key, kind.shape))
        if dataset.element_spec[key].shape[1:] != kind.stored_shape:
            check_shape(key, dataset.element_spec[key].shape, kind.shape)
    for key, kind in family.columns.items():
        if isinstance(kind, Picture):
            dataset = in_one_range(dataset, key, first)
    dataset = even(dataset.map(as_is(family.check_batch)), num_replicas)
    return dataset if d_steps == 1 else together(dataset, d_steps)


# Of a function that is traced: its own errors reach the user as they are raised.
as_is = tf.autograph.experimental.do_not_convert


def of_known_rank(dataset: tf.data.Dataset) -> tf.data.Dataset:
    """The same set with shapes out of its first batch where it tells none, as a generator's may not."""
    if all(spec.shape.rank is not None for spec in dataset.element_spec.values()):
        return dataset
    first = next(iter(dataset.take(1)), None)
    if first is None:
        raise DataError("the data has no batch at all")
    shapes = {name: [None, *value.shape[1:]] if value.shape.rank else [] for name, value in first.items()}
    return dataset.map(lambda batch: {name: tf.ensure_shape(v, shapes[name]) for name, v in batch.items()})


def _shaped(key: str, shape: tuple[int, ...], batch: dict) -> dict:
    """A batch whose grey pictures have a channel, and whose labels have no axis of length 1."""
    value = batch[key]
    if len(shape) == 3 and shape[2] == 1 and value.shape.rank == 3 and tuple(value.shape)[1:] == shape[:2]:
        return {**batch, key: value[..., None]}
    if shape == () and value.shape.rank == 2 and value.shape[1] == 1:
        return {**batch, key: value[:, 0]}
    return batch


def check_shape(key: str, there: tf.TensorShape, shape: tuple[int, ...]) -> None:
    """Raises DataError, with the cure, unless batches of shape `there` hold examples of `shape`."""
    if there.rank == len(shape) + 1 and there[1:].is_compatible_with(shape):
        return
    sizes = tuple(there)
    said = f"the data's {key!r} has batches of shape {sizes}, but the model wants {('batch', *shape)}; "
    if sizes == tuple(shape):
        said = f"the data's {key!r} has the shape {sizes} of one example; "
        cure = "make batches of it: dataset.batch(32)"
    elif shape == () and there.rank == 2:
        cure = "if these labels are one-hot, make numbers of them: .map(lambda x, y: (x, tf.argmax(y, -1)))"
    elif len(shape) == 3 and sizes[1:] == (shape[2], *shape[:2]):
        cure = "these have their channels first: .map(lambda x: tf.transpose(x, [0, 2, 3, 1]))"
    elif len(shape) == 3 and there.rank == 3:
        cure = "add the axis of channels: .map(lambda x: x[..., None])"
    elif len(shape) == 3 and there.rank == 4 and sizes[3] != shape[2]:
        cure = f"the number of channels differs: build the model with channels={sizes[3]}"
    else:
        cure = "resize the data or build the model for its size"
    raise DataError(said + cure)


def even(dataset: tf.data.Dataset, num_replicas: int) -> tf.data.Dataset:
    """Batches that `num_replicas` share evenly: a last, partial one loses the pictures left over.

    One with fewer pictures than replicas repeats some, so that none is left without. (Leaving
    the batch out instead would hide from Keras how many batches there are.)
    """

    def cut(batch):
        rows = tf.shape(next(iter(batch.values())))[0]
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
