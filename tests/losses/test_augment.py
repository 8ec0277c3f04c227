"""Differentiable augmentation: what it does to pixels, that gradients pass, that draws are the step's."""

import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.losses.augment import Augment
from ganzoo.step.draws import Draws
from tests.conftest import random_batch, tiny_arguments

IMAGES = tf.random.stateless_uniform([32, 8, 8, 3], [0, 1], -1.0, 1.0)


def changed(augment, images=IMAGES, step=0, name="real"):
    return augment(images, Draws(0, step), name).numpy()


def test_off_is_the_identity_and_false():
    assert not Augment() and Augment(cutout=0.5)
    np.testing.assert_array_equal(changed(Augment()), IMAGES)


def test_brightness_adds_one_number_to_each_picture():
    shift = changed(Augment(brightness=0.3)) - IMAGES.numpy()
    np.testing.assert_allclose(shift.std(axis=(1, 2, 3)), 0.0, atol=1e-6)
    amounts = shift.mean(axis=(1, 2, 3))
    assert len(np.unique(amounts.round(5))) > 28 and np.abs(amounts).max() <= 0.3
    assert amounts.min() < -0.15 and amounts.max() > 0.15


def test_saturation_keeps_the_grey_and_contrast_the_mean():
    images = IMAGES.numpy()
    tinted = changed(Augment(saturation=0.5))
    np.testing.assert_allclose(tinted.mean(axis=-1), images.mean(axis=-1), atol=1e-6)
    factor = (tinted - tinted.mean(-1, keepdims=True)).std((1, 2, 3)) / (
        images - images.mean(-1, keepdims=True)
    ).std((1, 2, 3))
    assert factor.min() < 0.75 and factor.min() >= 0.5 and 1.25 < factor.max() <= 1.5
    flat = changed(Augment(contrast=0.5))
    np.testing.assert_allclose(flat.mean((1, 2, 3)), images.mean((1, 2, 3)), atol=1e-6)
    assert (flat.std((1, 2, 3)) / images.std((1, 2, 3))).std() > 0.1


def test_translation_moves_whole_pictures_and_fills_with_grey():
    given, moved = IMAGES.numpy(), changed(Augment(translation=0.25))
    shifts = set()
    for picture, result in zip(given, moved, strict=True):
        padded = np.pad(picture, ((2, 2), (2, 2), (0, 0)))
        found = [
            (y, x) for y in range(5) for x in range(5) if np.array_equal(padded[y : y + 8, x : x + 8], result)
        ]
        assert len(found) == 1
        shifts.add(found[0])
    assert len(shifts) > 10 and {y for y, _ in shifts} == {x for _, x in shifts} == set(range(5))


def test_cutout_greys_a_square_and_nothing_else():
    given, cut = IMAGES.numpy(), changed(Augment(cutout=0.5))
    for picture, result in zip(given, cut, strict=True):
        gone = (result == 0.0).all(axis=-1)
        rows, columns = np.flatnonzero(gone.any(1)), np.flatnonzero(gone.any(0))
        assert gone[np.ix_(rows, columns)].all() and gone.sum() == len(rows) * len(columns)
        assert 1 <= len(rows) <= 4 and 1 <= len(columns) <= 4
        np.testing.assert_array_equal(result[~gone], picture[~gone])


def test_gradients_come_back_to_the_pixels_that_were_kept():
    with tf.GradientTape() as tape:
        tape.watch(IMAGES)
        value = tf.reduce_sum(Augment(translation=0.25, cutout=0.5)(IMAGES, Draws(0), "fake"))
    gradient = tape.gradient(value, IMAGES).numpy()
    assert set(np.unique(gradient)) == {0.0, 1.0}
    assert 0.3 < gradient.mean() < 0.95


def test_draws_depend_on_step_and_call_and_are_shared_out_over_replicas():
    augment = Augment(brightness=0.2, translation=0.25, cutout=0.25)
    np.testing.assert_array_equal(changed(augment), changed(augment))
    assert np.any(changed(augment) != changed(augment, step=1))
    assert np.any(changed(augment) != changed(augment, name="fake"))
    halves = [augment(IMAGES[16 * i : 16 * i + 16], Draws(0, 0, i, 2), "real").numpy() for i in range(2)]
    np.testing.assert_array_equal(np.concatenate(halves), changed(augment))


def test_real_and_generated_pictures_both_go_through_it(monkeypatch):
    seen = []
    call = Augment.__call__
    monkeypatch.setattr(Augment, "__call__", lambda self, *a: seen.append(a[2]) or call(self, *a))
    gan = ganzoo.build("dcgan", **tiny_arguments("dcgan"), augment={"translation": 0.1}, loss="relativistic")
    gan.fit(tf.data.Dataset.from_tensors(random_batch(gan.family)), verbose=0)
    assert seen == [f"augment {name}" for name in ("real", "fake", "real again", "fake again")]


@pytest.mark.parametrize("bad", [{"cutout": 1.5}, {"brightness": -0.1}])
def test_amounts_outside_the_range(bad):
    with pytest.raises(UsageError, match=r"must be at least 0 \(off\) and at most 1"):
        Augment(**bad)
