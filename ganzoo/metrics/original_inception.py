"""The original Inception network of FID, from the file that its authors published and the user has.

`classify_image_graph_def.pb`, out of inception-2015-12-05.tgz, is a frozen graph of TensorFlow 1: pictures in
[0, 255] enter at `ExpandDims`, the graph itself resizes them to 299 x 299, and the 2,048 features of
`pool_3` come out (Heusel et al. 2017, arXiv:1706.08500, and the code published with it). The file is not
part of this package, and nothing here was run with it: only with graphs of the same names and shapes.
"""

import hashlib
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf
from ganzoo.metrics.space import SPACES, FeatureSpace

ENTRY, FEATURES, NUM_FEATURES = "ExpandDims:0", "pool_3:0", 2048
FILE = "classify_image_graph_def.pb"


@SPACES.register("inception2015")
def inception2015(weights: str | Path | None = None) -> FeatureSpace:
    """The original Inception of 2015, 2,048 features, resized within its graph as FID was defined.

    Args:
        weights: the path of `classify_image_graph_def.pb`.

    Raises:
        UsageError: without the file. DataError: for another file.
    """
    if weights is None or not Path(weights).is_file():
        what = (
            "its weights are not part of this package" if weights is None else f"there is no file {weights}"
        )
        raise UsageError(
            f"the feature space inception2015: {what}; give the path of {FILE} (out of "
            "inception-2015-12-05.tgz): --feature_weights PATH, in Python weights=PATH"
        )
    content = Path(weights).read_bytes()
    try:
        graph = tf.compat.v1.GraphDef.FromString(content)
        names = {node.name for node in graph.node}
        for node in graph.node:
            node.attr.pop("_output_shapes", None)  # of one picture a batch
        missing = [name for name in (ENTRY, FEATURES) if name.partition(":")[0] not in names]
        if missing:
            raise ValueError(f"it has no {missing[0].partition(':')[0]}")
        features = tf.compat.v1.wrap_function(
            lambda images: _features(graph, images), [tf.TensorSpec((None, None, None, 3), tf.float32)]
        )
        features(tf.zeros((2, 8, 8, 3)))
    except Exception as problem:  # of protobuf, of an operation, of shapes: whatever is in the file
        reason = (str(problem).splitlines() or [type(problem).__name__])[0]
        raise DataError(f"{weights} is not {FILE} ({reason})") from problem
    return FeatureSpace(
        name="inception2015",
        function=features,
        checksum=hashlib.sha256(content).hexdigest()[:16],
        size=None,
        resize_within="bilinear, as TensorFlow 1 did, to 299x299 within the graph",
        batch_size=50,
    )


def _features(graph, images):
    """The features `(batch, 2048)`; the graph was made for one picture, so its batch is put in place."""
    (found,) = tf.graph_util.import_graph_def(graph, {ENTRY: images}, [FEATURES], name="inception2015")
    return tf.reshape(found, (tf.shape(images)[0], NUM_FEATURES))
