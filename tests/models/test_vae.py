"""The variational autoencoder against what is known in closed form."""

import math
from dataclasses import dataclass, replace
from typing import ClassVar

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import DataError, UsageError
from ganzoo.config import read_recipe, resolve
from ganzoo.data import Store
from ganzoo.density import Density, kl_to_standard, log_normal
from ganzoo.density.posterior import active_units
from ganzoo.gan import GAN
from ganzoo.losses.likelihoods import LIKELIHOODS, Bernoulli, Gaussian, Likelihood, Logistic
from ganzoo.models.vae import VAE
from ganzoo.objective import Objective
from ganzoo.sampling import invert
from ganzoo.step.draws import Draws
from ganzoo.training.loop import train
from tests.conftest import tiny_arguments

SIDE, SIGMA, SHIFT = 4, 0.3, 0.1
LEVELS = np.arange(256, dtype=np.float32) / np.float32(127.5) - np.float32(1.0)


def pictures(num: int = 24, side: int = 16, channels: int = 3, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (num, side, side, channels), dtype=np.uint8)


def tiny(**arguments) -> GAN:
    return ganzoo.build("vae", **{**tiny_arguments("vae"), **arguments})


# ---- the terms ------------------------------------------------------------------------------------


def test_kl_is_the_mean_of_the_log_ratio_under_q():
    rng = np.random.default_rng(0)
    mean, log_variance = rng.normal(size=(3, 2)).astype(np.float32), np.float32([[-1, 0.5], [0, 0], [1, -2]])
    found = kl_to_standard(mean, log_variance).numpy()
    z = mean + np.exp(0.5 * log_variance) * rng.standard_normal((400_000, 3, 2)).astype(np.float32)
    zeros = np.zeros(2, np.float32)
    ratios = [
        log_normal(z[:, i], mean[i], log_variance[i]) - log_normal(z[:, i], 0.0, zeros) for i in range(3)
    ]
    np.testing.assert_allclose(found, np.mean(ratios, axis=1), rtol=0.01)
    assert kl_to_standard(np.zeros((1, 5), np.float32), np.zeros((1, 5), np.float32)).numpy() == 0.0


def test_it_is_summed_over_latents_and_pixels_and_not_averaged():
    """Twice as many equal latents or pixels have twice the nats: a mean would not."""
    few, many = np.full((1, 3), 0.7, np.float32), np.full((1, 6), 0.7, np.float32)
    np.testing.assert_allclose(2 * kl_to_standard(few, few), kl_to_standard(many, many), rtol=1e-6)
    for name in LIKELIHOODS:
        likelihood, small, large = LIKELIHOODS[name](), np.full((1, 2, 2, 1), 0.5), np.full((1, 4, 2, 1), 0.5)
        small, large = small.astype(np.float32), large.astype(np.float32)
        one, two = (
            likelihood.log_probability(0.3 * x, np.float32([[-1.0]]), np.sign(x)).numpy()
            for x in (small, large)
        )
        np.testing.assert_allclose(2 * one, two, rtol=1e-6)


def test_bernoulli_is_the_cross_entropy_of_bits():
    bits, means = np.float32([1, -1, 1, -1]), np.float32([0.8, 0.8, -1.0, -1.0])
    p = np.clip((1 + means) / 2, 2.0**-24, 1)
    expected = np.log([p[0], 1 - p[1], p[2], 1 - p[3]]).sum()
    shape = (1, 2, 2, 1)
    found = Bernoulli().log_probability(means.reshape(shape), None, bits.reshape(shape))
    np.testing.assert_allclose(found, [expected], rtol=1e-4)


def test_bits_are_white_as_often_as_pixels_are_bright():
    grey = tf.fill((4000, 1, 1, 2), 0.5) * [1.0, -1.0]
    bits = Bernoulli().observed(grey, Draws(3)).numpy()
    assert set(np.unique(bits)) == {-1.0, 1.0}
    np.testing.assert_allclose((bits > 0).mean(axis=(0, 1, 2)), [0.75, 0.25], atol=0.03)
    sure = Bernoulli().observed(tf.constant([[[[-1.0, 1.0]]]]), Draws(3)).numpy()
    assert sure.ravel().tolist() == [-1.0, 1.0]


