"""What `gan.fit` and its like take: all that Keras users give their models, or a sentence with the cure."""

import re
import subprocess
import sys

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import DataError, Diverged, UsageError
from ganzoo.pictures.layout import to_uint8
from tests.conftest import ROOT, tiny_arguments

PIXELS = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), np.uint8)
FLOATS = PIXELS.astype(np.float32) / 127.5 - 1.0


def tiny(name="dcgan", **arguments):
    return ganzoo.build(name, **{**tiny_arguments(name), **arguments})


@pytest.fixture(scope="module")
def gan():
    return tiny()


class Batches(keras.utils.PyDataset):
    def __len__(self):
        return 5

    def __getitem__(self, index):
        return PIXELS[4 * index : 4 * index + 4]


def batched(pictures, size=4):
    return (pictures[at : at + size] for at in range(0, len(pictures), size))


@pytest.mark.parametrize(
    "data, arguments",
    [
        (PIXELS, {"batch_size": 4}),
        ({"image": PIXELS}, {"batch_size": 4}),
        (tf.constant(FLOATS), {"batch_size": 4}),
        (Batches(), {}),
        (lambda: batched(PIXELS), {"steps_per_epoch": 5}),
        (lambda: list(batched(FLOATS)).__iter__(), {"steps_per_epoch": 5}),
        (tf.data.Dataset.from_tensor_slices(PIXELS).batch(4), {}),
        (
            lambda: tf.data.Dataset.from_generator(lambda: batched(PIXELS), output_types=tf.uint8),
            {"steps_per_epoch": 5},
        ),
    ],
    ids=["array", "dict", "tensor", "PyDataset", "generator", "iterator", "tf.data", "no shapes"],
)
def test_every_kind_of_data_takes_the_steps_it_has_batches_for(gan, data, arguments):
    before = int(gan.step.numpy())
    gan.fit(data() if callable(data) and not isinstance(data, Batches) else data, verbose=0, **arguments)
    assert int(gan.step.numpy()) - before == 5


def test_float_pixels_are_taken_as_pixels_and_said(gan, tmp_path):
    """As keras.utils.image_dataset_from_directory yields them: float32 from 0 to 255."""
    for i, picture in enumerate(PIXELS):
        (tmp_path / "a").mkdir(exist_ok=True)
        keras.utils.save_img(tmp_path / "a" / f"{i:02d}.png", picture)
    data = keras.utils.image_dataset_from_directory(
        tmp_path, labels=None, image_size=(16, 16), batch_size=20, shuffle=False, verbose=False
    )
    with pytest.warns(UserWarning, match="taken as 0 to 255"):
        (batch,) = gan.prepared(data)
    np.testing.assert_allclose(batch["image"].numpy(), FLOATS, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.int32, np.uint16, np.float64, np.float16])
def test_pixels_of_any_type_become_the_same_pictures(gan, dtype):
    with pytest.warns(UserWarning, match=f"{np.dtype(dtype)} up to 255: taken as 0 to 255"):
        (batch,) = gan.prepared(tf.data.Dataset.from_tensors(PIXELS.astype(dtype)))
    np.testing.assert_allclose(batch["image"].numpy(), FLOATS, atol=1e-6)


def test_pictures_between_0_and_1_are_asked_about(gan):
    with pytest.warns(UserWarning, match=re.escape(".map(lambda x: 2.0 * x - 1.0)")):
        gan.prepared(tf.data.Dataset.from_tensors(PIXELS / np.float32(255)))


@pytest.mark.parametrize(
    "pictures, said",
    [
        (FLOATS * 1.2, "reach from -1.2 to 1.2"),
        (PIXELS * 2.0, "reach from 0 to 510"),
        (np.where(FLOATS > 0.9, np.nan, FLOATS), "not finite"),
        (PIXELS > 7, "of type bool"),
        (PIXELS[:, :14, :14], "resize the data"),
        (PIXELS.transpose(0, 3, 1, 2), "tf.transpose(x, [0, 2, 3, 1])"),
        (PIXELS[..., 0], "add the axis of channels"),
        (PIXELS[..., :1], "channels=1"),
    ],
)
def test_what_no_picture_is_is_refused_with_the_cure(gan, pictures, said):
    for data in (pictures, tf.data.Dataset.from_tensor_slices(pictures).batch(4)):
        with pytest.raises(DataError, match=re.escape(said)):
            gan.fit(data, verbose=0)


def test_a_batch_out_of_range_is_found_wherever_it_comes(gan):
    late = np.concatenate([FLOATS[:16], PIXELS[16:].astype(np.float32)])
    with pytest.raises(DataError, match="later pictures are in another range"):
        gan.fit(tf.data.Dataset.from_tensor_slices(late).batch(4), verbose=0)


@pytest.mark.parametrize(
    "data, arguments, said",
    [
        (tf.data.Dataset.from_tensor_slices(PIXELS), {}, "dataset.batch(32)"),
        (
            tf.data.Dataset.from_tensors((PIXELS, np.zeros(20), np.ones(20))),
            {},
            "sample weights are not used",
        ),
        (PIXELS, {"class_weight": {0: 1.0}}, "class_weight is not used here"),
        (PIXELS, {"sample_weight": np.ones(20)}, "sample_weight is not used here"),
        (PIXELS, {"validation_data": PIXELS}, "ganzoo.metrics.evaluate"),
        (PIXELS, {"validation_split": 0.1}, "hold some back"),
        (PIXELS, {"batch_size": 0}, "at least 1"),
        ({"image": PIXELS, "label": np.zeros(3)}, {}, "equally many of each"),
        ([PIXELS, PIXELS], {}, "was given a list"),
        (None, {}, "was given a NoneType"),
        (Batches(), {"y": np.zeros(20)}, "y goes with arrays"),
    ],
)
def test_what_means_nothing_here_is_said(gan, data, arguments, said):
    with pytest.raises((DataError, UsageError), match=re.escape(said)):
        gan.fit(data, verbose=0, **arguments)


