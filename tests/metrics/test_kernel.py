"""KID against scikit-learn's polynomial kernel, and its standard error against repetition."""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import kernel_distance
from ganzoo.metrics.kernel import polynomial_mmd
from tests.metrics.metrics_pictures import painting_features


def by_sklearn(real, fake):
    kernel = pytest.importorskip("sklearn.metrics.pairwise").polynomial_kernel
    dim = real.shape[1]

    def within(features):
        values = kernel(features, degree=3, gamma=1 / dim, coef0=1)
        np.fill_diagonal(values, 0)
        return values.sum() / (len(features) * (len(features) - 1))

    return within(real) + within(fake) - 2 * kernel(real, fake, degree=3, gamma=1 / dim, coef0=1).mean()


def test_equals_sklearn_on_random_features():
    draw = np.random.default_rng(1)
    real, fake = draw.normal(size=(300, 20)), draw.normal(0.2, 1.1, size=(250, 20))
    assert polynomial_mmd(real, fake) == pytest.approx(by_sklearn(real, fake), rel=1e-9)


def test_equals_sklearn_on_real_features():
    features = painting_features()
    real, fake = features[:150].astype(np.float64), features[150:].astype(np.float64)
    assert polynomial_mmd(real, fake) == pytest.approx(by_sklearn(real, fake), rel=1e-9, abs=1e-13)


def test_value_is_the_mean_over_disjoint_blocks():
    draw = np.random.default_rng(2)
    real, fake = draw.normal(size=(400, 5)), draw.normal(0.5, 1, size=(400, 5))
    found = kernel_distance(real, fake, block_size=20)
    assert (found.blocks, found.block_size) == (20, 20)
    assert found.value == pytest.approx(by_sklearn(real, fake), abs=4 * found.standard_error)
    assert found.z > 5


def test_is_unbiased_and_its_standard_error_honest():
    values, errors = [], []
    for seed in range(60):
        draw = np.random.default_rng(seed)
        found = kernel_distance(draw.normal(size=(300, 8)), draw.normal(size=(300, 8)), block_size=30)
        values.append(found.value)
        errors.append(found.standard_error)
    assert abs(np.mean(values)) < 3 * np.std(values) / np.sqrt(60)
    assert np.std(values) == pytest.approx(np.mean(errors), rel=0.3)


def test_bad_input_is_said():
    features = np.random.default_rng(0).normal(size=(40, 3))
    with pytest.raises(UsageError, match="needs at least 20 pictures, 19 given"):
        kernel_distance(features, features[:19])
    with pytest.raises(DataError, match="row 0 of the features is NaN"):
        kernel_distance(features, np.full((40, 3), np.inf))
    with pytest.raises(DataError, match="3 and 2 dimensions"):
        kernel_distance(features, features[:, :2])
