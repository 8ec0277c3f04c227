"""The measures that fit Keras' metric interface: features in, batch by batch, one number out.

    metric = FrechetDistance(dim=1280)
    metric.update_state(real_features, fake_features)
    metric.result()

Importing this file imports Keras; `ganzoo.metrics.FrechetDistance` does so at first use.
"""

from ganzoo.base.lazy import keras, tf


class FrechetDistance(keras.metrics.Metric):
    """Frechet distance between all real and all fake features seen so far; lower is better, 0 or more.

    As `ganzoo.metrics.frechet_distance` (Heusel et al. 2017), in float64 inside; features
    `(batch, dim)` on either side, the batches need not be equal.
    """

    def __init__(self, dim: int, name: str = "frechet_distance", **kwargs):
        super().__init__(name=name, **kwargs)
        self.dim = dim
        # Keras keeps metrics in its float type; sums of squares of many batches need float64.
        self._sums = [
            [
                self.add_variable(shape, "zeros", dtype="float64", name=f"{side}_{part}")
                for part, shape in (
                    ("count", ()),
                    ("total", (dim,)),
                    ("scatter", (dim, dim)),
                    ("origin", (dim,)),
                )
            ]
            for side in ("real", "fake")
        ]

    def update_state(self, real, fake, sample_weight=None):
        if sample_weight is not None:
            raise ValueError("FrechetDistance takes no sample weights")
        for features, (count, total, scatter, origin) in zip((real, fake), self._sums, strict=True):
            features = tf.cast(features, tf.float64)
            # Around the first batch's mean, as Moments does.
            origin.assign(
                tf.where(tf.equal(count, 0), tf.reduce_mean(features, 0), tf.convert_to_tensor(origin))
            )
            shifted = features - origin
            count.assign_add(tf.cast(tf.shape(features)[0], tf.float64))
            total.assign_add(tf.reduce_sum(shifted, 0))
            scatter.assign_add(tf.matmul(shifted, shifted, transpose_a=True))

    def result(self):
        means, factors, traces = [], [], []
        for count, total, scatter, origin in self._sums:
            means.append(origin + total / count)
            spread = total[:, None] * total[None, :]
            values, vectors = tf.linalg.eigh((scatter - spread / count) / (count - 1))
            values = tf.where(values > values[-1] * self.dim * 2.3e-16, values, 0)  # the rest is rounding
            factors.append(vectors * tf.sqrt(values))
            traces.append(tf.reduce_sum(values))
        overlap = tf.linalg.svd(tf.matmul(factors[0], factors[1], transpose_a=True), compute_uv=False)
        distance = tf.reduce_sum((means[0] - means[1]) ** 2) + sum(traces) - 2 * tf.reduce_sum(overlap)
        return tf.maximum(distance, 0)

    def get_config(self):
        return {**super().get_config(), "dim": self.dim}


class KernelDistance(keras.metrics.Metric):
    """KID: the mean over batches of the unbiased squared MMD (Binkowski et al. 2018); 0 at best.

    Features `(batch, dim)`, equal batches of at least 2 on both sides; every batch is a block of its own, so
    that the mean over batches stays unbiased. Samples of a batch have to be independent of each other: where
    pictures are cut from one painting, one of each.
    """

    def __init__(self, name: str = "kernel_distance", **kwargs):
        super().__init__(name=name, **kwargs)
        self._total = self.add_variable((), "zeros", dtype="float64", name="total")
        self._blocks = self.add_variable((), "zeros", dtype="float64", name="blocks")

    def update_state(self, real, fake, sample_weight=None):
        if sample_weight is not None:
            raise ValueError("KernelDistance takes no sample weights")
        real, fake = tf.cast(real, tf.float64), tf.cast(fake, tf.float64)

        def kernel(a, b):
            return (tf.matmul(a, b, transpose_b=True) / tf.cast(tf.shape(a)[1], tf.float64) + 1) ** 3

        def within(features):
            count, values = tf.cast(tf.shape(features)[0], tf.float64), kernel(features, features)
            return (tf.reduce_sum(values) - tf.linalg.trace(values)) / (count * (count - 1))

        self._total.assign_add(within(real) + within(fake) - 2 * tf.reduce_mean(kernel(real, fake)))
        self._blocks.assign_add(1)

    def result(self):
        return tf.math.divide_no_nan(tf.convert_to_tensor(self._total), tf.convert_to_tensor(self._blocks))
