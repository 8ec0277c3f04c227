"""Data sets by name: what is embedded, what Keras downloads, and what is said where there is no network."""

import numpy as np
import pytest

from ganzoo import data
from ganzoo.base.errors import DataError, UsageError
from ganzoo.config import read_recipe, resolve
from ganzoo.data.data_config import DataConfig
from ganzoo.data.named import NAMED
from ganzoo.data.sources import check
from ganzoo.weights.places import of_a_stranger, without_places


def loaded(source, size=8, channels=1, **settings):
    return data.load(DataConfig(source=source, **settings), size, channels, progress=False)


def small_mnist(folder, num=30):
    """A file as Keras publishes it, in small."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (num, 28, 28), dtype=np.uint8), np.arange(num, dtype=np.uint8) % 10
    folder.mkdir(parents=True)
    np.savez(folder / "mnist.npz", x_train=x[5:], y_train=y[5:], x_test=x[:5], y_test=y[:5])
    return x


def test_the_digits_are_those_of_scikit_learn():
    from sklearn.datasets import load_digits

    store, known = loaded("digits"), load_digits()
    np.testing.assert_array_equal(store.images[..., 0], (known.images * 15.9375).astype("uint8"))
    np.testing.assert_array_equal(store.labels, known.target)
    assert store.class_names == tuple("0123456789")


def test_what_keras_has_is_loaded(tmp_path, monkeypatch):
    x = small_mnist(tmp_path / "datasets")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))

    def load_data():
        with np.load(tmp_path / "datasets/mnist.npz") as found:
            return (found["x_train"], found["y_train"]), (found["x_test"], found["y_test"])

    monkeypatch.setattr("keras.datasets.mnist.load_data", load_data)
    np.testing.assert_array_equal(loaded("mnist", 28).images[..., 0], x[5:])
    np.testing.assert_array_equal(loaded("mnist", 28, split="test").images[..., 0], x[:5])


@pytest.mark.parametrize("name", [name for name, named in NAMED.items() if not named.is_embedded])
def test_without_a_network_one_sentence(name, tmp_path, monkeypatch, capsys):
    def load_data():
        raise Exception("URL fetch failure on https://...: None -- [Errno -2] Name or service not known")

    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setattr(f"keras.datasets.{name}.load_data", load_data)
    with pytest.raises(DataError, match=f"{name} is not on this machine and could not") as error:
        loaded(name, 28)
    assert str(tmp_path / "datasets") in str(error.value)
    assert "Keras downloads" in capsys.readouterr().out


def test_a_folder_of_that_name_is_meant(picture_folder, monkeypatch):
    picture_folder.rename(picture_folder.parent / "digits")
    monkeypatch.chdir(picture_folder.parent)
    assert check(DataConfig(source="digits")) == "raw"


def test_a_misspelt_name_is_answered():
    with pytest.raises(UsageError, match="did you mean 'digits'"):
        check(DataConfig(source="digit"))


def test_recipes_find_their_data_by_name():
    assert resolve(read_recipe("digits_cgan")).data.source == "digits"
    assert resolve(read_recipe("mnist_cgan")).data.source == resolve(read_recipe("mnist_vanilla")).data.source
    for name in ("digits_cgan", "mnist_cgan"):
        assert without_places(resolve(read_recipe(name))).data.source in NAMED
    assert of_a_stranger(resolve(read_recipe("digits_cgan"))).data.source == "digits"
    assert of_a_stranger(resolve(read_recipe("mnist_cgan"))).data.source not in NAMED
