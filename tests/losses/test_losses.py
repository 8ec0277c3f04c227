"""Losses against float64 numbers worked out from the papers' equations, values and gradients."""

import dataclasses

import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.losses.adversarial import LOSSES
from ganzoo.zoo import split
from tests.conftest import random_batch, tiny_arguments

REAL = np.array([[2.0], [-0.5], [0.3], [30.0]])
FAKE = np.array([[-1.2], [0.7], [-30.0], [1.5]])


def d(x):  # the discriminator's probability
    return 1.0 / (1.0 + np.exp(-x))


# In terms of D = sigmoid(l) as the papers write them, with mpmath-like care for D near 1:
# log D = -log(1 + e^-l), log(1 - D) = -log(1 + e^l).
def log_d(x):
    return -np.logaddexp(0.0, -x)


def log_1_d(x):
    return -np.logaddexp(0.0, x)


VALUES = {
    "minimax": (lambda r, f: -np.mean(log_d(r)) - np.mean(log_1_d(f)), lambda r, f: np.mean(log_1_d(f))),
    "non_saturating": (
        lambda r, f: -np.mean(log_d(r)) - np.mean(log_1_d(f)),
        lambda r, f: -np.mean(log_d(f)),
    ),
    "least_squares": (
        lambda r, f: 0.5 * np.mean((r - 1) ** 2) + 0.5 * np.mean(f**2),
        lambda r, f: 0.5 * np.mean((f - 1) ** 2),
    ),
    "hinge": (
        lambda r, f: -np.mean(np.minimum(0, r - 1)) - np.mean(np.minimum(0, -f - 1)),
        lambda r, f: -np.mean(f),
    ),
    "wasserstein": (lambda r, f: np.mean(f) - np.mean(r), lambda r, f: -np.mean(f)),
    "relativistic": (lambda r, f: -np.mean(log_d(r - f)), lambda r, f: -np.mean(log_d(f - r))),
}
# The middle of the logits: 0 where D = 1/2, 1/2 between the targets 0 and 1, that of the batch's own two
# means for a critic (0.35 here), and for pairs the other one of the pair.
RECOGNISED = {
    "minimax": (3 / 4, 2 / 4),
    "non_saturating": (3 / 4, 2 / 4),
    "least_squares": (2 / 4, 2 / 4),
    "hinge": (3 / 4, 2 / 4),
    "wasserstein": (2 / 4, 2 / 4),
    "relativistic": (3 / 4, 3 / 4),
}
every_loss = pytest.mark.parametrize("name", sorted(LOSSES))


def differences(function, x, step=1e-6):
    """The gradient by central differences, float64."""
    gradient = np.zeros_like(x)
    for i in range(len(x)):
        up, down = x.copy(), x.copy()
        up[i] += step
        down[i] -= step
        gradient[i] = (function(up) - function(down)) / (2 * step)
    return gradient