@pytest.mark.parametrize("mean, scale", [(0.0, 0.25), (0.93, 0.02), (-1.0, 1.0), (0.3, 1e-3)])
def test_logistic_probabilities_of_the_256_levels_sum_to_1(mean, scale):
    means = np.full((256, 1, 1, 1), mean, np.float32)
    log_spread = np.full((256, 1), math.log(scale), np.float32)
    found = Logistic().log_probability(means, log_spread, LEVELS.reshape(-1, 1, 1, 1)).numpy()
    assert np.exp(found.astype(np.float64)).sum() == pytest.approx(1.0, abs=1e-4)


def test_gaussian_is_a_density_and_its_best_sigma_the_root_of_the_mean_square():
    x = np.linspace(-3, 3, 6001, dtype=np.float32).reshape(-1, 1, 1, 1)
    found = (
        Gaussian().log_probability(0 * x + 0.2, np.full((len(x), 1), math.log(0.3), np.float32), x).numpy()
    )
    assert np.exp(found.astype(np.float64)).sum() * 1e-3 == pytest.approx(1.0, abs=1e-3)
    errors = np.random.default_rng(0).normal(0, 0.37, (1, 40, 40, 1)).astype(np.float32)
    spreads = np.linspace(0.2, 0.6, 401)
    values = [
        float(Gaussian().log_probability(0 * errors, np.float32([[math.log(s)]]), errors)[0]) for s in spreads
    ]
    assert spreads[np.argmax(values)] == pytest.approx(np.sqrt((errors**2).mean()), abs=2e-3)


def test_bits_per_dimension():
    assert Bernoulli().bits_per_dimension(-784 * math.log(2), 784) == pytest.approx(1.0)
    assert Logistic().bits_per_dimension(-12 * math.log(256), 12) == pytest.approx(8.0)
    # Uniform over [-1, 1]: a density of 1/2, and 8 bits for one of 256 levels (of width 2/255).
    assert Gaussian().bits_per_dimension(-12 * math.log(2), 12) == pytest.approx(math.log2(255), abs=1e-9)


# ---- the bound, where the likelihood is known: probabilistic PCA -----------------------------------


@dataclass(frozen=True)
class Linear(Density):
    """x = W z + b + sigma * noise with orthogonal columns of W: q = p(z|x) has independent latents."""

    objective: ClassVar = Objective(weights={"distortion": 1.0, "kl": 1.0})
    off: float = 0.0  # how far the encoder's mean is from the truth
    latent_dim: int = 3

    columns: ClassVar = VAE(image_size=SIDE, hidden=(1,)).columns

    def truth(self):
        rng = np.random.default_rng(0)
        w = np.linalg.qr(rng.standard_normal((SIDE * SIDE, 3)))[0] * [0.9, 0.5, 0.2]
        precision = 1.0 + (w**2).sum(0) / SIGMA**2
        return w, precision

    def generators(self, seeds):
        w, precision = self.truth()
        latents, images = keras.Input((3,)), keras.Input((SIDE, SIDE, 1))
        constant = keras.initializers.Constant
        flat = keras.layers.Dense(
            SIDE * SIDE, kernel_initializer=constant(w.T), bias_initializer=constant(SHIFT)
        )
        decoded = keras.layers.Reshape((SIDE, SIDE, 1))(flat(latents))
        kernel = w / SIGMA**2 / precision
        bias = -SHIFT * kernel.sum(0) + self.off
        head = keras.layers.Dense(3, kernel_initializer=constant(kernel), bias_initializer=constant(bias))
        encoded = head(keras.layers.Flatten()(images))
        return {"generator": keras.Model(latents, decoded), "encoder": keras.Model(images, encoded)}

    def encode(self, networks, observed, training):
        mean = networks["encoder"](observed)
        return mean, tf.zeros_like(mean) - tf.constant(np.log(self.truth()[1]), tf.float32)

    def log_likelihood(self, networks, latents, observed):
        log_spread = tf.fill((latents.shape[0], 1), math.log(SIGMA))
        return Gaussian().log_probability(networks["generator"](latents), log_spread, observed)

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](latents)


