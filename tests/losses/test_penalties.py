"""Penalties and regularisers against closed forms and finite differences, and in every family."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import resolve, to_toml
from ganzoo.losses.penalties import PENALTIES, R1, R2, Dragan, GradientPenalty
from ganzoo.models.vanilla import Vanilla
from ganzoo.nn.spectral import SpectralNorm
from ganzoo.objective import Objective
from ganzoo.settings import apply_setting
from ganzoo.step.contests import Contest
from ganzoo.step.draws import Draws
from ganzoo.zoo import split
from tests.conftest import opposed, random_batch, tiny_arguments

SMOOTH = {"dcgan": {"norm": "layer"}, "cgan": {"norm": "instance"}}  # without BatchNorm in D


def network(seed=0, units=5, dtype="float32"):
    """A small smooth critic with closed-form gradients: l(x) = w . tanh(x A) + x . b."""
    rng = np.random.default_rng(seed)
    a, w, b = rng.normal(size=(3, units)), rng.normal(size=units), rng.normal(size=3)
    variables = [tf.Variable(x, dtype=tf.float32) for x in (a, w, b)]

    def discriminate(x):
        a, w, b = (tf.cast(v, dtype) for v in variables)
        x = tf.cast(x, dtype)
        logits = tf.linalg.matvec(tf.tanh(x @ a), w) + tf.linalg.matvec(x, b)
        return tf.cast(logits, tf.float32)[:, None]

    return discriminate, variables


def exact_norms(x, a, w, b):
    """|dl/dx| in float64: dl/dx = A (w (1 - tanh^2(x A))) + b."""
    gradient = ((1 - np.tanh(x @ a) ** 2) * w) @ a.T + b
    return np.sqrt((gradient**2).sum(axis=1))


def exact_points(name, real, fake, draws):
    if name == "gradient_penalty":
        share = draws.uniform("interpolation", [len(real), 1]).numpy().astype(np.float64)
        return share * real + (1 - share) * fake
    if name == "dragan":
        return real + 0.25 * draws.normal("surroundings", real.shape).numpy().astype(np.float64)
    return fake if name == "r2" else real


def exact(name, weight, points, weights):
    norms = exact_norms(points, *weights)
    terms = 0.5 * norms**2 if name in ("r1", "r2") else (norms - 1.0) ** 2
    return weight * terms.mean()


@pytest.mark.parametrize("name", sorted(PENALTIES))
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-4), ("bfloat16", 0.08)])
def test_values_and_gradients_are_the_papers(name, dtype, tolerance):
    rng = np.random.default_rng(1)
    real, fake = rng.normal(size=(2, 6, 3))
    discriminate, variables = network(dtype=dtype)
    draws, penalty = Draws(3, 4), PENALTIES[name](weight=2.0)
    with tf.GradientTape() as tape:
        value = penalty(discriminate, *(tf.constant(x, tf.float32) for x in (real, fake)), draws)
    gradients = tape.gradient(value, variables)
    weights = [v.numpy().astype(np.float64) for v in variables]
    points = exact_points(name, real, fake, draws)
    np.testing.assert_allclose(value, exact(name, 2.0, points, weights), rtol=tolerance)
    for i, gradient in enumerate(gradients):  # by central differences
        wanted = np.zeros_like(weights[i])
        for at in np.ndindex(wanted.shape):
            sides = []
            for step in (1e-5, -1e-5):
                moved = [w.copy() for w in weights]
                moved[i][at] += step
                sides.append(exact(name, 2.0, points, moved))
            wanted[at] = (sides[0] - sides[1]) / 2e-5
        np.testing.assert_allclose(gradient, wanted, rtol=tolerance, atol=tolerance * np.abs(wanted).max())


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_a_flat_critic_is_no_nan(name):
    weight = tf.Variable(tf.zeros([3, 1]))
    with tf.GradientTape() as tape:
        value = PENALTIES[name]()(lambda x: x @ weight, tf.ones([4, 3]), tf.zeros([4, 3]), Draws(0))
    gradient = tape.gradient(value, weight)
    assert np.isfinite(value) and np.isfinite(gradient).all()


def test_interpolation_is_drawn_for_each_picture_and_alike_for_its_pixels():
    seen = []

    def discriminate(x):
        seen.append(x.numpy())
        return tf.reduce_sum(x, axis=[1, 2, 3])[:, None]

    GradientPenalty()(discriminate, tf.ones([64, 2, 2, 3]), tf.zeros([64, 2, 2, 3]), Draws(0, 1))
    shares = seen[0].reshape(64, -1)
    assert (shares == shares[:, :1]).all()
    assert len(np.unique(shares[:, 0])) == 64 and shares.min() < 0.1 and shares.max() > 0.9


def test_one_sided_lets_small_norms_be():
    def slope(factor):
        return lambda x: factor * tf.reduce_sum(x, axis=1, keepdims=True)

    batch = tf.ones([4, 1]), tf.zeros([4, 1])
    one_sided = GradientPenalty(one_sided=True)
    assert float(one_sided(slope(0.5), *batch, Draws(0))) == 0.0
    assert float(GradientPenalty()(slope(0.5), *batch, Draws(0))) == pytest.approx(10 * 0.25)
    assert float(one_sided(slope(3.0), *batch, Draws(0))) == pytest.approx(10 * 4.0)


def test_a_lazy_penalty_counts_more_and_rarely():
    discriminate, _ = network()
    batch = tf.ones([2, 3]), tf.zeros([2, 3])
    whole = float(R1(weight=2.0)(discriminate, *batch, Draws(0)))
    values = [float(R1(weight=2.0, interval=4)(discriminate, *batch, Draws(0, step))) for step in range(8)]
    np.testing.assert_allclose(values, [4 * whole, 0, 0, 0, 4 * whole, 0, 0, 0], rtol=1e-6)


def families():
    for family in opposed():
        yield family, {}
    yield "vanilla", {"data_shape": (2,)}


@pytest.mark.parametrize("family, arguments", list(families()))
@pytest.mark.parametrize(
    "objective",
    [
        {"penalties": ["gradient_penalty"], "loss": "wasserstein"},
        {"penalties": [{"name": "gradient_penalty", "one_sided": True}]},
        {"penalties": ["r1", {"name": "r2", "interval": 4}]},
        {"penalties": ["dragan"]},
        {"weight_clip": 0.05, "loss": "wasserstein", "d_steps": 2},
        {"spectral_norm": True, "loss": "hinge"},
        {"instance_noise": 0.1, "instance_noise_until": 1000, "decay_until": 1000},
    ],
    ids=lambda o: next(iter(o)),
)
def test_each_trains_every_family_for_30_steps(family, arguments, objective):
    smooth = SMOOTH.get(family, {}) if "penalties" in objective else {}
    gan = ganzoo.build(family, **{**tiny_arguments(family), **arguments, **smooth, **objective})
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    history = gan.fit(data, steps_per_epoch=30, verbose=0).history
    assert all(np.isfinite(values).all() for values in history.values())
    assert all(np.isfinite(v.numpy()).all() for v in gan.variables)
    if "penalties" in objective and "one_sided" not in str(objective):
        assert history["d_penalty"][0] > 0.0


@pytest.mark.parametrize("norm", ["layer", "instance", "none"])
def test_the_norms_that_a_penalty_allows_judge_each_picture_alone(norm):
    discriminator = ganzoo.build("dcgan", **tiny_arguments("dcgan"), norm=norm).discriminator
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 3)).astype(np.float32)
    alone = discriminator(images[:1], training=True).numpy()
    np.testing.assert_allclose(discriminator(images, training=True).numpy()[:1], alone, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", sorted(PENALTIES))
def test_a_penalty_under_batch_normalisation_is_refused_with_the_reason(name):
    for arguments in ({}, {"norm": "batch"}):
        with pytest.raises(UsageError, match=r"depend on the whole batch.*norm=layer"):
            split("dcgan", {"penalties": [name], **arguments})
    family, objective = split("dcgan", {"penalties": [name], "norm": "layer"})
    assert family.norm == "layer" and PENALTIES.name_of(objective.penalties[0]) == name


@pytest.mark.parametrize(
    "bad, says",
    [
        ({"penalties": [{"name": "r1", "weight": -1.0}]}, "weight is -1.0, but must be at least 0"),
        ({"penalties": [{"name": "r1", "interval": 0}]}, "interval is 0, but must be at least 1"),
        ({"penalties": ["r3"]}, "unknown penalty 'r3': known are dragan, gradient_penalty, r1, r2"),
        ({"penalties": [{"name": "r1", "wieght": 1.0}]}, "did you mean 'weight'"),
        ({"weight_clip": -0.1}, "weight_clip is -0.1"),
        ({"instance_noise": -0.1}, "instance_noise is -0.1"),
        ({"decay_from": 10, "decay_until": 10}, "larger number of images"),
        ({"augment": {"translation": 0.1}, "data_shape": (2,)}, "this model learns vectors"),
    ],
)
def test_bad_values_are_answered(bad, says):
    with pytest.raises(UsageError, match=says.replace("(", r"\(")):
        split("vanilla", bad)


def test_penalties_pass_through_the_command_line_and_the_run_directory():
    tables = {"model": {"name": "dcgan", "norm": "none"}}
    apply_setting(tables, 'train.penalties=[{name="r1",weight=1.0,interval=16},{name="dragan"}]')
    config = resolve(tables)
    assert config.objective.penalties == (R1(1.0, 16), Dragan())
    import tomllib

    assert resolve(tomllib.loads(to_toml(config.tables()))) == config
    apply_setting(tables, "train.penalties=r2")
    assert resolve(tables).objective.penalties == (R2(),)


# ---- spectral normalisation ------------------------------------------------------------------


def test_spectral_normalisation_finds_the_largest_singular_values():
    net = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(6, 3), keras.layers.Flatten()])
    net.add(keras.layers.Dense(1))
    spectral = SpectralNorm(net, seed=0)
    for _ in range(300):
        spectral.advance()
    images = np.random.default_rng(0).normal(size=(2, 8, 8, 3)).astype(np.float32)
    with spectral.applied():
        ours = net(images).numpy()
    wanted = net(images).numpy()  # its own kernels are untouched
    for kernel in spectral.kernels:
        largest = np.linalg.svd(kernel.numpy().reshape(-1, kernel.shape[-1]), compute_uv=False)[0]
        kernel.assign(kernel.numpy() / largest)
    np.testing.assert_allclose(ours, net(images).numpy(), rtol=1e-4, atol=1e-6)
    assert np.abs(ours - wanted).max() > 1e-3


def test_the_gradient_goes_through_the_norm():
    net = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, use_bias=False)])
    spectral = SpectralNorm(net, seed=0)
    for _ in range(50):
        spectral.advance()
    x, kernel = np.random.default_rng(1).normal(size=(2, 4)), net.layers[0].kernel.numpy().astype(np.float64)
    with tf.GradientTape() as tape, spectral.applied():
        value = tf.reduce_sum(net(tf.constant(x, tf.float32)) ** 2)
    gradient = tape.gradient(value, net.layers[0].kernel.value)
    wanted = np.zeros_like(kernel)
    for at in np.ndindex(kernel.shape):
        sides = []
        for step in (1e-6, -1e-6):
            moved = kernel.copy()
            moved[at] += step
            sides.append(((x @ (moved / np.linalg.svd(moved, compute_uv=False)[0])) ** 2).sum())
        wanted[at] = (sides[0] - sides[1]) / 2e-6
    np.testing.assert_allclose(gradient, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("d_steps", [1, 2])
def test_the_power_iteration_moves_once_a_training_step(d_steps):
    arguments = {**tiny_arguments("dcgan"), "norm": "none", "spectral_norm": True, "d_steps": d_steps}
    gan = ganzoo.build("dcgan", **arguments, penalties=["r1"], learning_rate=1e-12)  # the kernels stand still
    kernels = [k.numpy().astype(np.float64) for k in gan._spectral["discriminator"].kernels]
    vectors = [v.numpy().astype(np.float64) for v in gan.spectral_vectors]
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    gan.fit(data, steps_per_epoch=3, verbose=0)
    for kernel, vector, now in zip(kernels, vectors, gan.spectral_vectors, strict=True):
        matrix = kernel.reshape(-1, kernel.shape[-1])
        for _ in range(3):
            left = matrix @ vector
            vector = matrix.T @ (left / np.linalg.norm(left))
            vector /= np.linalg.norm(vector)
        np.testing.assert_allclose(now.numpy(), vector, atol=1e-5)


def test_spectral_vectors_are_saved(tmp_path):
    gan = ganzoo.build("vanilla", **tiny_arguments("vanilla"), spectral_norm=True)
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    gan.fit(data, steps_per_epoch=3, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for ours, theirs in zip(gan.spectral_vectors, loaded.spectral_vectors, strict=True):
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())
    assert sum(name.startswith("spectral/") for name in gan.state()) == len(gan.spectral_vectors)


def test_batchnorm_statistics_move_under_spectral_normalisation_as_without():
    moved = []
    for spectral in (False, True):
        gan = ganzoo.build("dcgan", **tiny_arguments("dcgan"), spectral_norm=spectral)
        data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
        gan.fit(data, steps_per_epoch=2, verbose=0)
        moved.append([np.any(v.numpy() != 0) for v in gan.discriminator.non_trainable_variables])
    assert moved[0] == moved[1] and all(moved[1])


# ---- the others --------------------------------------------------------------------------------


def test_clipping_holds_after_every_step():
    gan = ganzoo.build("vanilla", **tiny_arguments("vanilla"), weight_clip=0.01, learning_rate=0.1)
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    gan.fit(data, steps_per_epoch=3, verbose=0)
    assert max(np.abs(v.numpy()).max() for v in gan.discriminator.trainable_variables) <= 0.01 + 1e-9
    assert max(np.abs(v.numpy()).max() for v in gan.generator.trainable_variables) > 0.01


def test_rates_fall_linearly_with_images_seen():
    objective = Objective(decay_from=100, decay_until=300)
    factors = [float(objective.rate_factor(tf.constant(n, tf.int64))) for n in (0, 100, 200, 300, 400)]
    np.testing.assert_allclose(factors, [1.0, 1.0, 0.5, 0.0, 0.0])
    gan = ganzoo.build(
        "vanilla", **tiny_arguments("vanilla"), decay_until=80, learning_rate=1e-3, d_learning_rate=4e-3
    )
    data = tf.data.Dataset.from_tensors(random_batch(gan.family)).repeat()
    gan.fit(data, steps_per_epoch=6, verbose=0)  # the sixth step begins at 40 images
    np.testing.assert_allclose(gan.g_optimizer.learning_rate, 0.5e-3, rtol=1e-6)
    np.testing.assert_allclose(gan.d_optimizer.learning_rate, 2e-3, rtol=1e-6)


def test_instance_noise_fades_with_images_seen():
    objective = Objective(instance_noise=0.4, instance_noise_until=100)
    spreads = [float(objective.noise_spread(tf.constant(n, tf.int64))) for n in (0, 50, 100, 200)]
    np.testing.assert_allclose(spreads, [0.4, 0.2, 0.0, 0.0], atol=1e-7)
    assert float(Objective(instance_noise=0.4).noise_spread(10**6)) == pytest.approx(0.4)


def test_noise_is_on_real_and_generated_pictures_alike_and_drawn_apart():
    gan = ganzoo.build("vanilla", **tiny_arguments("vanilla"), instance_noise=0.5)
    blank = tf.zeros([64, 16, 16, 3])
    contest = Contest("discriminator", {"image": blank}, {"image": tf.zeros([64, 16, 16, 3])})
    shown = [
        gan._shown(contest, contest.real, Draws(0), name)["image"].numpy()
        for name in ("real", "fake", "real")
    ]
    assert all(abs(x.std() - 0.5) < 0.01 for x in shown)
    np.testing.assert_array_equal(shown[0], shown[2])
    assert abs(np.corrcoef(shown[0].ravel(), shown[1].ravel())[0, 1]) < 0.02


@dataclass(frozen=True)
class Behind(Vanilla):
    """A GAN of 4x4 pictures whose discriminator sees them through `resizing`, at 8x8."""

    resizing: Callable = field(default=None, kw_only=True)

    def discriminator(self, seed):
        return dataclasses.replace(self, image_size=8).as_vanilla().discriminator(seed)

    def as_vanilla(self):
        return Vanilla(image_size=self.image_size, width=4, d_width=4, d_activation="relu")

    def discriminate(self, discriminator, images, batch, training):
        return discriminator(self.resizing(images), training=training)


@pytest.mark.parametrize(
    "resizing, said",
    [
        (lambda x: tf.image.resize(x, (8, 8)), "no second gradient"),  # TensorFlow: None, without a word
        (keras.layers.UpSampling2D(interpolation="bilinear"), "no second gradient"),
        (lambda x: tf.image.resize(x, (8, 8), "nearest"), "ResizeNearestNeighborGrad"),
        (lambda x: tf.stop_gradient(tf.repeat(tf.repeat(x, 2, 1), 2, 2)), "cuts it off"),
    ],
    ids=["resize", "up-sampling", "nearest", "stopped"],
)
def test_a_penalty_that_cannot_reach_the_weights_is_an_error(resizing, said):
    gan = ganzoo.GAN(Behind(image_size=4, latent_dim=2, width=4, d_width=4, resizing=resizing))
    gan.compile(Objective(penalties=(R1(),)))
    with pytest.raises(UsageError, match=said):
        gan.fit(tf.data.Dataset.from_tensors(tf.zeros([2, 4, 4, 1])), verbose=0)
