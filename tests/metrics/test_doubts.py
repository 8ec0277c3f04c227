"""Numbers that blots would get as well are marked, with the reason; those that say something are not."""

import numpy as np
import pytest

from ganzoo import data, metrics


@pytest.fixture(scope="module")
def paintings():
    return data.load(data.DataConfig(source="paintings"), image_size=64).images


def blots(images, side):
    import tensorflow as tf

    large = tf.image.resize(
        tf.image.resize(images, (side, side), "area"), images.shape[1:3], "bicubic"
    ).numpy()
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


def shares(real, fake, **more):
    return metrics.evaluate(real, fake, measures=["precision_recall"], num=len(fake), **more)


def test_blots_of_high_precision_are_doubted(paintings):
    store = data.load(data.DataConfig(source="paintings", crop="random:8"), image_size=64)
    groups = np.arange(len(store)) // store.copies
    report = shares(store.images, blots(store.images, 4), groups=groups, fake_groups=groups)
    assert report["precision"].value > 0.8 and report["recall"].value < 0.1  # what fooled a reader
    assert "no sign of" in report["precision"].doubt and "precision ?" in report.to_text()
    assert not report["recall"].doubt


def test_a_low_precision_is_believed(paintings):
    noise = np.random.default_rng(0).integers(0, 256, paintings.shape).astype(np.uint8)
    assert not shares(paintings, noise)["precision"].doubt


def test_what_resembles_nothing_copies_nothing(paintings):
    train, held_out = paintings[:100], paintings[100:]
    report = metrics.evaluate(
        train,
        blots(train, 2),
        measures=["precision_recall", "memorisation"],
        num=100,
        held_out=held_out,
    )
    assert "nothing of copying" in report["nearer to training"].doubt


def test_without_a_duplicate_a_bound_is_told_and_not_infinity(paintings):
    spread = np.random.default_rng(0).integers(0, 256, (134, 64, 64, 3)).astype(np.uint8)
    report = metrics.evaluate(paintings, spread, features="pixels", measures=["birthday"], num=134)
    assert "inf" not in report.to_text()
    if report["birthday duplicates"].value == 0:
        assert "more than" in report["birthday duplicates"].note