def linear(off: float = 0.0) -> GAN:
    gan = GAN(Linear(off=off))
    gan.compile()
    return gan


def points(num: int = 70) -> np.ndarray:
    return np.random.default_rng(1).uniform(-0.8, 0.8, (num, SIDE, SIDE, 1)).astype(np.float32)


def log_evidence(images: np.ndarray) -> np.ndarray:
    """log N(x; b, W W' + sigma^2 I), exactly."""
    w, _ = Linear().truth()
    covariance = w @ w.T + SIGMA**2 * np.eye(SIDE * SIDE)
    away = images.reshape(len(images), -1) - SHIFT
    squares = (away @ np.linalg.inv(covariance) * away).sum(1)
    return -0.5 * (squares + np.linalg.slogdet(covariance)[1] + SIDE * SIDE * math.log(2 * math.pi))


@pytest.mark.parametrize("k", [1, 5])
def test_with_the_true_posterior_the_bound_is_the_likelihood(k):
    np.testing.assert_allclose(linear().bound(points(), k), log_evidence(points()), atol=1e-3)


def test_with_another_it_is_below_by_the_divergence_and_grows_with_k():
    off = 0.2
    truth, gan = log_evidence(points()), linear(off)
    gap = 0.5 * (off**2 * Linear().truth()[1]).sum()  # KL of two normals of one covariance
    elbo = gan.log_weights(points(), 200).mean(axis=1)
    assert (truth - elbo).mean() == pytest.approx(gap, abs=0.02)
    means = [gan.bound(points(), k, seed=2).mean() for k in (1, 4, 16, 64)]
    assert means == sorted(means) and means[-1] < truth.mean() and truth.mean() - means[-1] < 0.25 * gap


# ---- reading pictures -----------------------------------------------------------------------------


def test_what_is_read_of_a_picture_does_not_depend_on_the_others():
    gan = tiny()
    for images in (pictures(70), pictures(70).astype(np.float32) / 127.5 - 1):
        for found, alone in zip(gan.encode(images), gan.encode(images[:3]), strict=True):
            assert found.shape == (70, 8) and found.dtype == np.float32
            np.testing.assert_array_equal(found[:3], alone)
        np.testing.assert_array_equal(gan.bound(images, 2)[:3], gan.bound(images[:3], 2))
        assert gan.reconstruct(images).shape == images.shape
    assert np.any(gan.bound(pictures(), 1, seed=1) != gan.bound(pictures(), 1, seed=2))


def test_a_picture_is_inverted_by_the_encoder_in_one_pass():
    gan = tiny(likelihood="gaussian")
    found = invert(gan, pictures()[0])
    np.testing.assert_array_equal(found.latent, gan.encode(pictures()[:1])[0][0])
    np.testing.assert_allclose(found.image, gan.reconstruct(pictures()[:1])[0], atol=1e-6)
    assert found.loss == found.first_loss == found.pixel_error > 0


@pytest.mark.parametrize("k", [0, -1, 1.5])
def test_a_bound_of_no_latents(k):
    with pytest.raises(UsageError, match=f"k is {k}, but at least 1"):
        tiny().bound(pictures(), k)


@pytest.mark.parametrize("method", ["encode", "reconstruct", "bound"])
def test_a_gan_has_no_density(method):
    gan = ganzoo.build("dcgan", **tiny_arguments("dcgan"))
    with pytest.raises(UsageError, match="a dcgan has no encoder and no density"):
        getattr(gan, method)(pictures())


@pytest.mark.parametrize("images", [pictures(side=8), pictures()[0], pictures()[:0], 3.0 * pictures()])
def test_what_cannot_be_read(images):
    with pytest.raises(UsageError, match="the pictures"):
        tiny().encode(images)


