"""A small classifier trained on the labelled data itself: a feature space and a counter of modes.

Trained once per data set: it is kept in the cache folder under a fingerprint of pictures,
labels and recipe, so that a score never depends on which run asked for it first.
"""

import hashlib
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.base.lazy import keras, tf
from ganzoo.disk import locks
from ganzoo.disk.cache import cache_folder, make_usable
from ganzoo.disk.files import replacing
from ganzoo.metrics.extract import compile_space, extract
from ganzoo.metrics.groups import grouped_order
from ganzoo.metrics.images import check_images, need
from ganzoo.metrics.space import SPACES, FeatureSpace, checksum, weights_checksum

RECIPE = "2"  # part of the fingerprint: raised when architecture or training change
WIDTH, BATCH = 32, 64


@dataclass(frozen=True)
class Classifier:
    """A trained classifier: the network, its number of classes, and its accuracy on pictures it never saw."""

    model: Any  # float32 (batch, size, size, channels) in [0, 255] -> (logits, features)
    num_classes: int
    accuracy: float
    checksum: str
    size: int
    channels: int

    def predict(self, images: np.ndarray) -> np.ndarray:
        """The labels `(num,)` of uint8 images `(num, height, width, channels)`."""
        space = self._space(lambda x: self.model(x, training=False)[0])
        return extract(images, space).argmax(axis=1)

    def predict_stacked(self, images: np.ndarray) -> np.ndarray:
        """The digits `(num, channels)` of every colour channel on its own, as StackedMNIST asks."""
        images = check_images(images)
        return np.stack([self.predict(images[..., at : at + 1]) for at in range(images.shape[-1])], axis=1)

    def space(self) -> FeatureSpace:
        """The features before its last layer as a feature space."""
        return self._space(lambda x: self.model(x, training=False)[1])

    def _space(self, function) -> FeatureSpace:
        return FeatureSpace("classifier", function, self.checksum, self.size, self.channels, batch_size=256)


def train_classifier(
    images: np.ndarray,
    labels: np.ndarray,
    *,
    steps: int = 600,
    seed: int = 0,
    groups: np.ndarray | None = None,
    cache_dir: str | Path | None = None,
) -> Classifier:
    """A classifier of uint8 images `(num, height, width, channels)` with integer labels `(num,)` from 0.

    Strided convolutions, `steps` of 64 pictures with Adam; a tenth of the pictures (at most 2,000) is kept
    aside to measure its `accuracy`, which bounds what counting modes with it can mean. `groups` `(num,)`:
    pictures of one group, cut from one painting, are kept aside together. Cached by content.
    Raises DataError for labels that do not fit, UsageError for fewer than 20 pictures.
    """
    images, labels = check_images(images, "labelled pictures"), np.asarray(labels)
    need(len(images), 20, "a classifier", "labelled pictures")
    if labels.shape != (len(images),) or labels.min() < 0 or not np.issubdtype(labels.dtype, np.integer):
        raise DataError(
            f"labels are {labels.dtype} {labels.shape} for {len(images)} pictures; expected integers from 0, "
            "one each"
        )
    labels, num_classes = labels.astype(np.int64), int(labels.max()) + 1
    asides = [] if groups is None else [np.asarray(groups)]
    print_of_it = hashlib.sha256(f"{RECIPE} {steps} {seed} {checksum(images, labels, *asides)}".encode())
    print_of_it = print_of_it.hexdigest()[:16]
    path = cache_folder(cache_dir) / "classifiers" / f"{print_of_it}.npz"
    size = min(64, max(images.shape[1:3]))
    model = build(size, images.shape[-1], num_classes, seed)
    order, cut = grouped_order(len(images), min(2000, max(len(images) // 10, 1)), groups, seed)
    aside, rest = np.split(order, [cut])
    weights = _stored(path)
    if weights is None:
        make_usable(path.parent)
        # Runs that a comparison starts together ask at once: one trains it, all judge by the same weights.
        with locks.locked(path.with_suffix(".lock"), wait=True):
            weights = _stored(path)
            if weights is None:
                fit(model, images, labels, rest, size, steps, seed)
                save(model, path)
                weights = _stored(path)
    model.set_weights(weights)
    digest = weights_checksum(model)
    found = Classifier(model, num_classes, float("nan"), digest, size, images.shape[-1])
    accuracy = float((found.predict(images[aside]) == labels[aside]).mean())
    return Classifier(model, num_classes, accuracy, digest, size, images.shape[-1])


def _stored(path: Path) -> list[np.ndarray] | None:
    """The weights that `save` wrote; None if there are none, or damaged ones (a zip knows its checksums)."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as stored:
            return [stored[name] for name in stored.files]
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile, zlib.error):
        return None


def build(size: int, channels: int, num_classes: int, seed: int):
    """Three convolutions of stride 2, their average, 128 features, the logits."""
    layers = keras.layers
    kernel = (keras.initializers.HeNormal(seed=seed * 100 + at) for at in range(100))
    x = given = layers.Input((size, size, channels))
    x = layers.Rescaling(1 / 127.5, offset=-1)(x)
    for width in (WIDTH, 2 * WIDTH, 4 * WIDTH):
        x = layers.Conv2D(width, 5, 2, "same", activation="relu", kernel_initializer=next(kernel))(x)
    x = layers.AveragePooling2D(2, padding="same")(x)
    features = layers.Dense(128, activation="relu", kernel_initializer=next(kernel))(layers.Flatten()(x))
    return keras.Model(
        given, [layers.Dense(num_classes, kernel_initializer=next(kernel))(features), features]
    )


def fit(model, images, labels, rows, size: int, steps: int, seed: int) -> None:
    """Trains `model` on the pictures `rows`: batches are drawn by `seed`, the rate falls to 0 as a cosine."""
    optimizer = keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps))
    optimizer.build(model.trainable_variables)
    channels = images.shape[-1]
    as_is = FeatureSpace("resized", lambda x: x, "", size, channels, batch_size=BATCH)
    resize = compile_space(as_is, images.shape[1:])

    @tf.function
    def step(pictures, targets):
        with tf.GradientTape() as tape:
            logits = model(pictures, training=True)[0]
            loss = tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(targets, logits))
        optimizer.apply_gradients(
            zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables, strict=True)
        )

    draw = np.random.default_rng([seed, 2])
    for _ in range(steps):
        chosen = rows[draw.integers(0, len(rows), BATCH)]
        pictures = tf.reshape(resize(images[chosen]), (BATCH, size, size, channels))
        step(pictures, tf.constant(labels[chosen]))


def save(model, path: Path) -> None:
    """Writes the weights so that another process never reads half a file."""
    with replacing(path) as file:
        np.savez(file, *model.get_weights())


@SPACES.register("classifier")
def classifier(
    images: np.ndarray | None = None, labels: np.ndarray | None = None, **arguments: Any
) -> FeatureSpace:
    """Features of a small classifier trained on the data's own labels (128); see `train_classifier`."""
    if images is None or labels is None:
        raise DataError("the feature space classifier needs labelled data: give images=... and labels=...")
    return train_classifier(images, labels, **arguments).space()
