"""The conditional GAN: both ways for labels to enter, classes from the data and by name, bad labels."""

import dataclasses
import io
import tomllib

import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import DataError, UsageError
from ganzoo.config import resolve
from ganzoo.data.store import Store
from ganzoo.kinds.classes import in_classes_of
from ganzoo.models.cgan import CGAN
from ganzoo.step.draws import Draws
from ganzoo.training import runs
from ganzoo.training.loop import train
from ganzoo.zoo import split
from tests.conftest import random_batch, tiny_arguments

NAMES = ("18th century", "19th century", "20th century")
both = pytest.mark.parametrize("injection", ["concat", "projection"])


def tiny(**arguments):
    return ganzoo.build("cgan", **{**tiny_arguments("cgan"), **arguments})


def store(labels=(0, 1, 2) * 8, names=NAMES):
    images = np.random.default_rng(0).integers(0, 256, (len(labels), 16, 16, 3), np.uint8)
    return Store.of_pictures(images, np.asarray(labels), tuple(names))


@both
def test_both_players_read_the_label(injection):
    gan = tiny(injection=injection)
    latents, images = np.ones((3, 8), np.float32), np.zeros((3, 16, 16, 3), np.float32)
    label = np.arange(3, dtype=np.int32)
    made = gan.generator([latents, label], training=False).numpy()
    judged = gan.discriminator([images + 0.1, label], training=False).numpy()
    assert np.any(made[0] != made[1]) and np.any(made[1] != made[2])
    assert len(np.unique(judged)) == 3


def test_projection_is_the_papers_equation():
    gan = tiny(injection="projection", norm="none")
    net = gan.discriminator
    images = np.random.default_rng(0).uniform(-1, 1, (4, 16, 16, 3)).astype(np.float32)
    label = np.array([0, 1, 2, 1], np.int32)
    import keras

    last = next(layer for layer in reversed(net.layers) if isinstance(layer, keras.layers.LeakyReLU))
    features = keras.Model(net.inputs, last.output)([images, label]).numpy().astype(np.float64)
    psi, bias = (w.numpy().astype(np.float64) for w in net.get_layer("to_logit").weights)
    (table,) = [layer for layer in net.layers if isinstance(layer, keras.layers.Embedding)]
    embedded = table.embeddings.numpy().astype(np.float64)[label]
    wanted = features.reshape(4, -1) @ psi + bias
    wanted += (embedded * features.sum(axis=(1, 2))).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(net([images, label]).numpy(), wanted, rtol=1e-4, atol=1e-6)


@both
def test_a_class_is_learned(injection):
    # Class k is a picture of one grey level: after a little training D's gradient tells G which.
    gan = tiny(
        injection=injection,
        num_classes=2,
        channels=1,
        width=8,
        learning_rate=2e-3,
        loss="hinge",
        ema_decay=0.9,
    )
    label = np.tile([0, 1], 16).astype(np.int32)
    image = np.where(label == 0, -0.8, 0.8).astype(np.float32)[:, None, None, None] * np.ones((1, 16, 16, 1))
    data = tf.data.Dataset.from_tensors({"image": image.astype(np.float32), "label": label}).repeat()
    gan.fit(data, steps_per_epoch=60, verbose=0)
    dark, light = (gan.sample(16, labels=k).mean() for k in (0, 1))
    assert light - dark > 0.3


def test_samples_of_a_class_by_number_and_by_name():
    gan = tiny(class_names=NAMES)
    by_name = gan.sample(2, labels="19th century")
    np.testing.assert_array_equal(by_name, gan.sample(2, labels=1))
    mixed = gan.sample(2, labels=["20th century", 1])
    np.testing.assert_array_equal(mixed[1], by_name[1])
    assert np.any(mixed[0] != by_name[0])


def test_a_grid_has_a_row_for_each_class_from_shared_latents():
    gan = tiny(class_names=NAMES)
    rows = gan.sample_grid(columns=4, seed=2)
    assert rows.shape == (3, 4, 16, 16, 3)
    np.testing.assert_array_equal(rows[2], gan.sample(4, seed=2, labels=2))
    np.testing.assert_array_equal(gan.sample_grid("19th century", columns=4, seed=2)[0], rows[1])
    assert ganzoo.build("dcgan", **tiny_arguments("dcgan")).sample_grid(columns=2).shape == (2, 2, 16, 16, 3)


# ---- classes from the data --------------------------------------------------------------------


