"""The gradient contract over the registries: of every penalty by every network it is meant for.

TensorFlow drops what it cannot differentiate twice without a word (bilinear resizing): the penalty is in
the loss and never reaches the weights. So the gradient has to be there, and equal finite differences.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganzoo.family import FAMILIES
from ganzoo.gan import GAN
from ganzoo.losses import PENALTIES
from ganzoo.objective import Objective
from ganzoo.step.contests import name_within
from ganzoo.step.draws import Draws
from tests.conftest import opposed, random_batch, tiny_arguments
from tests.step.step_families import EVERY

# Without BatchNorm in D and maxima.
SMOOTH = {"dcgan": {"norm": "layer"}, "cgan": {"norm": "instance"}, "vanilla": {"d_activation": "leaky_relu"}}
OF_DISCRIMINATORS = sorted(name for name in PENALTIES if not PENALTIES[name].of_generators)
STEP = 1e-3  # of the weights' own length


@pytest.fixture(autouse=True)
def no_kinks(monkeypatch):
    """The penalty of a network with LeakyReLU jumps where a unit changes sides: no difference fits."""
    monkeypatch.setattr(keras.layers, "LeakyReLU", lambda *_, **__: keras.layers.Activation("softplus"))


def penalty_on_discriminators(gan, batch):
    """The step's own sum of penalties over all contests, at fixed draws, as a function of D's weights."""
    draws, family = Draws(0, 0), gan.family
    num = len(next(iter(batch.values())))
    made = family.make(gan.networks, family.latents(draws, num), batch, draws, training=True)
    contests = family.contests(batch, made, gan._remembered(), draws)

    def value():
        each = [gan._penalties(c, c.real, c.fake, draws, name_within(c, contests)) for c in contests]
        return tf.add_n([term for terms in each for term in terms])

    return value


def penalty_on_generators(gan, batch):
    """The step's own sum of penalties on generators, at fixed draws and buffers."""
    draws = Draws(0, 0)

    def value():
        kept = [{name: v.value for name, v in buffers.items()} for buffers in gan._kept]
        pairs = zip(gan.objective.g_penalties, kept, strict=True)
        return tf.add_n([p.term(gan.family, gan.networks, batch, draws, numbers)[0] for p, numbers in pairs])

    return value


def assert_differentiated(value, network: keras.Model) -> None:
    """Its gradient is there, and along it, where it is steepest, a central difference says the same."""
    variables = network.trainable_variables
    with tf.GradientTape() as tape:
        total = value()
    found = tape.gradient(total, variables)
    assert any(gradient is not None for gradient in found), f"{network.name} is not reached"
    gradient = [
        np.zeros(v.shape) if g is None else tf.convert_to_tensor(g).numpy()
        for v, g in zip(variables, found, strict=True)
    ]
    length = np.sqrt(sum((g**2).sum() for g in gradient))
    assert np.isfinite(length) and length > 0
    weights = [v.numpy() for v in variables]
    step = STEP * np.sqrt(sum((w**2).sum() for w in weights))
    sides = []
    for sign in (1, -1):
        for variable, weight, each in zip(variables, weights, gradient, strict=True):
            variable.assign(weight + sign * step * each / length)
        sides.append(float(value()))
    for variable, weight in zip(variables, weights, strict=True):
        variable.assign(weight)
    assert (sides[0] - sides[1]) / (2 * step) == pytest.approx(length, rel=0.02)


@pytest.mark.parametrize("penalty", OF_DISCRIMINATORS)
@pytest.mark.parametrize("name", opposed())
def test_of_every_penalty_by_the_discriminators_of_every_family(name, penalty):
    family = FAMILIES[name](**tiny_arguments(name) | SMOOTH.get(name, {}))
    gan = GAN(family, seed=1)
    gan.compile(Objective(penalties=(PENALTIES[penalty](),)))
    batch = {k: tf.convert_to_tensor(v) for k, v in random_batch(family).items()}
    value = penalty_on_discriminators(gan, batch)
    for network in gan.discriminators.values():
        assert_differentiated(value, network)


def batch_of(family, num: int = 8):
    rng = np.random.default_rng(0)
    return {k: tf.constant(rng.uniform(-1, 1, (num, *s)), tf.float32) for k, s in family.batch_spec.items()}


@pytest.mark.parametrize("name", [name for name, family in EVERY.items() if family().has_opponent])
def test_of_a_penalty_by_each_of_several_discriminators(name):
    gan = GAN(EVERY[name](), seed=1)
    gan.compile(Objective(penalties=(PENALTIES["r1"](),)))
    value = penalty_on_discriminators(gan, batch_of(gan.family))
    for network in gan.discriminators.values():
        assert_differentiated(value, network)


def test_of_a_penalty_by_generators():
    asked = [name for name, family in EVERY.items() if family.objective.g_penalties]
    assert asked
    for name in asked:
        gan = GAN(EVERY[name](), seed=1)
        gan.compile()
        value = penalty_on_generators(gan, batch_of(gan.family))
        for network in gan.generators.values():
            assert_differentiated(value, network)
