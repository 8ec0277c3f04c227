"""Mixed precision: inside the networks only, without a trace in the rest of the process."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import resolve
from ganzoo.nn.layers import BatchNormalization
from ganzoo.step.keras_private import layers_of
from ganzoo.step.precision import BFLOAT16, FLOAT16, FLOAT32, PRECISIONS, policy
from ganzoo.training.loop import train
from tests import processes

TINY = {"image_size": 16, "width": 4, "latent_dim": 8}
IMAGES = np.random.default_rng(0).integers(0, 256, (32, 16, 16, 3), np.uint8)


def trained(precision: str, **arguments):
    gan = ganzoo.build("dcgan", seed=1, precision=precision, **TINY, **arguments)
    data = tf.data.Dataset.from_tensor_slices(IMAGES).batch(8)
    return gan, gan.fit(data, epochs=2, verbose=0).history


@pytest.mark.parametrize("precision", PRECISIONS)
def test_networks_calculate_in_it_and_everything_else_in_float32(precision):
    gan, history = trained(precision)
    assert keras.config.dtype_policy().name == "float32"
    convolutions = [
        layer
        for network in (gan.generator, gan.discriminator)
        for layer in layers_of(network)
        if isinstance(layer, keras.layers.Conv2D | keras.layers.Conv2DTranspose)
    ]
    inner = precision.removeprefix("mixed_")
    assert convolutions and {layer.compute_dtype for layer in convolutions} == {inner}
    pictures = gan.generator(np.zeros((2, 8), np.float32), training=True)
    assert pictures.dtype == gan.discriminator(pictures).dtype == tf.float32
    floats = {str(v.dtype) for name, v in gan.state().items() if "progress" not in name}
    assert floats - {"int32", "int64", "uint32"} == {"float32"}
    assert all(np.isfinite(values).all() for values in history.values())
    assert {layer.compute_dtype for layer in layers_of(gan.ema_generator)} == {"float32"}  # sampled exactly


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT16])
def test_the_first_steps_follow_float32(precision):
    (_, exact), (_, mixed) = trained(FLOAT32), trained(precision)
    for name, values in exact.items():
        tolerance = 0.15 if name.endswith("gradient") else 0.1
        np.testing.assert_allclose(mixed[name], values, atol=tolerance, err_msg=name)


def test_float16_has_a_loss_scale_on_both_players_and_keeps_the_gradient_norm():
    exact, half = trained(FLOAT32)[1], trained(FLOAT16)
    for optimizer in (half[0].g_optimizer, half[0].d_optimizer):
        assert isinstance(optimizer, keras.optimizers.LossScaleOptimizer)
    # Norms are of the true gradient, not of the one that the scale of 32,768 has blown up.
    np.testing.assert_allclose(half[1]["d_gradient"], exact["d_gradient"], rtol=0.1)
    assert not isinstance(trained(BFLOAT16)[0].g_optimizer, keras.optimizers.LossScaleOptimizer)


def test_a_gradient_penalty_is_float32_and_finite():
    history = trained(BFLOAT16, norm="none", loss="wasserstein", penalties=["gradient_penalty"])[1]
    assert np.isfinite(history["d_penalty"]).all() and history["d_penalty"][-1] > 0


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT16])
def test_batch_normalisation_by_the_fused_kernel(precision):
    x = np.random.default_rng(0).normal(1.0, 2.0, (8, 4, 4, 3)).astype(np.float32)
    with policy(precision):
        ours, keras_own = BatchNormalization(), keras.layers.BatchNormalization()
    one, two = ours(x, training=True), keras_own(x, training=True)
    assert one.dtype == precision.removeprefix("mixed_")
    np.testing.assert_allclose(np.asarray(one, np.float32), np.asarray(two, np.float32), atol=0.03)
    np.testing.assert_allclose(ours.moving_mean.numpy(), keras_own.moving_mean.numpy(), atol=1e-3)
    assert ours.gamma.dtype == "float32"


@pytest.mark.parametrize("precision", [BFLOAT16, FLOAT16])
def test_a_run_goes_on_exactly_and_loads_as_it_was(precision, tmp_path):
    data = {"source": str(processes.write_pictures(tmp_path / "pictures.npz"))}

    def config(images):
        table = {"images": images, "batch_size": 8, "precision": precision}
        return resolve({"model": {"name": "dcgan", **TINY}, "train": table, "data": data})

    train(config(80), tmp_path / "run")
    train(config(160), tmp_path / "run")
    train(config(160), tmp_path / "straight")
    processes.assert_identical(tmp_path / "run", tmp_path / "straight")
    assert ganzoo.load(tmp_path / "run").precision == precision


def test_an_unknown_precision_and_a_failed_build_leave_no_policy_behind():
    with pytest.raises(UsageError, match="did you mean 'mixed_bfloat16'"):
        ganzoo.build("dcgan", precision="mixed_bfloat", **TINY)
    with pytest.raises(ZeroDivisionError), policy(BFLOAT16):
        1 / 0  # noqa: B018
    assert keras.config.dtype_policy().name == "float32"