def test_classes_are_taken_from_the_data():
    family = CGAN(image_size=16).fit_to_data(store())
    assert family.num_classes == 3 and family.class_names == NAMES


def test_without_labels_classes_are_drawn_in_the_datas_proportions():
    family = CGAN(image_size=16).fit_to_data(store([0] * 20 + [1] * 4 + [2] * 8))
    assert family.class_counts == (20, 4, 8)
    drawn = family.draw_inputs(Draws(0), 4000)["label"].numpy()
    np.testing.assert_allclose(np.bincount(drawn) / 4000, [0.625, 0.125, 0.25], atol=0.03)
    np.testing.assert_array_equal(family.draw_inputs(Draws(0), 10)["label"], drawn[:10])
    lone = CGAN(image_size=16, num_classes=2, class_counts=(0, 5))
    assert set(lone.draw_inputs(Draws(1), 50)["label"].numpy()) == {1}


def test_without_counts_classes_are_drawn_all_alike_as_ever():
    family = CGAN(image_size=16, num_classes=3)
    was = Draws(5).integers("labels", [100], 3)
    np.testing.assert_array_equal(family.draw_inputs(Draws(5), 100)["label"], was)


def test_the_statistics_of_averaged_weights_are_of_the_datas_proportions():
    """A network that shows its label: what its normalisation has seen is the mean of the labels drawn."""
    means = []
    for counts in ((30, 1, 1), (1, 1, 30)):
        gan = tiny(class_counts=counts, injection="projection")
        (table, *_) = [w for w in gan.generator.weights if w.path.endswith("embeddings")]
        table.assign(np.arange(3, dtype=np.float32)[:, None] * np.ones(table.shape, np.float32))
        generator = gan.ema_generator
        means.append(generator.predict_on_batch([np.ones((1, 8), np.float32), np.ones(1, np.int32)]))
    assert np.abs(means[0] - means[1]).max() > 1e-3


def test_given_names_number_the_datas_classes():
    family = CGAN(image_size=16, num_classes=3, class_names=NAMES[::-1])
    fitted = family.fit_to_data(store([0] * 20 + [1] * 4 + [2] * 8))
    assert fitted.class_names == NAMES[::-1] and fitted.class_counts == (8, 4, 20)
    matched = in_classes_of(fitted, store([0, 1, 2]))
    assert matched.class_names == NAMES[::-1] and matched.labels.tolist() == [2, 1, 0]
    named = family.fit_to_data(store(names=("0", "1", "2")))  # numbers alone may be given names
    assert named.class_names == NAMES[::-1]
    with pytest.raises(
        DataError, match=r"20th century, 19th century, 18th century, but the data's are a, b, c"
    ):
        family.fit_to_data(store(names="abc"))
    with pytest.raises(DataError, match=r"3 classes without names and the data 2 \(a, b\)"):
        in_classes_of(CGAN(num_classes=3), store([0, 1], "ab"))


def test_a_run_does_not_go_on_with_its_classes_numbered_otherwise(tmp_path):
    family = CGAN(image_size=16, num_classes=3, class_names=NAMES)
    config = dataclasses.replace(resolve({"model": {"name": "cgan"}}), family=family)
    runs.create(tmp_path, config)
    runs.refuse_other_classes(tmp_path, config)
    other = dataclasses.replace(config, family=dataclasses.replace(family, class_names=NAMES[::-1]))
    with pytest.raises(DataError, match=r"numbers its classes 18th century, 19th .* data 20th century, 19th"):
        runs.refuse_other_classes(tmp_path, other)


@pytest.mark.parametrize(
    "bad, says",
    [
        (Store.of_pictures(np.zeros((4, 16, 16, 3), np.uint8)), "the data has no labels"),
        (store([0] * 8, NAMES[:1]), r"all pictures are of one class \(18th century\)"),
        (store([0, 0, 1, 1, 2]), r"too few pictures of 20th century \(1\).*min_per_class"),
        (store([0, 0, 1, 1]), r"too few pictures of 20th century \(0\)"),
        (store([0, 0, 1, 1, 3, 3]), "labels reach from 0 to 3"),
        (store([0.0, 0.5, 1.0, 2.0]), "labels are of type float64"),
    ],
    ids=["none", "one class", "one picture", "no picture", "outside", "float"],
)
def test_data_that_cannot_teach_classes(bad, says):
    with pytest.raises(DataError, match=says):
        CGAN(image_size=16).fit_to_data(bad)