def test_labels_in_the_usual_shapes():
    gan = tiny("cgan")
    labels = np.arange(20) % 3
    for given in (labels, labels[:, None], labels.astype(np.int64)):
        (batch,) = gan.prepared(tf.data.Dataset.from_tensors((PIXELS, given)))
        np.testing.assert_array_equal(batch["label"].numpy(), labels)
    for given, said in ((np.eye(3)[labels], "tf.argmax(y, -1)"), (None, "(image, label) pairs")):
        with pytest.raises(DataError, match=re.escape(said)):
            gan.fit(PIXELS, given, verbose=0)
    with pytest.raises(DataError, match="outside the model's 3 classes"):
        gan.fit(PIXELS, labels + 5, verbose=0)


def test_grey_pictures_need_no_axis_of_channels():
    gan = tiny(channels=1)
    (batch,) = gan.prepared(tf.data.Dataset.from_tensors(PIXELS[..., 0]))
    assert batch["image"].shape == (20, 16, 16, 1)


def test_predict_and_call_make_the_pictures_of_sample(gan):
    latents = gan.latents(3, seed=1)
    expected = gan.sample(3, seed=1)
    np.testing.assert_array_equal(gan.predict(latents), expected)
    np.testing.assert_array_equal(gan(latents).numpy(), expected)
    with pytest.raises(UsageError, match=re.escape("evaluate() has no meaning for a GAN")):
        gan.evaluate(PIXELS)
    gan.summary(print_fn=lambda *_, **__: None)


# ---- compiling and callbacks -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"optimizer": "adam", "loss": "mse"}, "g_optimizer=... and d_optimizer=..."),
        ({"loss": "binary_crossentropy"}, 'ganzoo.build(model, loss="hinge")'),
        ({"metrics": ["accuracy"]}, "ganzoo.metrics.evaluate"),
        ({"jit_compile": True}, "not by XLA"),
    ],
)
def test_compile_arguments_of_other_models_are_answered(arguments, said):
    with pytest.raises(UsageError, match=re.escape(said)):
        tiny().compile(**arguments)


def test_rates_follow_the_schedulers_of_keras():
    gan = tiny(learning_rate=4e-4, d_learning_rate=1e-4)
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    plateau = keras.callbacks.ReduceLROnPlateau("step", mode="max", factor=0.5, patience=0, min_delta=1e9)
    gan.fit(PIXELS, epochs=2, batch_size=10, verbose=0, callbacks=[halve])
    rates = [float(o.learning_rate.numpy()) for o in (gan.g_optimizer, gan.d_optimizer)]
    np.testing.assert_allclose(rates, [1e-4, 0.25e-4], rtol=1e-5)
    assert plateau.mode == "max"
    falling = tiny(decay_until=100)
    with pytest.raises(UsageError, match="decay_until sets anew"):
        falling.fit(PIXELS, callbacks=[halve], verbose=0)


def test_what_was_compiled_is_what_loads(tmp_path):
    gan = tiny()
    gan.compile(gan.objective, keras.optimizers.SGD(0.25, momentum=0.5), "rmsprop", steps_per_execution=2)
    gan.fit(PIXELS, batch_size=10, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert (type(loaded.g_optimizer).__name__, type(loaded.d_optimizer).__name__) == ("SGD", "RMSprop")
    assert float(loaded.g_optimizer.learning_rate.numpy()) == 0.25 and loaded.g_optimizer.momentum == 0.5
    assert int(loaded.steps_per_execution) == 2
    for ours, theirs in ((gan.g_optimizer, loaded.g_optimizer), (gan.d_optimizer, loaded.d_optimizer)):
        assert int(theirs.iterations.numpy()) == 2
        for one, other in zip(ours.variables, theirs.variables, strict=True):
            np.testing.assert_array_equal(one.numpy(), other.numpy())


@pytest.mark.parametrize(
    "order", ["import ganzoo, keras", "import ganzoo, tensorflow as tf; keras = tf.keras"]
)
def test_a_saved_model_loads_in_a_new_process_after_import_ganzoo(order, tmp_path):
    tiny("progan").save(tmp_path / "gan.keras")
    tiny("progan").ema_generator.save(tmp_path / "generator.keras")
    code = f"{order}\nfor name in ('gan', 'generator'): print(keras.models.load_model(name + '.keras').name)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "TF_CPP_MIN_LOG_LEVEL": "3"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_set_of_unknown_length_ends_without_a_warning(gan):
    """Warnings are errors here; Keras's "ran out of data" is for steps that were asked for."""
    before = int(gan.step.numpy())
    data = tf.data.Dataset.from_tensor_slices(PIXELS).batch(4).filter(lambda batch: True)
    assert len(gan.fit(data, epochs=2, verbose=0).history["d_loss"]) == 2
    assert int(gan.step.numpy()) - before == 10
    with pytest.warns(UserWarning, match="ran out of data"):
        gan.fit(data, steps_per_epoch=9, verbose=0)


def test_pictures_of_a_diverged_generator_are_an_error():
    gan = tiny("vanilla")
    for average in gan.ema_weights:
        average.assign(np.full(average.shape, np.nan, np.float32))
    for make in (gan.sample, lambda num: gan.predict(gan.latents(num)), lambda num: gan.sample_grid()):
        with pytest.raises(Diverged, match="it has diverged"):
            make(3)
    with pytest.raises(DataError, match="NaN or infinite"):
        to_uint8(np.array([0.0, np.nan]))
