"""The step under families that need more of it than those of the zoo, see step_families.py."""

import re
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.gan import GAN
from ganzoo.objective import Objective
from ganzoo.step.draws import Draws
from ganzoo.training.checkpoints import restore, values
from tests.step.step_families import EVERY

every = pytest.mark.parametrize("name", EVERY)


def data_of(family, num: int = 24, batch: int = 8):
    rng = np.random.default_rng(0)
    columns = {k: rng.uniform(-1, 1, (num, *s)).astype(np.float32) for k, s in family.batch_spec.items()}
    return tf.data.Dataset.from_tensor_slices(columns).batch(batch).repeat()


def made(name, precision="float32", **changes):
    gan = GAN(EVERY[name](), seed=1, precision=precision)
    gan.compile(changes.pop("objective", None), *changes.pop("optimizers", ()))
    return gan


def run(gan, steps: int, skip: int = 0):
    execute, batches = gan.make_train_function(), iter(gan.prepared(data_of(gan.family).skip(skip)))
    for _ in range(steps):
        logs = execute(batches)
    return {key: float(value) for key, value in logs.items()}


@every
def test_every_network_learns_and_every_reading_is_finite(name):
    gan = made(name)
    before = {key: [v.numpy() for v in net.trainable_variables] for key, net in gan.networks.items()}
    logs = run(gan, 3)
    assert all(np.isfinite(value) for value in logs.values())
    assert set(gan.objective.terms_asked(gan.family)) <= set(logs)
    assert ("d_loss" in logs) == bool(gan.discriminators)
    for key, network in gan.networks.items():
        pairs = zip(before[key], network.trainable_variables, strict=True)
        assert all(np.any(old != new.numpy()) for old, new in pairs), key


@every
def test_a_step_goes_on_from_a_state_to_the_same_bits(name):
    whole, first, second = made(name), made(name), made(name)
    run(whole, 3)
    run(first, 2)
    restore(second.state(), values(first.state()))
    run(second, 1, skip=2)
    for (key, ours), theirs in zip(whole.state().items(), second.state().values(), strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=key)
    assert all(np.any(buffer.numpy()) for buffer in whole.buffers.values())


@every
@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_it_trains_in_mixed_precision(name, precision):
    gan = made(name, precision)
    # Kernels: of logits that are only compared with each other, a bias has no gradient.
    kernels = [v for v in gan.g_variables + gan.d_variables if len(v.shape) > 1]
    before = [v.numpy() for v in kernels]
    logs = run(gan, 4)
    assert all(np.isfinite(value) for value in logs.values())
    after = [v.numpy() for v in kernels]
    assert all(np.isfinite(v).all() for v in after)
    assert all(np.any(a != b) for a, b in zip(before, after, strict=True))


@every
def test_two_discriminator_updates_use_fresh_draws(name):
    gan = made(name, objective=replace(EVERY[name].objective, d_steps=2))
    run(gan, 2)
    assert int(gan.images_seen) == 32 and int(gan.g_optimizer.iterations) == 2
    assert int(gan.d_optimizer.iterations) == (4 if gan.discriminators else 0)
    family, draws = gan.family, [Draws(gan._seed_of(i), 0) for i in range(2)]
    if family.latent_dim:
        assert np.all(family.latents(draws[0], 3) != family.latents(draws[1], 3))


@pytest.mark.parametrize(
    "objective, said",
    [
        (Objective(weights={"cyclic": 1.0}), "unknown weight 'cyclic': did you mean 'cycle'?"),
        (Objective(weights={"cycles": 1.0, "cycle": 1.0}), "unknown weight 'cycles': did you mean 'cycle'?"),
    ],
)
def test_wrong_weights_are_refused_before_the_first_step(objective, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        made("Cycle", objective=objective)


def test_a_weight_that_is_no_finite_number_is_refused():
    with pytest.raises(UsageError, match="weights is nan"):
        Objective(weights={"cycle": float("nan")})
