"""From whatever `gan.fit` is given (arrays, generators, Keras data sets) to one `tf.data` set of batches."""

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import DataError, UsageError
from ganzoo.step.batches import as_batch

BATCH_SIZE = 32  # Keras's own default for arrays


@dataclass(frozen=True)
class FitData:
    """A `tf.data` set of batches, and its first batch where that is known: a generator yields it once."""

    dataset: tf.data.Dataset
    first: dict | None = None


def as_dataset(x, y=None, batch_size: int | None = None, shuffle: bool = True, seed: int = 0) -> FitData:
    """A `tf.data` set of batches as dicts, from what Keras's `fit` takes.

    Args:
        x: a `tf.data` set of batches; arrays or tensors of all examples, alone or in a dict; a
            `keras.utils.PyDataset`; a generator or any other iterable of batches.
        y: of arrays, their labels.
        batch_size: of arrays, examples per batch (32).
        shuffle: of arrays, whether their order is drawn anew in each epoch.
        seed: of that order.

    Raises:
        UsageError: for anything else. DataError: for arrays of different lengths, or no batch at all.
    """
    if isinstance(x, tf.data.Dataset | keras.utils.PyDataset) or is_stream(x):
        for name, value in (("y", y), ("batch_size", batch_size)):
            if value is not None:
                raise UsageError(f"{name} goes with arrays; this data comes in batches of its own")
    if isinstance(x, tf.data.Dataset):
        return FitData(x)
    if isinstance(x, keras.utils.PyDataset):
        return from_sequence(x)
    if is_stream(x):
        return from_stream(x)
    if x is None or isinstance(x, list | str | bytes):
        raise UsageError(
            f"fit was given a {type(x).__name__}; give a tf.data set of batches, one array of all pictures "
            "(num, height, width, channels), or a dict of arrays"
        )
    return from_arrays(as_batch(x if y is None else (x, y)), batch_size, shuffle, seed)


def is_stream(x) -> bool:
    """Whether `x` yields batches: a generator, an iterator, a loader of another library."""
    plain = isinstance(x, np.ndarray | tf.Tensor | dict | list | tuple | str | bytes)
    return isinstance(x, Iterable) and not plain and not hasattr(x, "__array__")


def from_arrays(columns: dict, batch_size: int | None, shuffle: bool, seed: int) -> FitData:
    """Batches of the rows of arrays by name, every epoch in a new order."""
    batch_size = BATCH_SIZE if batch_size is None else batch_size
    if batch_size < 1:
        raise UsageError(f"batch_size is {batch_size}, but must be at least 1")
    columns = {name: tf.convert_to_tensor(values) for name, values in columns.items()}
    lengths = {name: values.shape[0] if values.shape.rank else 0 for name, values in columns.items()}
    if len(set(lengths.values())) != 1 or not min(lengths.values()):
        raise DataError(
            f"the arrays have {', '.join(f'{num} of {name!r}' for name, num in lengths.items())}; "
            "give equally many of each, at least one"
        )
    rows = tf.data.Dataset.range(min(lengths.values()))
    if shuffle:
        rows = rows.shuffle(min(lengths.values()), seed=seed)
    # Rows are gathered here: as constants of a graph, arrays of 2 GB and more do not fit.
    return FitData(rows.batch(batch_size).map(lambda at: {n: tf.gather(v, at) for n, v in columns.items()}))


def from_sequence(sequence: keras.utils.PyDataset) -> FitData:
    """The batches of a Keras data set, which draws a new order for itself after each epoch."""
    num = sequence.num_batches

    def batches():
        for i in itertools.count() if num is None else range(num):
            yield arrays_of(sequence[i])
        sequence.on_epoch_end()

    return of_signature(batches, arrays_of(sequence[0]), num)


def from_stream(stream: Iterable) -> FitData:
    """The batches that an iterable yields; one that can be begun again is begun again in each epoch."""
    iterator = iter(stream)
    first = next(iterator, None)
    if first is None:
        raise DataError("the data has no batch at all")
    if iterator is stream:  # a generator: it is used up once, its first batch included
        rest = itertools.chain([first], stream)
        return of_signature(lambda: map(arrays_of, rest), arrays_of(first), None)
    return of_signature(lambda: map(arrays_of, stream), arrays_of(first), None)


def arrays_of(element) -> dict[str, np.ndarray]:
    """A batch out of Python, as arrays by name."""
    return {name: np.asarray(value) for name, value in as_batch(element).items()}


def of_signature(batches, first: dict[str, np.ndarray], num: int | None) -> FitData:
    """A set of batches that look like `first` but may differ in their number of rows."""
    signature = {name: tf.TensorSpec((None, *v.shape[1:]), v.dtype) for name, v in first.items()}
    dataset = tf.data.Dataset.from_generator(batches, output_signature=signature)
    if num is not None:
        dataset = dataset.apply(tf.data.experimental.assert_cardinality(num))
    return FitData(dataset, first)