@every_loss
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_values_and_gradients_are_the_papers(name, dtype):
    loss = LOSSES[name]()
    # What a discriminator in bfloat16 gives is rounded there and is float32 from then on.
    real, fake = (tf.cast(tf.cast(x, dtype), tf.float32) for x in (REAL, FAKE))
    exact_real, exact_fake = real.numpy().astype(np.float64), fake.numpy().astype(np.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        d_loss, g_loss = loss.discriminator(real, fake), loss.generator(fake, real)
    of_d, of_g = VALUES[name]
    np.testing.assert_allclose(d_loss, of_d(exact_real, exact_fake), rtol=1e-6)
    np.testing.assert_allclose(g_loss, of_g(exact_real, exact_fake), rtol=1e-6, atol=1e-12)
    wanted = {
        "d by real": (d_loss, real, differences(lambda x: of_d(x, exact_fake), exact_real)),
        "d by fake": (d_loss, fake, differences(lambda x: of_d(exact_real, x), exact_fake)),
        "g by fake": (g_loss, fake, differences(lambda x: of_g(exact_real, x), exact_fake)),
    }
    for what, (value, by, gradient) in wanted.items():
        np.testing.assert_allclose(tape.gradient(value, by), gradient, atol=2e-8, rtol=1e-5, err_msg=what)


def test_the_gradient_where_the_discriminator_is_sure_is_small_and_not_lost():
    logits = tf.constant([[20.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        value = LOSSES["non_saturating"]().discriminator(logits, tf.constant([[-20.0]]))
    np.testing.assert_allclose(value, 2 * np.log1p(np.exp(-20.0)), rtol=1e-5)
    np.testing.assert_allclose(tape.gradient(value, logits), [[-d(-20.0)]], rtol=1e-5)


@pytest.mark.parametrize("name", ["minimax", "non_saturating"])
def test_smoothing_reaches_the_real_labels_of_the_discriminator_only(name):
    smoothed = LOSSES[name](real_label=0.9)
    wanted = -0.9 * np.mean(log_d(REAL)) - 0.1 * np.mean(log_1_d(REAL)) - np.mean(log_1_d(FAKE))
    np.testing.assert_allclose(smoothed.discriminator(*map(tf.constant, (REAL, FAKE))), wanted, rtol=1e-12)
    plain = LOSSES[name]().generator(tf.constant(FAKE))
    np.testing.assert_array_equal(smoothed.generator(tf.constant(FAKE)), plain)


def test_smoothing_of_least_squares():
    wanted = 0.5 * np.mean((REAL - 0.9) ** 2) + 0.5 * np.mean(FAKE**2)
    value = LOSSES["least_squares"](real_label=0.9).discriminator(tf.constant(REAL), tf.constant(FAKE))
    np.testing.assert_allclose(value, wanted, rtol=1e-12)


def test_relativistic_pairs_rows_and_not_all_with_all():
    loss = LOSSES["relativistic"]()
    shuffled = FAKE[::-1].copy()
    values = [float(loss.discriminator(tf.constant(REAL), tf.constant(fake))) for fake in (FAKE, shuffled)]
    by_hand = [np.logaddexp(0.0, fake - REAL).mean() for fake in (FAKE, shuffled)]
    assert values == pytest.approx(by_hand, rel=1e-12)
    all_with_all = np.logaddexp(0.0, FAKE.T - REAL).mean()
    assert abs(values[0] - values[1]) > 0.01 and abs(values[0] - all_with_all) > 0.01


@every_loss
@pytest.mark.parametrize("family", ["vanilla", "vanilla (2,)", "dcgan", "cgan"])
def test_every_loss_trains_every_family(name, family):
    family, _, vectors = family.partition(" ")
    shape = {"data_shape": (2,)} if vectors else {}
    gan = ganzoo.build(family, **{**tiny_arguments(family), **shape}, loss=name)
    before = [v.numpy() for v in gan.trainable_variables]
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    history = gan.fit(data, steps_per_epoch=30, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert all(np.isfinite(v.numpy()).all() for v in gan.variables)
    moved = [np.any(b != v.numpy()) for b, v in zip(before, gan.trainable_variables, strict=True)]
    assert np.mean(moved) > 0.9


def test_an_unknown_loss_names_the_nearest_and_lists_all():
    with pytest.raises(UsageError, match=r"did you mean 'hinge'\? known are hinge, least_squares, minimax"):
        split("dcgan", {"loss": "hing"})


@pytest.mark.parametrize("label", [0.5, 1.1, -1.0])
def test_a_label_that_is_none_is_refused(label):
    with pytest.raises(UsageError, match="real_label is"):
        LOSSES["minimax"](real_label=label)


def test_a_loss_of_ones_own_can_be_given_as_an_object():
    @dataclasses.dataclass(frozen=True)
    class Mine(LOSSES["hinge"]):
        pass

    gan = ganzoo.build("vanilla", **tiny_arguments("vanilla"), loss=Mine())
    assert isinstance(gan.objective.loss, Mine)


@every_loss
def test_shares_recognised_by_hand(name):
    real, fake = (tf.constant(logits, tf.float32) for logits in (REAL, FAKE))
    shares = LOSSES[name]().recognised(real, fake, tf.reduce_mean)
    np.testing.assert_allclose([float(share) for share in shares], RECOGNISED[name])


@pytest.mark.parametrize("name", ["wasserstein", "relativistic"])
def test_a_constant_on_all_logits_changes_no_share(name):
    """Their losses do not see it, so D may drift anywhere; no picture is recognised better for it."""
    loss = LOSSES[name]()
    for shift in (-100.0, 100.0):
        real, fake = (tf.constant(logits + shift, tf.float32) for logits in (REAL, FAKE))
        shares = [float(share) for share in loss.recognised(real, fake, tf.reduce_mean)]
        np.testing.assert_allclose(shares, RECOGNISED[name])
