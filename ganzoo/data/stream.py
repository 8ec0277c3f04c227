"""The training stream: endless batches that depend on nothing but (seed, images seen)."""

import zlib

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf
from ganzoo.data.data_config import DataConfig
from ganzoo.data.store import Sides, Store
from ganzoo.kinds import LabelMap, Picture


def stream(
    store: Store | Sides,
    batch_size: int,
    *,
    seed: int,
    start_image: int = 0,
    config: DataConfig | None = None,
    shard: tuple[int, int] = (0, 1),
) -> "tf.data.Dataset":
    """An endless `tf.data.Dataset` of batches of a store's columns, e.g. `{"image", "label"}`.

    Image number `i` of the run is picture `i % len(store)` of the order of epoch `i // len(store)`,
    so every picture comes once in each `len(store)` images, in a new order each epoch; a batch may
    straddle the end of an epoch and is never partial. Augmentation is drawn for each image number, alike
    for all columns of an example: pictures and label maps share place and mirror. Of several values an
    example, such as captions, each epoch draws one. Sides that do not belong together (`Sides`) have each
    an order, an epoch and draws of their own.

    Args:
        store: the examples, from `ganzoo.data.load`.
        batch_size: images of a global batch; has to divide evenly among the shards.
        seed: of the order and the augmentation.
        start_image: images of the run seen before; going there takes constant time.
        config: what to vary (`flip`, `random_crop`, `brightness`, ...); None varies nothing.
        shard: `(index, count)`: this stream gives the index-th of `count` equal parts of each
            global batch, `batch_size // count` rows.

    Returns:
        Elements such as `{"image": uint8 (rows, size, size, channels), "label": int32 (rows,)}`.

    Raises:
        UsageError: a batch that does not divide, a wrong shard.
        DataError: an empty store, or one too small for `random_crop`.
    """
    from ganzoo.data import order

    config = config or DataConfig()
    index, count = shard
    if batch_size < 1 or count < 1 or batch_size % count or not 0 <= index < count:
        raise UsageError(
            f"a batch of {batch_size} cannot be shared as part {index} of {count}: use a multiple of {count}"
        )
    rows_here, signature, parts = batch_size // count, {}, []
    for side, part in store.stores.items() if isinstance(store, Sides) else [("", store)]:
        if len(part) == 0:
            raise DataError("the data set holds no picture: see its manifest for the reasons")
        own_seed = zlib.crc32(f"{seed}/{side}".encode()) if side else seed
        parts.append((part, own_seed))
        for name, shape, dtype in _taken(part, config):
            signature[name] = tf.TensorSpec((rows_here, *shape), dtype)

    def fetch(first):
        first, found = int(first) + index * rows_here, {}
        for part, own_seed in parts:
            rows = order.rows(len(part), own_seed, first, rows_here)
            words = order.words(own_seed, first, rows_here)
            found |= {name: taken(part, name, rows, words, config) for name in part.columns}
        return [found[name] for name in signature]

    def element(first):
        dtypes = [spec.dtype for spec in signature.values()]
        values = tf.numpy_function(fetch, [first], dtypes, stateful=False)
        return {
            name: tf.ensure_shape(value, spec.shape)
            for (name, spec), value in zip(signature.items(), values, strict=True)
        }

    dataset = tf.data.Dataset.counter(start_image, batch_size).map(element, num_parallel_calls=1)
    return dataset.prefetch(2).with_options(_options())


def taken(store: Store, name: str, rows, words, config: DataConfig):
    """The values of a column in some rows, as training sees them: varied, chosen among several.

    Args:
        store: the examples.
        name: the column.
        rows: int64 `(num,)`.
        words: uint64 `(num, WORDS)`, see `ganzoo.data.order`: the same for all columns of an example.
        config: what to vary.
    """
    import numpy as np

    from ganzoo.data import variation

    column, kind = store.columns[name], store.kinds[name]
    if isinstance(kind, Picture):
        return variation.batch(column, rows, words, config)
    if isinstance(kind, LabelMap):
        return variation.cut(column[..., None], rows, words, config)[..., 0]
    values = np.asarray(column[rows], kind.stored)
    if values.ndim == 2 + len(kind.stored_shape):  # several an example
        values = values[np.arange(len(rows)), (words[:, 6] % np.uint64(values.shape[1])).astype(np.int64)]
    return values


def _taken(store: Store, config: DataConfig):
    """Name, shape and type of an example of each column as the stream gives it."""
    for name, kind in store.kinds.items():
        shape = kind.stored_shape
        if isinstance(kind, Picture | LabelMap):
            height, width, *rest = store.columns[name].shape[1:]
            if min(height, width) <= config.random_crop:
                raise DataError(
                    f"pictures of {height} pixels cannot lose {config.random_crop} to data.random_crop"
                )
            shape = (height - config.random_crop, width - config.random_crop, *rest)
        yield name, shape, kind.stored


def _options() -> "tf.data.Options":
    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False
    # One thread is many times faster than training needs; more would take cores from training.
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
