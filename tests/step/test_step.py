"""The step under families that need more of it than those of the zoo, see step_families.py."""

import re
from dataclasses import replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.family import FAMILIES
from ganzoo.gan import GAN
from ganzoo.losses.penalties import PENALTIES
from ganzoo.objective import Objective
from ganzoo.step.contests import Contest
from ganzoo.step.draws import Draws
from ganzoo.training.checkpoints import restore, values
from tests.step.step_families import EVERY, MeanLength

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
def test_whenever_it_is_killed_it_goes_on_to_the_same_bits(name):
    whole, states = made(name), []
    execute, batches = whole.make_train_function(), iter(whole.prepared(data_of(whole.family)))
    for _ in range(4):
        states.append(values(whole.state()))
        execute(batches)
    for done, state in enumerate(states):
        again = made(name)
        restore(again.state(), state)
        run(again, 4 - done, skip=done)
        for (key, ours), theirs in zip(whole.state().items(), again.state().values(), strict=True):
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=f"{key}, killed after {done}")


@every
def test_a_keras_file_holds_all_of_it(name, tmp_path, monkeypatch):
    monkeypatch.setitem(FAMILIES._entries, name.lower(), EVERY[name])
    monkeypatch.setitem(PENALTIES._entries, "mean_length", MeanLength)
    gan = made(name)
    run(gan, 3)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for (key, ours), theirs in zip(gan.state().items(), loaded.state().values(), strict=True):
        if not key.startswith("metrics"):  # means of an epoch that is over
            np.testing.assert_array_equal(ours.numpy(), theirs.numpy(), err_msg=key)


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


@pytest.mark.parametrize("name", [name for name, family in EVERY.items() if family().has_opponent])
def test_two_discriminator_updates_use_fresh_draws(name):
    gan = made(name, objective=replace(EVERY[name].objective, d_steps=2))
    run(gan, 2)
    assert int(gan.images_seen) == 32 and int(gan.g_optimizer.iterations) == 2
    assert int(gan.d_optimizer.iterations) == 4
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


def with_contests(name, contests):
    """A family with other contests than its own."""
    kind = type(f"Odd{name}", (EVERY[name],), {"contests": contests})
    gan = GAN(kind(), seed=1)
    gan.compile()
    return gan


def on(discriminator, real, fake):
    return lambda _, batch, made, *__: [Contest(discriminator, real(batch), fake(made))]


@pytest.mark.parametrize(
    "contests, said",
    [
        (lambda *_: [], "nobody trains the discriminator 'on_a'"),
        (
            on("on_c", lambda b: {"image": b["a"]}, lambda m: {"image": m["a"]}),
            "unknown discriminator of a contest 'on_c'",
        ),
        (
            on("on_a", lambda b: {"image": b["a"]}, lambda m: {"image": m["a"]}),
            "nobody trains the discriminator 'on_b'",
        ),
        (on("on_a", lambda b: {}, lambda m: {"image": m["a"]}), "the contest of on_a has no real example"),
        (
            on("on_a", lambda b: {"a": b["a"]}, lambda m: {"image": m["a"]}),
            "a generated 'image' but no real one",
        ),
    ],
)
def test_contests_that_cannot_be_are_refused_before_the_first_step(contests, said):
    gan = with_contests("Cycle", contests)
    with pytest.raises(UsageError, match=re.escape(said)):
        run(gan, 1)
    assert int(gan.step) == 0


def test_a_term_that_the_family_does_not_make_is_named():
    kind = type("Odd", (EVERY["Translation"],), {"terms": lambda *_: {"l2": lambda: 0.0}})
    gan = GAN(kind(), seed=1)
    gan.compile()
    with pytest.raises(UsageError, match="unknown term 'l1': known are l2"):
        run(gan, 1)


def test_two_networks_of_one_name_are_refused():
    one = type("Odd", (EVERY["Scales"],), {"discriminators": lambda self, seeds: self.generators(seeds)})
    with pytest.raises(UsageError, match="'generator' is no name for a network"):
        GAN(one())


def test_a_weight_that_is_no_finite_number_is_refused():
    with pytest.raises(UsageError, match="weights is nan"):
        Objective(weights={"cycle": float("nan")})
