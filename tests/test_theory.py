"""What theory says of the game, held against the code that plays it (Goodfellow 2014, section 4)."""

from dataclasses import dataclass

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganzoo.data import toys
from ganzoo.gan import GAN
from ganzoo.losses.adversarial import LOSSES
from ganzoo.models.vanilla import Vanilla
from ganzoo.objective import Objective

DATA = toys.Mixture(((-1.0,), (1.0,)), 0.4)
MADE = toys.Mixture(((0.5,),), 0.8)  # what the fixed generator makes of a standard normal latent


@dataclass(frozen=True)
class FixedGenerator(Vanilla):
    """A vanilla discriminator against a generator of known density, x = 0.8 z + 0.5."""

    def generator(self, seed):
        affine = keras.layers.Dense(
            1,
            kernel_initializer=keras.initializers.Constant(MADE.sigma),
            bias_initializer=keras.initializers.Constant(MADE.centres[0][0]),
        )
        return keras.Sequential([keras.Input((1,)), affine])


def trained_discriminator(steps=500):
    family = FixedGenerator(data_shape=(1,), latent_dim=1, d_width=32, d_activation="leaky_relu", dropout=0.0)
    gan = GAN(family)
    # Two learning rates at their extreme: the generator's is as good as nothing.
    gan.compile(
        Objective(
            loss=LOSSES["minimax"](), learning_rate=1e-12, d_learning_rate=5e-3, decay_until=1024 * steps
        )
    )
    gan.fit(toys.stream(DATA, 1024), steps_per_epoch=steps, verbose=0)
    return gan.discriminator


def test_the_learned_discriminator_approaches_the_optimal_one():
    x = np.linspace(-2.0, 2.0, 81)[:, None].astype(np.float32)
    learned = 1 / (1 + np.exp(-trained_discriminator()(x).numpy()[:, 0]))
    optimal = toys.optimal_discriminator(DATA.log_density(x), MADE.log_density(x))
    assert optimal.max() - optimal.min() > 0.4  # a curve worth learning
    assert np.abs(learned - optimal).mean() < 0.04 and np.abs(learned - optimal).max() < 0.12


def test_the_value_at_the_optimal_discriminator_is_the_jensen_shannon_divergence():
    # Histograms as samples: each x as often as its density says, so the means are the integrals.
    p, q = np.array([1, 5, 3, 1, 0]), np.array([4, 1, 0, 1, 4])
    with np.errstate(divide="ignore"):
        logits = np.log(p) - np.log(q)  # of D* = p / (p + q)
    logits = np.clip(logits, -60, 60)
    value = -LOSSES["minimax"]().discriminator(
        tf.constant(np.repeat(logits, p)), tf.constant(np.repeat(logits, q))
    )
    divergence = toys.jensen_shannon(p / 10, q / 10)
    assert float(value) == pytest.approx(2 * divergence - 2 * np.log(2), rel=1e-9)
    assert 0.1 < divergence < np.log(2)


def test_the_divergence_of_equal_and_of_separate_densities():
    p = np.array([0.5, 0.5, 0.0, 0.0])
    assert toys.jensen_shannon(p, p) == 0.0
    assert toys.jensen_shannon(p, p[::-1]) == pytest.approx(np.log(2))


@pytest.mark.parametrize("name, slope", [("minimax", -np.exp(-10.0)), ("non_saturating", -1.0)])
def test_where_the_discriminator_rejects_surely_only_the_saturating_loss_is_flat(name, slope):
    logit = tf.constant([[-10.0]])
    with tf.GradientTape() as tape:
        tape.watch(logit)
        loss = LOSSES[name]().generator(logit)
    # -sigmoid(l) = -e^-10 to first order, and sigmoid(l) - 1
    np.testing.assert_allclose(tape.gradient(loss, logit), [[slope]], rtol=1e-4)


@pytest.mark.parametrize("eta", [0.05, 0.3, 1.0])
def test_simultaneous_steps_in_xy_circle_away_from_the_equilibrium(eta):
    radius = np.linalg.norm(toys.bilinear_game(eta, 50), axis=1)
    np.testing.assert_allclose(radius[1:] / radius[:-1], np.sqrt(1 + eta**2), rtol=1e-12)


def test_alternating_steps_in_xy_stay_bounded():
    radius = np.linalg.norm(toys.bilinear_game(0.3, 5_000, alternating=True), axis=1)
    assert radius.max() < 1.5 and radius.min() > 0.5