# ---- what it may be asked for ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"weights": {"kl": -1.0}}, "weights.kl is -1.0, but must be at least 0"),
        ({"weights": {"beta": 2.0}}, "unknown weight 'beta'"),
        ({"likelihood": "bernouli"}, "did you mean 'bernoulli'"),
        ({"likelihood": Objective()}, "does not inherit ganzoo.losses.Likelihood"),
        ({"likelihood": {"name": "gaussian", "start": 0.0}}, r"start is 0.0, but must be above 0"),
        ({"hidden": [], "image_size": 28}, "squares of 16, 32, 64"),
        ({"hidden": [0]}, "hidden is 0, but must be at least 1"),
        ({"loss": "hinge"}, "loss is about a discriminator, and this model has none"),
        ({"penalties": ["r1"]}, "penalties is about a discriminator"),
        ({"augment": {"translation": 0.1}}, "augment is about a discriminator"),
        ({"d_learning_rate": 1e-3}, "d_learning_rate is about a discriminator"),
    ],
)
def test_what_makes_no_sense(arguments, said):
    with pytest.raises(UsageError, match=said):
        tiny(**arguments)


@pytest.mark.parametrize("likelihood", ["gaussian", "logistic"])
def test_grey_pictures_are_no_bits(likelihood):
    grey, binary = Store.of_pictures(pictures()), Store.of_pictures(255 * (pictures() > 127).astype(np.uint8))
    family = tiny().family
    with pytest.raises(DataError, match=r"neither dark nor bright.*likelihood=gaussian"):
        family.fit_to_data(grey)
    assert family.fit_to_data(binary) == family
    replace(family, likelihood=LIKELIHOODS[likelihood]()).fit_to_data(grey)


def test_a_likelihood_says_what_it_must_define():
    with pytest.raises(TypeError, match="must define log_probability"):
        Likelihood().log_probability(None, None, None)


def test_the_quick_recipe_has_the_generator_of_the_quick_dcgan():
    ours, theirs = (resolve(read_recipe(name)).family.generator(0) for name in ("vae", "dcgan"))
    assert [w.shape for w in ours.weights] == [w.shape for w in theirs.weights]


# ---- a run -----------------------------------------------------------------------------------------


def run(folder, stream=None, **model):
    tables = {
        "model": {"name": "vae", **tiny_arguments("vae"), "likelihood": "gaussian", **model},
        "train": {"images": 6_400, "batch_size": 16, "learning_rate": 3e-3},
        "data": {"source": "paintings"},
    }
    with open(folder / "said.txt", "w") as said:
        train(resolve(tables), folder / "run", stream=said)
    rows = [line.split(",") for line in (folder / "run/log.csv").read_text().splitlines()]
    return [dict(zip(rows[0], row, strict=True)) for row in rows[1:]], (folder / "said.txt").read_text()


def test_the_columns_of_a_run_add_up(tmp_path):
    rows, _ = run(tmp_path, hidden=[], width=8)
    for row in rows:
        elbo = -float(row["distortion"]) - float(row["kl"])
        assert float(row["elbo"]) == pytest.approx(elbo, abs=1e-3)
        bits = Gaussian().bits_per_dimension(elbo, 16 * 16 * 3)
        assert float(row["bits_per_dimension"]) == pytest.approx(bits, abs=1e-5)
        assert 0 <= int(row["active_units"]) <= 8 and "d_loss" not in row
    assert len(rows) > 1 and float(rows[-1]["elbo"]) > float(rows[0]["elbo"])


def test_a_collapsed_posterior_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("ganzoo.density.posterior.ACTIVE", 1e9)
    rows, said = run(tmp_path)
    assert said.count("the posterior has collapsed: 0 of 8 latents are active") == 1
    assert all(int(row["active_units"]) == 0 for row in rows)


def test_active_units_are_those_whose_means_differ():
    means = np.random.default_rng(0).normal(size=(500, 4)) * [1.0, 0.2, 0.05, 0.0]
    assert active_units(means) == 2
