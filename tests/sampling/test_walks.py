"""Ways through the latents, truncation, and searching for a latent."""

import math

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.models.dcgan import DCGAN
from ganzoo.sampling.inversion import invert
from ganzoo.sampling.walks import slerp, walk
from ganzoo.step.draws import Draws
from tests.conftest import tiny_arguments


@pytest.fixture(scope="module")
def gan():
    return ganzoo.build("dcgan", **tiny_arguments("dcgan"))


def test_slerp_goes_along_the_arc():
    x, y = np.eye(2)
    np.testing.assert_allclose(slerp(x, y, 1 / 3), [math.cos(math.pi / 6), 0.5], atol=1e-6)
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 4, 100)).astype(np.float32)
    np.testing.assert_array_equal(slerp(a, b, 0.0), a)
    np.testing.assert_array_equal(slerp(a, b, 1.0), b)
    middle = np.linalg.norm(slerp(a, b, 0.5), axis=1)
    ends = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    assert np.all(middle > 0.9 * np.minimum(*ends))  # a straight line would lose a third
    np.testing.assert_array_equal(slerp(a, a, 0.3), a)
    assert np.isfinite(slerp(a, -a, 0.3)).all()
    np.testing.assert_allclose(slerp(a[:2], b[:2], [0.0, 1.0]), [a[0], b[1]])


def test_a_closed_walk_has_equal_steps_over_its_seam():
    stops = np.eye(3, dtype=np.float32)[:, None]
    open_walk, closed = walk(stops, 5), walk(stops, 5, closed=True)
    assert open_walk.shape == (11, 1, 3) and closed.shape == (15, 1, 3)
    np.testing.assert_array_equal(open_walk[[0, 5, 10]], stops)
    steps = np.linalg.norm(np.diff([*closed, closed[0]], axis=0), axis=-1)
    np.testing.assert_allclose(steps, steps[0, 0], rtol=1e-5)
    with pytest.raises(UsageError, match="1 stops goes nowhere"):
        walk(stops[:1], 5)
    with pytest.raises(UsageError, match="0 frames"):
        walk(stops, 0)


def test_truncated_latents_are_a_truncated_normal(gan):
    family = DCGAN(latent_dim=50)
    plain = family.latents(Draws(3), 4_000)
    for limit in (0.05, 1.0, 2.5):
        cut = family.truncated(plain, Draws(3), limit).numpy()
        assert np.abs(cut).max() <= limit
        within = np.abs(plain.numpy()) <= limit
        np.testing.assert_array_equal(cut[within], plain.numpy()[within])
        # The variance of a normal cut off at +-t: 1 - 2 t phi(t) / (2 Phi(t) - 1).
        density = math.exp(-(limit**2) / 2) / math.sqrt(2 * math.pi)
        variance = 1 - 2 * limit * density / math.erf(limit / math.sqrt(2))
        assert cut.var() == pytest.approx(variance, rel=0.02)
        assert abs(cut.mean()) < 0.01
    np.testing.assert_array_equal(gan.latents(3, 7, 0.5), gan.latents(70, 7, 0.5)[:3])
    np.testing.assert_array_equal(gan.sample(3, 7, truncation=99.0), gan.sample(3, 7))
    with pytest.raises(UsageError, match="nothing to truncate"):
        ganzoo.build("progan", **tiny_arguments("progan")).sample(1, truncation=0.5)


def test_pictures_of_given_latents(gan):
    latents = gan.latents(5, 2)
    np.testing.assert_array_equal(gan.sample_from(latents), gan.sample(5, 2))
    np.testing.assert_allclose(gan.sample_from(latents[2:4].tolist()), gan.sample(5, 2)[2:4], atol=1e-6)
    batches = list(gan.stream(gan.latents(70, 2)))
    assert [len(batch) for batch in batches] == [64, 6]
    np.testing.assert_array_equal(next(gan.stream(latents[3:4]))[0], batches[0][3])
    for wrong, says in (
        (latents[0], r"shape \(8,\); this model takes \(num, 8\)"),
        (latents[:, :7], r"\(5, 7\)"),
        (latents[:0], r"\(0, 8\)"),
        (latents * np.nan, "not finite"),
    ):
        with pytest.raises(UsageError, match=says):
            gan.sample_from(wrong)
    conditional = ganzoo.build("cgan", **tiny_arguments("cgan"))
    chosen = conditional.sample_from(conditional.latents(4, 1), **conditional.inputs(4, 1))
    np.testing.assert_array_equal(chosen, conditional.sample(4, 1))


def test_inverting_a_picture_of_its_own_finds_it_again(gan):
    picture, heard = gan.sample(1, seed=11)[0], []
    found = invert(gan, picture, steps=80, restarts=4, watch=lambda step, loss: heard.append((step, loss)))
    assert found.loss < 0.05 * found.first_loss
    assert found.pixel_error == pytest.approx(found.loss, rel=1e-3)
    assert [step for step, _ in heard] == list(range(81)) and heard[-1][1] == pytest.approx(found.loss)
    np.testing.assert_allclose(gan.sample_from(found.latent[None])[0], found.image, atol=1e-5)
    with_features = invert(gan, picture, steps=5, restarts=2, features="random")
    assert with_features.first_loss > with_features.loss > with_features.pixel_error
    with pytest.raises(UsageError, match="this model makes"):
        invert(gan, picture[:8])
    with pytest.raises(UsageError, match="steps is 0"):
        invert(gan, picture, steps=0)
