"""What people put into an .npz: labels in every form, most forms of pictures; understood or refused."""

import re

import numpy as np
import pytest

from ganzoo.base.errors import DataError
from ganzoo.data import DataConfig, load

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
NUMBERS = np.arange(20) % 4


def loaded(path, **options):
    return load(DataConfig(source=str(path), **options), 16, progress=False)


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (NUMBERS, "0123"),
        (NUMBERS[:, None], "0123"),
        (NUMBERS.astype(np.uint8)[:, None], "0123"),
        (NUMBERS.astype(np.float32), "0123"),
        (NUMBERS.astype(np.float64)[:, None], "0123"),
        (np.array(["cat", "dog", "été", "owl"])[NUMBERS], ("cat", "dog", "owl", "été")),
        (np.array([b"cat", b"dog", "été".encode(), b"owl"])[NUMBERS], ("cat", "dog", "owl", "été")),
        (np.array([b"cat", b"dog", b"emu", b"owl"])[NUMBERS][:, None], ("cat", "dog", "emu", "owl")),
    ],
    ids=[
        "whole",
        "column",
        "bytes_column",
        "floats",
        "floats_column",
        "names",
        "bytes",
        "bytes_names_column",
    ],
)
@pytest.mark.parametrize("form", ["image", "x_train"])
def test_labels_in_every_form(tmp_path, labels, names, form):
    if form == "image":
        np.savez(tmp_path / "x.npz", image=IMAGES, label=labels)
    else:
        parts = dict(x_train=IMAGES[:15], y_train=labels[:15], x_test=IMAGES[15:], y_test=labels[15:])
        np.savez(tmp_path / "x.npz", **parts)
    store = loaded(tmp_path / "x.npz", split="all")
    assert store.class_names == tuple(names)
    flat = [label.decode() if isinstance(label, bytes) else label for label in labels.ravel().tolist()]
    spelled = [str(int(label)) if isinstance(label, float) else str(label) for label in flat]
    assert [store.class_names[number] for number in store.labels] == spelled
    if form == "image":
        np.savez(tmp_path / "y.npz", image=IMAGES, label=np.array(spelled))
        assert loaded(tmp_path / "y.npz", split="all").fingerprint == store.fingerprint


@pytest.mark.parametrize(
    ("labels", "says"),
    [
        (NUMBERS + 0.5, r"no whole numbers \(the first is 0\.5\): expected a class for each picture"),
        (np.where(NUMBERS, np.nan, 1.0), r"no whole numbers \(the first is nan\)"),
        (np.eye(4)[NUMBERS], r"expected one label for each picture; .* save label\.argmax\(axis=1\)"),
        (NUMBERS[:7], "holds 20 pictures and 7 labels: expected one each"),
        (np.float64(3), r"label of shape \(\)"),
        (NUMBERS.astype(complex), "type complex128: expected whole numbers or names"),
        (np.array(["a", None] * 10, object), r"Python objects.*np\.array\(labels, str\)"),
    ],
    ids=["halves", "nan", "one_hot", "few", "one", "complex", "objects"],
)
def test_labels_that_are_refused(tmp_path, labels, says):
    np.savez(tmp_path / "x.npz", image=IMAGES, label=labels)
    with pytest.raises(DataError, match=says):
        loaded(tmp_path / "x.npz")


UNIT = IMAGES.astype(np.float32) / 255


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (UNIT, IMAGES),
        (UNIT * 2 - 1, IMAGES),
        (IMAGES.astype(np.float32), IMAGES),
        (IMAGES.astype(np.int64), IMAGES),
        (IMAGES > 128, (IMAGES > 128) * np.uint8(255)),
        (IMAGES.astype(np.uint16) * 257, IMAGES),
        (IMAGES.transpose(0, 3, 1, 2), IMAGES),
        (np.concatenate([IMAGES, IMAGES[..., :1]], -1), IMAGES),
        (IMAGES[:, None], IMAGES),
        (IMAGES[..., 0].reshape(20, -1), IMAGES[..., :1]),
        (IMAGES.transpose(0, 3, 1, 2).reshape(20, -1), IMAGES),
        (IMAGES[0], IMAGES[:1]),
        (IMAGES[0, ..., :1], IMAGES[:1, ..., :1]),
    ],
    ids=["unit", "signed", "float", "whole", "bool", "sixteen", "first", "alpha", "five", "flat", "rows",
         "one", "one_grey"],
)  # fmt: skip
def test_the_cure_cures(tmp_path, image, expected):
    np.savez(tmp_path / "x.npz", image=image)
    with pytest.raises(DataError) as told:
        loaded(tmp_path / "x.npz")
    line = re.search(r"save (image.*?|\(.*?)(?:$| if it is)", str(told.value))[1]
    mended = eval(line, {"image": image, "np": np})
    np.savez(tmp_path / "y.npz", image=mended)
    store = load(DataConfig(source=str(tmp_path / "y.npz")), 16, expected.shape[-1], progress=False)
    assert np.abs(store.images.astype(int) - expected).max() <= 1


def test_one_picture_is_not_taken_for_many(tmp_path):
    np.savez(tmp_path / "x.npz", image=np.zeros((32, 32, 3), np.uint8))
    with pytest.raises(DataError, match=r"shape \(32, 32, 3\), which is one picture"):
        loaded(tmp_path / "x.npz")
    for shape in ((20, 16, 16), (20, 3, 3), (3, 16, 16)):  # many grey ones, as before
        np.savez(tmp_path / "y.npz", image=np.resize(IMAGES, shape))
        assert len(loaded(tmp_path / "y.npz")) == shape[0]


def test_other_names_of_arrays(tmp_path):
    np.savez(tmp_path / "x.npz", IMAGES)
    with pytest.raises(DataError, match=r"holds arr_0: expected image .*np\.savez\('x\.npz', image=images"):
        loaded(tmp_path / "x.npz")
