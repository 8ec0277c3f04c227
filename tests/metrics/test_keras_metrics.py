"""The Keras metrics give what the functions give, batch by batch and inside a tf.function."""

import numpy as np
import pytest

from ganzoo.base.lazy import tf
from ganzoo.metrics import FrechetDistance, KernelDistance, frechet_distance
from ganzoo.metrics.kernel import polynomial_mmd


def features(num, seed, rank=6):
    draw = np.random.default_rng(seed)
    mix = np.random.default_rng(9).normal(size=(rank, 8))
    return (draw.normal(size=(num, rank)) @ mix + seed).astype(np.float32)


@pytest.mark.parametrize("rank", [4, 8])
def test_frechet_distance_in_batches(rank):
    real, fake, metric = features(120, 1, rank), features(90, 2, rank), FrechetDistance(dim=8)
    update = tf.function(metric.update_state)
    for ours, theirs in zip(np.split(real, 3), np.split(fake, 3), strict=True):
        update(tf.constant(ours), tf.constant(theirs))
    assert float(metric.result()) == pytest.approx(frechet_distance(real, fake), rel=1e-6)
    metric.reset_state()
    metric.update_state(real, real[::-1])
    assert float(metric.result()) < 1e-6
    assert FrechetDistance.from_config(metric.get_config()).dim == 8


def test_kernel_distance_is_the_mean_over_batches():
    real, fake, metric = features(60, 1), features(60, 2), KernelDistance()
    for ours, theirs in zip(np.split(real, 3), np.split(fake, 3), strict=True):
        metric.update_state(ours, theirs)
    expected = np.mean(
        [polynomial_mmd(*pair) for pair in zip(np.split(real, 3), np.split(fake, 3), strict=True)]
    )
    assert float(metric.result()) == pytest.approx(expected, rel=1e-6)
