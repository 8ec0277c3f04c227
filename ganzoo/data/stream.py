"""The training stream: endless batches that depend on nothing but (seed, images seen)."""

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf
from ganzoo.data.data_config import DataConfig
from ganzoo.data.store import Store


def stream(
    store: Store,
    batch_size: int,
    *,
    seed: int,
    start_image: int = 0,
    config: DataConfig | None = None,
    shard: tuple[int, int] = (0, 1),
) -> "tf.data.Dataset":
    """An endless `tf.data.Dataset` of `{"image", "label"}` batches.

    Image number `i` of the run is picture `i % len(store)` of the order of epoch `i // len(store)`,
    so every picture comes once in each `len(store)` images, in a new order each epoch; a batch may
    straddle the end of an epoch and is never partial. Augmentation is drawn for each image number.

    Args:
        store: the pictures, from `ganzoo.data.load`.
        batch_size: images of a global batch; has to divide evenly among the shards.
        seed: of the order and the augmentation.
        start_image: images of the run seen before; going there takes constant time.
        config: what to vary (`flip`, `random_crop`, `brightness`, ...); None varies nothing.
        shard: `(index, count)`: this stream gives the index-th of `count` equal parts of each
            global batch, `batch_size // count` rows.

    Returns:
        Elements `{"image": uint8 (rows, size, size, channels)}`, and `"label": int32 (rows,)` where
        the store has labels.

    Raises:
        UsageError: a batch that does not divide, a wrong shard.
        DataError: an empty store, or one too small for `random_crop`.
    """
    import numpy as np

    from ganzoo.data import order, variation

    config = config or DataConfig()
    index, count = shard
    if batch_size < 1 or count < 1 or batch_size % count or not 0 <= index < count:
        raise UsageError(
            f"a batch of {batch_size} cannot be shared as part {index} of {count}: use a multiple of {count}"
        )
    if len(store) == 0:
        raise DataError("the data set holds no picture: see its manifest for the reasons")
    images, labels, num = store.images, store.labels, len(store)
    size, rows_here = images.shape[1] - config.random_crop, batch_size // count
    if size < 1:
        raise DataError(
            f"pictures of {images.shape[1]} pixels cannot lose {config.random_crop} to data.random_crop"
        )

    def fetch(first):
        first = int(first) + index * rows_here
        rows = order.rows(num, seed, first, rows_here)
        image = variation.batch(images, rows, order.words(seed, first, rows_here), config)
        return [image] if labels is None else [image, np.asarray(labels[rows], np.int32)]

    def element(first):
        kinds = [tf.uint8] if labels is None else [tf.uint8, tf.int32]
        image, *label = tf.numpy_function(fetch, [first], kinds, stateful=False)
        batch = {"image": tf.ensure_shape(image, (rows_here, size, size, images.shape[3]))}
        if label:
            batch["label"] = tf.ensure_shape(label[0], (rows_here,))
        return batch

    dataset = tf.data.Dataset.counter(start_image, batch_size).map(element, num_parallel_calls=1)
    return dataset.prefetch(2).with_options(_options())


def _options() -> "tf.data.Options":
    options = tf.data.Options()
    options.deterministic = True
    options.autotune.enabled = False
    # One thread is many times faster than training needs; more would take cores from training.
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.experimental_distribute.auto_shard_policy = tf.data.experimental.AutoShardPolicy.OFF
    return options