def test_another_number_of_classes_than_the_data_has():
    with pytest.raises(UsageError, match="num_classes is 10, but the data has 3 classes"):
        CGAN(image_size=16, num_classes=10).fit_to_data(store())


@pytest.mark.parametrize(
    "bad, says",
    [
        ({"num_classes": 1}, "at least 2"),
        ({"num_classes": 2, "class_names": ["a", "a"]}, "a name of its own"),
        ({"class_names": ["a", "b"]}, "a name of its own"),
        ({"num_classes": 2, "class_counts": [3]}, "class_counts holds 1 numbers"),
        ({"num_classes": 2, "class_counts": [0, 0]}, "not all 0"),
        ({"injection": "concatenate"}, "did you mean 'concat'"),
        ({"embedding_dim": 0}, "embedding_dim is 0"),
    ],
)
def test_bad_arguments(bad, says):
    with pytest.raises(UsageError, match=says):
        split("cgan", bad)


def test_without_data_the_number_of_classes_has_to_be_given():
    with pytest.raises(UsageError, match=r"ganzoo\.build\('cgan', num_classes=10\)"):
        ganzoo.build("cgan")


@pytest.mark.parametrize(
    "labels, says",
    [
        (3, "outside the model's classes, 0 to 2"),
        (-1, "outside the model's classes"),
        (1.0, "is a float"),
        ("19 century", "did you mean '19th century'"),
        ([0, 1, 2], "3 labels are given for 2 pictures"),
        (True, "is a bool"),
    ],
)
def test_a_class_that_does_not_exist(labels, says):
    with pytest.raises(UsageError, match=says):
        tiny(class_names=NAMES).family.label.read("label", labels, 2)


def test_asking_the_nameless_by_name_and_the_classless_at_all():
    with pytest.raises(UsageError, match="classes have no names"):
        tiny().sample(1, labels="seven")
    with pytest.raises(UsageError, match="the model dcgan has no classes"):
        ganzoo.build("dcgan", **tiny_arguments("dcgan")).sample(1, labels=0)


def test_labels_in_fit_are_checked():
    gan = tiny()
    batch = random_batch(gan.family)
    with pytest.raises(DataError, match="labels are float32"):
        gan.fit(tf.data.Dataset.from_tensors({**batch, "label": batch["label"].astype(np.float32)}))
    with pytest.raises(DataError, match=r"outside the model's 3 classes"):
        gan.fit(tf.data.Dataset.from_tensors({**batch, "label": batch["label"] + 1}), verbose=0)
    with pytest.raises(DataError, match="has no 'label'"):
        gan.fit(tf.data.Dataset.from_tensors(batch["image"]))


# ---- a run ------------------------------------------------------------------------------------


def test_a_run_keeps_its_classes_and_goes_on(tmp_path):
    source = tmp_path / "squares.npz"
    labels = np.arange(24) % 3
    grey = np.ones((24, 16, 16, 3), np.uint8) * (80 * labels + 80).astype(np.uint8)[:, None, None, None]
    np.savez(source, image=grey, label=labels)
    tables = {
        "model": {"name": "cgan", "image_size": 16, "width": 4, "injection": "projection"},
        "train": {"images": 16, "batch_size": 8},
        "data": {"source": str(source)},
    }
    run = tmp_path / "run"
    train(resolve(tables), run, stream=io.StringIO())
    written = tomllib.loads((run / "config.toml").read_text())["model"]
    assert written["num_classes"] == 3 and written["class_names"] == ["0", "1", "2"]
    tables["train"]["images"] = 32  # the same recipe, still without num_classes, goes on
    assert train(resolve(tables), run, stream=io.StringIO())["step"] == 4
    gan = ganzoo.load(run)
    np.testing.assert_array_equal(gan.sample(1, labels="2"), gan.sample(1, labels=2))
    path = run / "config.toml"  # as a version wrote it that did not count the pictures of each class
    path.write_text("".join(line for line in path.read_text().splitlines(True) if "class_counts" not in line))
    assert runs.read_config(run).family.class_counts is None
    tables["train"]["images"] = 48
    assert train(resolve(tables), run, stream=io.StringIO())["step"] == 6
    assert runs.read_config(run).family.class_counts == (8, 8, 8)
    other = dataclasses.replace(resolve(tables).family, num_classes=4)
    with pytest.raises(UsageError, match=r"model.num_classes: 3 before, 4 now"):
        runs.refuse_changes(run, dataclasses.replace(resolve(tables), family=other))
