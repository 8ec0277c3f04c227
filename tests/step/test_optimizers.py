"""The fused Adam against Keras's own."""

import subprocess
import sys

import keras
import numpy as np
import tensorflow as tf

from ganzoo.step.optimizers import Adam
from tests.conftest import ROOT

SHAPES = [(3, 4), (5,), ()]


def trained(kind, strategy=None, steps=20):
    """Weights and slots after some steps on fixed gradients, shared by the replicas of `strategy`."""
    rng = np.random.default_rng(0)
    starts = [rng.normal(size=shape).astype(np.float32) for shape in SHAPES]
    gradients = [[rng.normal(size=shape).astype(np.float32) for shape in SHAPES] for _ in range(steps)]
    strategy = strategy or tf.distribute.get_strategy()
    with strategy.scope():
        variables = [keras.Variable(start) for start in starts]
        optimizer = kind(0.01, 0.5, 0.99, 1e-8)
        optimizer.build(variables)

    @tf.function
    def step(*values):
        def replica():
            count = tf.distribute.get_replica_context().num_replicas_in_sync
            optimizer.apply([value / count for value in values], variables)

        strategy.run(replica)

    for values in gradients:
        step(*map(tf.constant, values))
    return [v.numpy() for v in (*variables, *optimizer.variables)]


def test_fused_adam_equals_kerass():
    for ours, theirs in zip(trained(Adam), trained(keras.optimizers.Adam), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_fused_adam_equals_kerass_on_two_replicas():
    done = subprocess.run(
        [sys.executable, "-m", "tests.step.test_optimizers"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


if __name__ == "__main__":  # in a process of its own: devices are split before TensorFlow starts
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    mirrored = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"], tf.distribute.ReductionToOneDevice())
    for ours, theirs in zip(trained(Adam, mirrored), trained(keras.optimizers.Adam), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)
