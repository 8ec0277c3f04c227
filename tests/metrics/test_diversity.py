"""MS-SSIM against TensorFlow's and against SSIM written out, and birthday duplicates."""

import numpy as np
import pytest

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf
from ganzoo.metrics import birthday, ms_ssim
from ganzoo.metrics.diversity import POWERS, ssim_scales
from tests.metrics.metrics_pictures import crops


def test_equals_tensorflow_at_five_scales():
    pictures = np.repeat(np.repeat(crops(2, 88), 2, axis=1), 2, axis=2)  # 176 pixels
    expected = tf.image.ssim_multiscale(tf.constant(pictures[0]), tf.constant(pictures[1]), 255).numpy()
    found = ms_ssim(pictures, pairs=3)
    assert found.scales == 5
    assert found.value == pytest.approx(float(expected), abs=1e-6)


def test_scales_that_fit():
    assert [ssim_scales(size, size) for size in (10, 11, 28, 64, 128, 175, 176, 1024)] == [
        0,
        1,
        2,
        3,
        4,
        4,
        5,
        5,
    ]


def contrast_and_luminance(first, second):
    """SSIM's two factors averaged over the picture, of one channel, written out (Wang et al. 2004)."""
    ndimage = pytest.importorskip("scipy.ndimage")

    def smooth(values):
        for axis in (0, 1):
            weights = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
            values = ndimage.correlate1d(values, weights / weights.sum(), axis=axis)
        return values[5:-5, 5:-5]

    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    m1, m2 = smooth(first), smooth(second)
    v1, v2 = smooth(first**2) - m1**2, smooth(second**2) - m2**2
    contrast = (2 * (smooth(first * second) - m1 * m2) + c2) / (v1 + v2 + c2)
    return contrast.mean(), (contrast * (2 * m1 * m2 + c1) / (m1**2 + m2**2 + c1)).mean()


def test_fewer_scales_are_the_same_formula_with_powers_scaled_to_one():
    draw = np.random.default_rng(1)
    first = draw.integers(60, 200, (32, 32)).astype(np.float64)
    second = np.rint(first * 0.8 + draw.integers(0, 40, (32, 32)))
    pictures = np.stack([first, second]).astype(np.uint8)[..., None]
    fine = contrast_and_luminance(first, second)[0]
    coarse = contrast_and_luminance(*(x.reshape(16, 2, 16, 2).mean(axis=(1, 3)) for x in (first, second)))[1]
    powers = np.array(POWERS[:2]) / sum(POWERS[:2])
    assert ms_ssim(pictures, pairs=2).value == pytest.approx(
        fine ** powers[0] * coarse ** powers[1], abs=1e-4
    )


def test_collapse_raises_ms_ssim():
    pictures = crops(240)
    values = [
        ms_ssim(pictures[:different][np.arange(200) % different], pairs=200).value
        for different in (200, 10, 1)
    ]
    assert values[0] < values[1] - 0.05 and values[1] < values[2]
    assert values[2] == pytest.approx(1, abs=1e-5)


def test_birthday_estimates_the_support():
    draw = np.random.default_rng(2)
    real, atoms = draw.normal(size=(1000, 8)), draw.normal(size=(5000, 8))
    rest = birthday(draw.normal(size=(1000, 8)), real)
    assert rest.share == pytest.approx(0.01, abs=0.012)
    assert rest.support > 40_000
    found = birthday(atoms[draw.integers(0, 5000, 1000)], real)
    assert found.share > 0.1
    assert found.support == pytest.approx(5000, rel=0.35)
    assert len(found.pairs) and found.pairs.shape[1] == 2
    with pytest.raises(UsageError, match="at least 100 pictures, 50 given"):
        birthday(real, real[:50])


@pytest.mark.parametrize("num", [100, 120, 300])
def test_birthday_of_new_pictures_is_what_it_says_to_expect(num):
    # The nearest two are each other's neighbour: one percent of a hundred is half a pair.
    shares = []
    for seed in range(300):
        draw = np.random.default_rng(seed)
        found = birthday(draw.normal(size=(num, 3)), draw.normal(size=(num, 3)))
        shares.append((found.share, found.expected))
    share, expected = np.mean(shares, axis=0)
    assert share == pytest.approx(expected, abs=4 * np.std(shares, axis=0)[0] / np.sqrt(300))
    assert expected == pytest.approx(max(0.01, 2 / num), rel=0.35)


def test_birthday_of_reals_that_repeat_themselves():
    real = np.random.default_rng(4).normal(size=(60, 3)).repeat(2, axis=0)
    found = birthday(real, real)
    assert (found.share, found.expected) == (1, 1)


def test_bad_input_is_said():
    with pytest.raises(UsageError, match="at least 2 pictures, 1 given"):
        ms_ssim(np.zeros((1, 64, 64, 3), np.uint8))
    with pytest.raises(UsageError, match="11 pixels or more, \\(8, 8\\) given"):
        ms_ssim(np.zeros((3, 8, 8, 1), np.uint8))
