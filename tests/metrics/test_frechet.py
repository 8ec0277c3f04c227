"""The Frechet distance against SciPy where that is sound, against closed forms where it is not."""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import Moments, frechet_distance, frechet_infinity
from tests.metrics.metrics_pictures import painting_features


def by_sqrtm(real, fake):
    linalg = pytest.importorskip("scipy.linalg")
    first, second = np.cov(real, rowvar=False), np.cov(fake, rowvar=False)
    root = linalg.sqrtm(first @ second)
    assert np.abs(np.imag(root)).max() < 1e-6
    difference = real.mean(0) - fake.mean(0)
    return difference @ difference + np.trace(first + second - 2 * np.real(root))


def correlated(num, dim, seed, scale=1.0, shift=0.0):
    draw = np.random.default_rng(seed)
    mix = np.random.default_rng(99).normal(size=(dim, dim))
    return draw.normal(size=(num, dim)) @ mix * scale + shift


@pytest.mark.parametrize(("num", "dim"), [(500, 8), (2000, 96)])
def test_equals_sqrtm_on_random_features(num, dim):
    real, fake = correlated(num, dim, 1), correlated(num + 50, dim, 2, 1.2, 0.3)
    assert frechet_distance(real, fake) == pytest.approx(by_sqrtm(real, fake), rel=1e-9)


def test_equals_sqrtm_on_real_features():
    features = painting_features().astype(np.float64)
    features = features[:, np.argsort(features.std(axis=0))[-40:]]  # as many as SciPy is sound for
    real, fake = features[:150], features[150:]
    assert frechet_distance(real, fake) == pytest.approx(by_sqrtm(real, fake), rel=1e-6)


@pytest.mark.parametrize(
    ("num", "rank", "dim"),
    [(300, 20, 20), (300, 5, 60), (30, 60, 60), (2, 60, 60)],
    ids=["full rank", "rank deficient", "fewer samples than dimensions", "two samples"],
)
def test_identical_sets_are_at_distance_zero(num, rank, dim):
    draw = np.random.default_rng(3)
    features = draw.normal(size=(num, rank)) @ draw.normal(size=(rank, dim)) + 100
    assert frechet_distance(features, features.copy()) < 1e-8
    assert frechet_distance(features, features[::-1]) < 1e-8


def test_real_features_are_at_distance_zero_from_themselves():
    features = painting_features()
    assert frechet_distance(features, features[::-1]) < 1e-8


def test_closed_form_of_singular_covariances():
    # Commuting, rank-deficient: sum of (s - t)^2 over the axes, and the squared shift.
    draw = np.random.default_rng(4)
    white = draw.normal(size=(1000, 6))
    white -= white.mean(axis=0)
    white = np.linalg.qr(white)[0] * np.sqrt(len(white) - 1)  # sample covariance exactly 1
    spread, other = np.array([3, 2, 1, 0, 0, 0.0]), np.array([1, 2, 0, 4, 0, 0.0])
    expected = np.sum((spread - other) ** 2) + 6 * 0.5**2
    assert frechet_distance(white * spread, white * other + 0.5) == pytest.approx(expected, rel=1e-9)


def test_closed_form_with_fewer_samples_than_dimensions():
    # Two samples at +-a have the covariance 2 a a'; for orthogonal a, b the cross term is nothing.
    first, second = np.eye(5)[0] * 3, np.eye(5)[1] * 2
    expected = 2 * 9 + 2 * 4
    assert frechet_distance(np.stack([first, -first]), np.stack([second, -second])) == pytest.approx(expected)
    moved = np.stack([first, -first]) + 7, np.stack([second, -second]) + 7
    assert frechet_distance(*moved) == pytest.approx(expected)
    assert frechet_distance(np.stack([first, -first]), np.stack([2 * first, -2 * first])) == pytest.approx(
        2 * 9
    )


def test_streamed_moments_are_numpys_even_far_from_the_origin():
    features = correlated(700, 12, 5).astype(np.float64) + 1e6
    moments = Moments()
    for batch in np.array_split(features, 7):
        moments.update(batch)
    np.testing.assert_allclose(moments.mean, features.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(moments.covariance, np.cov(features - 1e6, rowvar=False), rtol=1e-6, atol=1e-8)
    assert frechet_distance(moments, features) < 1e-6


def test_infinite_n_removes_the_bias():
    draw = np.random.default_rng(6)
    real, fake, moved = (draw.normal(size=(4000, 16)) for _ in range(3))
    same = frechet_infinity(real, fake)
    assert abs(same.value) < 3 * same.standard_error
    assert frechet_distance(real, fake) > 3 * abs(same.value)
    far = frechet_infinity(real, moved + 0.25)
    assert far.value == pytest.approx(16 * 0.25**2, abs=3 * far.standard_error)
    assert far.value / far.standard_error > 5


def test_bad_input_is_said():
    features = correlated(50, 4, 7)
    spoilt = features.copy()
    spoilt[7, 2] = np.nan
    with pytest.raises(DataError, match="row 7 of the features is NaN"):
        frechet_distance(features, spoilt)
    with pytest.raises(UsageError, match="at least 2 pictures, 1 given"):
        frechet_distance(features, features[:1])
    with pytest.raises(DataError, match="4 and 3 dimensions"):
        frechet_distance(features, features[:, :3])
    with pytest.raises(DataError, match="expected \\(num, dim\\)"):
        frechet_distance(features, features[0])
    with pytest.raises(UsageError, match="in 64 dimensions needs at least 256 pictures, 100 given"):
        frechet_infinity(np.zeros((100, 64)), np.zeros((100, 64)))
