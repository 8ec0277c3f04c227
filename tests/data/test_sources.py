"""Every kind of source loads, and what is wrong with one is said before anything heavy happens."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import DataConfig, load, manifest, prepare


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def jpeg(seed: int, size: int = 40) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC).save(buffer, "JPEG")
    return buffer.getvalue()


def folder_of(path: Path, count: int = 6, first: int = 0) -> Path:
    for number in range(count):
        (path / "ab"[number % 2]).mkdir(parents=True, exist_ok=True)
        (path / "ab"[number % 2] / f"{number}.jpg").write_bytes(jpeg(first + number))
    return path


def loaded(source, size=16, channels=3, **options):
    return load(DataConfig(source=str(source), **options), size, channels, progress=False)


def test_the_embedded_paintings():
    train, test = loaded("paintings"), loaded("paintings", split="test")
    everything = loaded("paintings", split="all")
    assert (len(train), len(test), len(everything)) == (134, 34, 168)
    assert train.class_names == test.class_names and "19th century" in train.class_names
    assert sum(train.report["classes"].values()) == 134 and train.labels.dtype == np.int32
    together = {image.tobytes() for image in everything.images}
    assert {image.tobytes() for image in train.images} | {i.tobytes() for i in test.images} == together
    assert len({train.fingerprint, test.fingerprint, everything.fingerprint}) == 3
    assert loaded("paintings").fingerprint == train.fingerprint


def test_paintings_in_other_forms():
    assert loaded("paintings", channels=1).images.shape == (134, 16, 16, 1)
    assert loaded("paintings", random_crop=4).images.shape == (134, 20, 20, 3)
    assert len(loaded("paintings", crop="random:2").labels) == 268
    store = loaded("paintings", label="department", min_per_class=20)
    assert store.class_names[-1] == "other" and store.report["folded"]
    with pytest.raises(UsageError, match="did you mean 'artist'"):
        loaded("paintings", label="artst")


def test_a_folder_is_prepared_once(tmp_path, capsys):
    source = folder_of(tmp_path / "pictures")
    first = load(DataConfig(source=str(source), label="folder"), 16)
    assert "preparing" in capsys.readouterr().out
    again = load(DataConfig(source=str(source), label="folder"), 16)
    assert "preparing" not in capsys.readouterr().out
    assert again.fingerprint == first.fingerprint and first.class_names == ("a", "b")
    (source / "a" / "new.jpg").write_bytes(jpeg(99))
    assert len(loaded(source, label="folder")) == 7  # other contents are another entry of the cache
    assert len(list((tmp_path / "cache" / "ganzoo").glob("*/store.json"))) == 2


def test_pictures_smaller_than_the_target_are_enlarged_only_when_asked(tmp_path):
    source = folder_of(tmp_path / "pictures")  # of 40 pixels
    with pytest.raises(DataError, match=r"6 too small.*data.upscale = true"):
        loaded(source, size=64)
    assert loaded(source, size=64, upscale=True).images.shape == (6, 64, 64, 3)
    assert loaded(source, size=32, crop="random:4").copies == 4


def test_a_cache_of_ones_own(tmp_path):
    loaded(folder_of(tmp_path / "pictures"), cache_dir=str(tmp_path / "mine"))
    assert list((tmp_path / "mine").glob("*/store.json"))


def test_a_prepared_folder(tmp_path):
    source = folder_of(tmp_path / "pictures")
    made = prepare(str(source), tmp_path / "out", size=16, progress=False, label="folder")
    store = loaded(tmp_path / "out", split="all")
    assert (store.images == made.images).all() and store.fingerprint == made.fingerprint
    assert (loaded(tmp_path / "out", label="folder").labels == made.labels).all()
    with pytest.raises(UsageError, match="prepare again with --size 32"):
        loaded(tmp_path / "out", size=32)
    with pytest.raises(UsageError, match=r"data\.random_crop"):
        loaded(tmp_path / "out", random_crop=4)
    with pytest.raises(UsageError, match="prepared with crop = 'center'"):
        loaded(tmp_path / "out", crop="none")
    with pytest.raises(UsageError, match="no split 'test'"):
        loaded(tmp_path / "out", split="test")
    with open(tmp_path / "out" / "images.npy", "r+b") as file:
        file.truncate(1000)
    with pytest.raises(DataError, match="damaged"):
        loaded(tmp_path / "out")


def kaggle(folder: Path) -> Path:
    """What Kaggle ships, in small: two zips, one of replacements, and the table."""
    folder.mkdir()
    with zipfile.ZipFile(folder / "train.zip", "w") as archive:
        for number in range(1, 5):
            archive.writestr(f"train/{number}.jpg", jpeg(number))
        archive.writestr("train/5.jpg", jpeg(5)[:200])
    with zipfile.ZipFile(folder / "test.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("test/6.jpg", jpeg(6))
        archive.writestr("test/7.jpg", jpeg(7))
    with zipfile.ZipFile(folder / "replacements_for_corrupted_files.zip", "w") as archive:
        archive.writestr("train/5.jpg", jpeg(50))
        archive.writestr("test/7.jpg", b"as broken as the one it should replace")
    columns = (
        "artist,date,genre,pixelsx,pixelsy,size_bytes,source,style,title,artist_group,in_train,new_filename"
    )
    rows = [
        f"Artist {n % 2},c.18{n}0,genre,1,1,1,wiki,{'Cubism' if n < 6 else 'Dada'},T,g,True,{n}.jpg"
        for n in range(1, 8)
    ]
    (folder / "all_data_info.csv").write_text("\n".join([columns, *rows]))
    return folder


@pytest.mark.parametrize("how", ["folder", "list"])
def test_kaggles_zips(tmp_path, how):
    folder = kaggle(tmp_path / "kaggle")
    names = ("test.zip", "train.zip", "replacements_for_corrupted_files.zip")
    source = str(folder) if how == "folder" else ",".join(str(folder / name) for name in names)
    store = prepare(source, tmp_path / "out", size=16, progress=False, label="style")
    lines = {line["path"]: line for line in manifest.read(tmp_path / "out" / "manifest.csv")}
    assert store.report["found"] == 9 and len(store) == 7
    assert lines["train.zip/train/5.jpg"]["reason"].startswith("superseded: by replacements")
    assert lines["replacements_for_corrupted_files.zip/train/5.jpg"]["label"] == "Cubism"
    assert lines["test.zip/test/7.jpg"]["verdict"] == "accepted"  # its replacement is no picture
    assert store.class_names == ("Cubism", "Dada")
    century = loaded(source, label="century")
    assert century.class_names == ("19th century",)
    assert not list(folder.glob("**/*.jpg"))  # nothing is unpacked


def test_one_zip(tmp_path):
    store = loaded(kaggle(tmp_path / "kaggle") / "train.zip", label="artist", top_classes=1)
    assert len(store) == 4 and store.class_names == ("Artist 0", "other")
    assert store.report["folded"] == {"Artist 1": 2}


def npz(path: Path, **arrays) -> Path:
    np.savez(path, **arrays)
    return path


def test_arrays(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 256, (20, 28, 28), dtype=np.uint8), np.arange(20) % 10
    source = npz(tmp_path / "digits.npz", x_train=x[:15], y_train=y[:15], x_test=x[15:], y_test=y[15:])
    train, test = loaded(source, size=28, channels=1), loaded(source, size=28, channels=1, split="test")
    assert (train.images[..., 0] == x[:15]).all() and (test.images[..., 0] == x[15:]).all()
    assert train.class_names == test.class_names == tuple("0123456789") and test.labels.tolist() == [
        5,
        6,
        7,
        8,
        9,
    ]
    larger = loaded(source, size=32)
    assert larger.images.shape == (15, 32, 32, 3) and larger.report["notes"] == {"resized from 28x28": 15}
    assert np.abs(larger.images.mean() - x[:15].mean()) < 3
    colour = npz(
        tmp_path / "colour.npz", image=rng.integers(0, 256, (4, 10, 8, 3), dtype=np.uint8), label=[3, 1, 1, 3]
    )
    store = loaded(colour, size=8, channels=1)
    assert store.images.shape == (4, 8, 8, 1) and store.labels.tolist() == [1, 0, 0, 1]
    assert store.class_names == ("1", "3")


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"pictures": np.zeros((2, 8, 8), np.uint8)}, "holds pictures: expected image"),
        ({"image": np.zeros((2, 8, 8), np.float32)}, "expected uint8"),
        ({"image": np.zeros((2, 8, 8, 4), np.uint8)}, "expected \\(num, height"),
        ({"image": np.zeros((0, 8, 8), np.uint8)}, "not empty"),
        ({"image": np.zeros((2, 8, 8), np.uint8), "label": [1]}, "one each"),
        ({"image": np.array([None, "x"], object)}, "cannot be read"),
    ],
)
def test_arrays_that_do_not_fit(tmp_path, arrays, message):
    with pytest.raises(DataError, match=message):
        loaded(npz(tmp_path / "x.npz", **arrays), size=8)


def test_an_npz_that_is_none(tmp_path):
    (tmp_path / "x.npz").write_bytes(b"PK\3\4 not really")
    with pytest.raises(DataError, match=r"x\.npz"):
        loaded(tmp_path / "x.npz")
    source = npz(tmp_path / "y.npz", image=np.zeros((2, 8, 8), np.uint8))
    with pytest.raises(UsageError, match="no split test"):
        loaded(source, size=8, split="test")


def test_missing_and_empty_sources_are_said(tmp_path):
    (tmp_path / "empty").mkdir()
    for source, message in [
        (tmp_path / "nothing", "does not exist"),
        (tmp_path / "empty", "empty folder"),
        ("paintngs", "did you mean 'paintings'"),
        ("tfds:no_such_set_at_all", "unknown to TensorFlow Datasets"),
    ]:
        with pytest.raises((DataError, UsageError), match=message):
            loaded(source)
    with pytest.raises(UsageError, match="needs a CSV"):
        loaded(folder_of(tmp_path / "p"), label="style")
    (tmp_path / "p" / "all_data_info.csv").write_text("new_filename,genre\n")
    with pytest.raises(UsageError, match="no column 'style': it has new_filename, genre"):
        loaded(tmp_path / "p", label="style")


def test_errors_answer_before_tensorflow_is_imported(tmp_path):
    script = (
        "import sys, time; start = time.perf_counter(); import ganzoo.data as d\n"
        "assert 'numpy' not in sys.modules and 'PIL' not in sys.modules\n"
        "try: d.load(d.DataConfig(source='/no/such/folder'), 64)\n"
        "except Exception as error: print(error)\n"
        "assert 'tensorflow' not in sys.modules; print(time.perf_counter() - start)"
    )
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr
    assert "does not exist" in done.stdout and float(done.stdout.split()[-1]) < 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"split": "trian"}, "did you mean 'train'"),
        ({"crop": "randm:3"}, "random:N"),
        ({"crop": "random:0"}, "random:N"),
        ({"flip": "yes"}, "true or false"),
        ({"random_crop": -1}, "0 or more"),
        ({"random_crop": 1.5}, "whole number"),
        ({"brightness": 1.0}, "a share"),
        ({"test_share": -0.1}, "a share"),
        ({"source": " "}, "is empty"),
        ({"max_aspect": 0.5}, "1 or more"),
        ({"min_per_class": 2, "top_classes": 3}, "give one of them"),
        ({"label": 3}, "a string"),
    ],
)
def test_settings_that_make_no_sense(settings, message):
    with pytest.raises(UsageError, match=message):
        DataConfig(**settings)


def test_a_prepared_folder_is_read_smaller_and_grey(tmp_path, capsys):
    source = folder_of(tmp_path / "pictures")
    made = prepare(str(source), tmp_path / "out", size=16, progress=False, label="folder")
    small = loaded(tmp_path / "out", size=8, split="all")
    shrunk = [Image.fromarray(image).resize((8, 8), Image.Resampling.BILINEAR) for image in made.images]
    assert small.images.shape == (len(made), 8, 8, 3)
    assert (small.images == np.stack([np.asarray(image) for image in shrunk])).all()
    assert (small.labels == made.labels).all() and small.fingerprint != made.fingerprint
    grey = load(DataConfig(source=str(tmp_path / "out"), split="all"), 16, 1)
    assert grey.images.shape == (len(made), 16, 16, 1)
    assert "prepared pictures of 16x16 are brought to 16x16" not in capsys.readouterr().out


def test_top_keeps_heads_and_pad_keeps_all(tmp_path):
    tall = np.zeros((64, 32, 3), np.uint8)
    tall[:16] = (255, 0, 0)  # a head, which the square in the middle leaves out
    tall[-16:] = (0, 0, 255)
    tall[16:-16, :, 1] = np.linspace(0, 255, 32, dtype=np.uint8)
    (tmp_path / "pictures").mkdir()
    Image.fromarray(tall).save(tmp_path / "pictures" / "tall.png")
    seen = {
        crop: load(DataConfig(source=str(tmp_path / "pictures"), crop=crop), 32, 3).images[0]
        for crop in ("center", "top", "pad", "none")
    }
    assert seen["center"][..., 0].max() == 0 and seen["top"][:12, :, 0].min() == 255
    assert seen["top"][..., 2].max() == 0
    assert seen["none"][2, 2].tolist() == [255, 0, 0] and seen["none"][-3, 2].tolist() == [0, 0, 255]
    inner = seen["pad"][:, 8:24]
    assert inner[1, 8].tolist() == [255, 0, 0] and inner[-2, 8].tolist() == [0, 0, 255]
    rim = seen["pad"][:, :8].reshape(-1, 3)
    assert len(np.unique(rim, axis=0)) == 1 and 0 < rim[0, 0] < 255  # one colour: the mean of its rim


def test_a_misspelt_crop_is_answered():
    with pytest.raises(UsageError, match="did you mean 'center'"):
        DataConfig(crop="centre")
