"""Neighbours against scikit-learn, precision and recall against prdc, memorisation by construction."""

import numpy as np
import pytest

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import memorisation, nearest, neighbour_sheet, precision_recall
from tests.metrics.metrics_pictures import painting_features


def by_prdc(real, fake, k):
    return pytest.importorskip("prdc").compute_prdc(real, fake, k)


def assert_identical(real, fake, k):
    expected, found = by_prdc(real, fake, k), precision_recall(real, fake, nearest_k=k)
    for name, value in expected.items():
        # To the last place of a mean: not one sample may be counted otherwise.
        assert getattr(found, name) == pytest.approx(value, rel=1e-12), name


@pytest.mark.parametrize("k", [1, 5])
@pytest.mark.parametrize("offset", [0, 1000], ids=["centred", "far from the origin"])
def test_identical_to_prdc_with_duplicates_and_unequal_numbers(k, offset):
    draw = np.random.default_rng(k)
    real, fake = draw.normal(size=(700, 12)) + offset, draw.normal(0.1, 0.9, size=(600, 12)) + offset
    fake[:20] = real[:20]  # samples on the very rim of a ball
    fake[20:60] = fake[60]
    real[100:130] = real[130]
    assert_identical(real, fake, k)


def test_identical_to_prdc_on_real_features():
    features = painting_features()
    assert_identical(features[:150].astype(np.float64), features[150:].astype(np.float64), 5)


def test_identical_to_prdc_on_one_picture_over_and_over():
    real = np.random.default_rng(3).normal(size=(200, 6))
    assert_identical(real, np.repeat(real[:1], 150, axis=0), 3)


def test_nearest_equals_a_full_sort():
    draw = np.random.default_rng(4)
    points, among = (
        draw.normal(size=(600, 9)).astype(np.float32),
        draw.normal(size=(300, 9)).astype(np.float32),
    )
    exact = np.linalg.norm(points[:, None].astype(np.float64) - among[None].astype(np.float64), axis=2)
    distances, rows = nearest(points, among, k=4)
    np.testing.assert_array_equal(rows, np.argsort(exact, axis=1)[:, :4])
    np.testing.assert_allclose(distances, np.sort(exact, axis=1)[:, :4], rtol=1e-12)
    own, own_rows = nearest(points)
    assert (own > 0).all() and (own_rows[:, 0] != np.arange(600)).all()


def test_memorisation_tells_copies_from_new_pictures():
    draw = np.random.default_rng(5)
    train, held_out, new = draw.normal(size=(400, 6)), draw.normal(size=(150, 6)), draw.normal(size=(2000, 6))
    assert memorisation(new, train, held_out).share == pytest.approx(0.5, abs=0.06)
    copies = train[draw.integers(0, 400, 500)]
    # 150 of the 400 training pictures are compared, for equal numbers: their copies are all found.
    assert memorisation(copies, train, held_out).share > 0.6
    assert memorisation(copies, train, draw.normal(size=(400, 6))).share > 0.99
    with pytest.raises(UsageError, match="at least 10 held-out pictures, 5 given"):
        memorisation(new, train, held_out[:5])


def test_sheet_shows_each_sample_beside_its_neighbours():
    train = np.stack([np.full((8, 6, 3), value, np.uint8) for value in (10, 20, 30)])
    sheet = neighbour_sheet(train[:2], train, np.array([[2, 1], [0, 2]]), gap=2)
    assert sheet.shape == (18, 24, 3)
    assert sheet[0, 0, 0] == 10 and sheet[10, 0, 0] == 20
    assert sheet[0, 10, 0] == 30 and sheet[0, 18, 0] == 20 and sheet[17, 23, 0] == 30
    with pytest.raises(DataError, match="bring them to one"):
        neighbour_sheet(train[:, :4], train, np.zeros((3, 1), int))


def test_bad_input_is_said():
    points = np.random.default_rng(6).normal(size=(6, 3))
    with pytest.raises(UsageError, match="precision and recall needs at least 6 pictures, 5 given"):
        precision_recall(points, points[:5])
    with pytest.raises(DataError, match="row 1 of the features"):
        precision_recall(points, np.where(np.arange(6)[:, None] == 1, np.nan, points))
    with pytest.raises(UsageError, match="6 nearest neighbours needs at least 6 other pictures, 5 given"):
        nearest(points, k=6)
