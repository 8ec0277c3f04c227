"""What is trusted is checked: prepared pictures, chunks of an interrupted preparation, kept features."""

import json
import os
import time
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError
from ganzoo.data import DataConfig, chunks, finish, load, prepare, verified
from ganzoo.metrics import remembered


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "pictures"
    for number in range(8):
        path = folder / "ab"[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (20, 20, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    return folder


@pytest.fixture
def out(source, tmp_path):
    prepare(str(source), tmp_path / "out", size=16, progress=False, workers=1, label="folder")
    return tmp_path / "out"


def opened(folder):
    return load(DataConfig(source=str(folder)), 16, progress=False)


@pytest.mark.parametrize("name", ["images.npy", "labels.npy"])
@pytest.mark.parametrize("looked_at", [False, True], ids=["at_once", "after_it_was_whole"])
def test_overwritten_pictures_are_noticed(out, name, looked_at):
    if looked_at:
        opened(out)
    before = (out / name).stat()
    time.sleep(0.02)
    stored = np.lib.format.open_memmap(out / name, mode="r+")
    stored[:] = 0
    stored.flush()
    os.utime(out / name, ns=(before.st_atime_ns, before.st_mtime_ns))  # as a copying program may
    with pytest.raises(DataError, match=rf"{name} is not what was prepared.*prepare it again"):
        opened(out)


def test_a_whole_file_is_read_once(out, monkeypatch):
    opened(out)
    monkeypatch.setattr(verified, "file_sum", lambda path: pytest.fail("read again"))
    first = opened(out)
    monkeypatch.undo()
    os.rename(out, out.with_name("moved"))
    assert opened(out.with_name("moved")).fingerprint == first.fingerprint


def test_no_place_for_notes_of_checks(out, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "file" / "below"))
    assert len(opened(out)) == 8


def test_a_damaged_entry_of_the_cache_is_made_again(source, tmp_path, capsys):
    first = opened(source).fingerprint
    (images,) = (tmp_path / "cache" / "ganzoo").glob("*/images.npy")
    images.write_bytes(images.read_bytes()[:-5] + b"wrong")
    store = load(DataConfig(source=str(source)), 16)
    assert store.fingerprint == first and "not what was prepared" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda about: about.pop("train"), "no key 'train'"),
        (lambda about: about.pop("report"), "no key 'report'"),
        (lambda about: about["report"].pop("reasons"), "no key 'reasons'"),
        (lambda about: about.pop("sha256"), "no key 'sha256'"),
        (lambda about: about.update(train="many"), "train is 'many'"),
        (lambda about: about.update(settings=None), "settings is None"),
        (lambda about: about.update(layout=99), "layout is 99"),
        (lambda about: about.update(train=-1), "make no sense"),
    ],
)
def test_a_store_json_that_is_not_right(source, out, change, says):
    about = json.loads((out / "store.json").read_text())
    change(about)
    (out / "store.json").write_text(json.dumps(about))
    with pytest.raises(DataError, match=rf"store\.json cannot be used \(.*{says}.*prepare it again"):
        opened(out)
    with pytest.raises(DataError, match="store\\.json cannot be used"):
        prepare(str(source), out, size=16, progress=False, label="folder")


@pytest.mark.parametrize("text", ["[1, 2]", "not JSON", "\udcff", "[" * 100_000])
def test_a_store_json_that_is_something_else(out, text):
    (out / "store.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError, match=r"store\.json cannot be used"):
        opened(out)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-40] + bytes(40),
        lambda data: b"\xff" + data,
        lambda data: data.partition(b"\n")[2],  # as written before chunks were sealed
    ],
    ids=["empty", "half", "altered", "shifted", "unsealed"],
)
def test_a_damaged_chunk_of_an_interrupted_preparation_is_made_again(
    source, out, tmp_path, monkeypatch, damage
):
    again = tmp_path / "again"
    settings = dict(size=16, progress=False, workers=1, label="folder")
    with monkeypatch.context() as patch:
        patch.setattr(finish, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prepare(str(source), again, **settings)
    chunk = chunks.path_of(again / "partial", 0)
    chunk.write_bytes(damage(chunk.read_bytes()))
    prepare(str(source), again, **settings)
    for name in ("images.npy", "labels.npy", "manifest.csv", "store.json"):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


@pytest.mark.parametrize("place", [200, -100, -1], ids=["first_number", "last_numbers", "seal"])
def test_altered_features_are_worked_out_again(tmp_path, monkeypatch, place):
    made = []
    monkeypatch.setattr(
        remembered, "extract", lambda images, space: made.append(1) or images.mean(axis=(1, 2)) / 7
    )
    images = np.random.default_rng(0).integers(0, 256, (30, 4, 4, 3), dtype=np.uint8)
    space = SimpleNamespace(name="none", checksum="0", resize="none")
    extract = remembered.remembering(tmp_path)
    first = extract(images, space)
    assert (extract(images, space) == first).all() and len(made) == 1
    (file,) = (tmp_path / "features").iterdir()
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    assert (extract(images, space) == first).all() and len(made) == 2
    assert (extract(images, space) == first).all() and len(made) == 2
