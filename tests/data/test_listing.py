"""What of a source is data: not what programs hide, not what we wrote ourselves; links are followed once."""

import csv
import io
import os
import shutil
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError
from ganzoo.data import DataConfig, load, manifest, prepare, prepared


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def png(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "PNG")
    return buffer.getvalue()


def write(path, seed: int):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png(seed))
    return path


@pytest.fixture
def source(tmp_path):
    for number in range(6):
        write(tmp_path / "pictures" / "ab"[number % 2] / f"{number}.png", number)
    return tmp_path / "pictures"


def store_of(source, **options):
    return load(DataConfig(source=str(source), **options), 16, progress=False)


def prepared_lines(source, out, **options):
    store = prepare(str(source), out, size=16, progress=False, workers=1, **options)
    return store, {line["path"]: line for line in manifest.read(out / "manifest.csv")}


# ---- hidden things ------------------------------------------------------------------------------

HIDDEN = [
    ".ipynb_checkpoints", "@eaDir", "__MACOSX", "$RECYCLE.BIN", ".Trash-1000", ".thumbnails",
    "lost+found", "#recycle",
]  # fmt: skip


def with_hidden(source) -> None:
    """Each hidden folder holds copies of the pictures, which would come first and be classes."""
    for folder in HIDDEN:
        shutil.copytree(source / "a", source / folder / "thumbs")
        shutil.copytree(source / "a", source / "a" / folder)
    for name in (".DS_Store", "Thumbs.db", "._0.png", "desktop.ini", ".nomedia"):
        (source / "a" / name).write_bytes(b"\0\5\26\7 something")


@pytest.mark.parametrize("form", ["folder", "zip"])
def test_what_programs_hide_is_no_data(source, tmp_path, form):
    clean = store_of(source, label="folder").fingerprint
    with_hidden(source)
    (source / ".hidden.png").write_bytes(png(99))  # a picture all the same
    os.rename(source / ".hidden.png", source / "a" / ".hidden.png")
    if form == "zip":
        shutil.make_archive(str(tmp_path / "all"), "zip", source)
    chosen = source if form == "folder" else tmp_path / "all.zip"
    store, lines = prepared_lines(chosen, tmp_path / "out", label="folder")
    assert store.class_names == ("a", "b") and len(store) == 7
    assert store.report["found"] == 7 and store.report["rejected"] == 0
    for name in HIDDEN:
        assert (lines[name]["verdict"], lines[name]["reason"]) == ("skipped", "hidden folder")
        assert lines[f"a/{name}"]["reason"] == "hidden folder" and f"{name}/thumbs/0.png" not in lines
    assert lines["a"]["reason"].startswith("5 files hidden: ")
    assert lines["a/.hidden.png"]["verdict"] == "accepted"
    passed = [path for path, line in lines.items() if line["verdict"] == "skipped"]
    assert passed == sorted(passed) and list(lines)[-len(passed) :] == passed
    (source / "a" / ".hidden.png").unlink()
    assert store_of(source, label="folder").fingerprint == clean


def test_a_source_that_is_hidden_itself(source, tmp_path):
    os.rename(source, tmp_path / ".pictures")
    assert len(store_of(tmp_path / ".pictures")) == 6
    shutil.copytree(tmp_path / ".pictures", tmp_path / "cache" / "ganzoo" / "mine")
    assert len(store_of(tmp_path / "cache" / "ganzoo" / "mine")) == 6


def test_nothing_but_hidden_things(tmp_path):
    write(tmp_path / "source" / ".thumbnails" / "x.png", 0)
    with pytest.raises(DataError, match=r"holds no files \(passed over: \.thumbnails, hidden folder\)"):
        store_of(tmp_path / "source")


# ---- what we wrote ------------------------------------------------------------------------------


def a_run(folder) -> None:
    for name in ("samples/images-000000000000.png", "reals.png", "loss.png", "evaluations/x-nearest.png"):
        write(folder / name, len(name))
    (folder / "checkpoints").mkdir()
    (folder / "config.toml").write_text("")
    (folder / ".lock").touch()


def outputs_in(source) -> None:
    a_run(source / "runs" / "dcgan-1")
    a_run(source / "a" / "mine")
    write(source / "compared" / "runs" / "x.png", 50)
    (source / "compared" / "comparison.json").write_text("{}")
    write(source / "gallery" / "000000.png", 51)
    (source / "gallery" / "latents.jsonl").write_text("{}")
    write(source / "weights" / "samples.png", 52)
    write(source / "older" / "samples.png", 52)
    for folder, name in (("weights", "weights.safetensors"), ("older", "weights.npz")):
        (source / folder / "card.json").write_text("{}")
        (source / folder / name).write_text("{}")
    write(source / "samples.png", 53)
    (source / "samples.json").write_text('{"kind": "ganzoo latents 1", "model": "runs/x"}')
    write(source / "evaluations" / "dcgan-paintings" / "images-1-pixels-nearest.png", 54)
    (source / "evaluations" / "dcgan-paintings" / "images-1-pixels.json").write_text("{}")


def test_what_we_wrote_is_no_data(source, tmp_path):
    before = store_of(source).fingerprint
    outputs_in(source)
    assert store_of(source).fingerprint == before
    assert len(list((tmp_path / "cache" / "ganzoo").glob("*/store.json"))) == 1  # not prepared again either
    store, lines = prepared_lines(source, tmp_path / "out")
    assert len(store) == store.report["found"] == 6
    reasons = {path: line["reason"] for path, line in lines.items() if line["verdict"] == "skipped"}
    assert reasons == {
        "runs/dcgan-1": "a run of ganzoo-train",
        "a/mine": "a run of ganzoo-train",
        "compared": "a comparison of ganzoo-compare",
        "gallery": "pictures of ganzoo-sample",
        "weights": "weights of ganzoo-export",
        "older": "weights of ganzoo-export",
        ".": "2 files written by ganzoo: 'samples.json'",
        "evaluations/dcgan-paintings": "2 files written by ganzoo: 'images-1-pixels-nearest.png'",
    }


def test_a_picture_beside_a_json_of_ones_own(source):
    (source / "a" / "0.json").write_text('{"label": "cat"}')
    assert len(store_of(source)) == 6


def test_a_set_prepared_into_its_own_source(source, tmp_path, monkeypatch):
    prepare(str(source), tmp_path / "straight", size=16, progress=False)
    out = source / "prepared"
    with monkeypatch.context() as patch:
        patch.setattr("ganzoo.data.finish.finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            prepare(str(source), out, size=16, progress=False)
        with pytest.raises(DataError, match="unfinished set of ganzoo-prepare: give the command again"):
            store_of(out)
    assert len(store_of(source)) == 6  # while it is unfinished, too
    for _ in range(2):
        prepare(str(source), out, size=16, progress=False)
    for path in (tmp_path / "straight").iterdir():
        assert path.read_bytes() == (out / path.name).read_bytes(), path.name
    assert store_of(source).fingerprint == store_of(out).fingerprint


def test_a_cache_in_the_source(source):
    first = store_of(source, cache_dir=str(source / "cache"))
    (source / "cache" / "features").mkdir()
    (source / "cache" / "features" / "x.npy").touch()
    again = store_of(source, cache_dir=str(source / "cache"))
    assert first.fingerprint == again.fingerprint
    assert len(list((source / "cache").glob("*/store.json"))) == 1


def test_a_run_given_as_the_source(source, tmp_path):
    a_run(tmp_path / "run")
    with pytest.raises(DataError, match="a run of ganzoo-train, whose pictures are no data: give the folder"):
        store_of(tmp_path / "run")


# ---- links --------------------------------------------------------------------------------------


def test_folders_of_links(source, tmp_path):
    chosen = tmp_path / "chosen"
    for kind in "ab":
        (chosen / kind).mkdir(parents=True)
        for path in (source / kind).iterdir():
            (chosen / kind / path.name).symlink_to(path)
        (chosen / kind / "notes.txt").write_text("chosen by hand")
    store = store_of(chosen, label="folder")
    assert len(store) == 6 and store.class_names == ("a", "b")
    assert store.fingerprint == store_of(source, label="folder").fingerprint


def test_links_to_folders(source, tmp_path):
    chosen = tmp_path / "chosen"
    chosen.mkdir()
    (chosen / "cats").symlink_to(source / "a")
    (chosen / "dogs").symlink_to(source / "b")
    (chosen / "again").symlink_to("dogs")
    (chosen / "up").symlink_to(tmp_path)
    (chosen / "here").symlink_to(".")
    (source / "a" / "back").symlink_to(chosen)
    store, lines = prepared_lines(chosen, tmp_path / "out", label="folder")
    assert len(store) == 6 and store.class_names == ("again", "cats")
    assert lines["dogs"]["reason"].startswith("link to a folder: its pictures are there already")
    assert lines["up"]["reason"].startswith("link to a folder: the source itself lies in it")
    assert lines["here"]["reason"] == lines["cats/back"]["reason"] == lines["dogs"]["reason"]


def test_a_folder_comes_before_a_link_to_it(source, tmp_path):
    (source / "0").symlink_to("a")
    assert store_of(source, label="folder").class_names == ("a", "b")


def test_a_stray_link_among_files_says_what_to_do(source, tmp_path):
    (source / "a" / "stray.png").symlink_to(write(tmp_path / "elsewhere" / "x.png", 77))
    _, lines = prepared_lines(source, tmp_path / "out")
    assert lines["a/stray.png"]["reason"].startswith("link out of the source: ")
    assert "put a copy in its place" in lines["a/stray.png"]["reason"]


def test_zips_that_are_links(source, tmp_path):
    shutil.make_archive(str(tmp_path / "all"), "zip", source)
    (tmp_path / "kaggle").mkdir()
    (tmp_path / "kaggle" / "train.zip").symlink_to(tmp_path / "all.zip")
    assert len(store_of(tmp_path / "kaggle")) == 6


# ---- the manifest and moved folders ---------------------------------------------------------------

NAMES = ["=1+1.png", "+1.png", "-dash.png", "@sum.png", "'=quoted.png", "''-twice.png", "plain.png", "'x.png"]


def test_no_cell_of_the_manifest_is_a_formula(tmp_path):
    for number, name in enumerate(NAMES):
        write(tmp_path / "source" / "=cmd" / name, number)
        write(tmp_path / "source" / name, 100 + number)
    _, lines = prepared_lines(tmp_path / "source", tmp_path / "out", label="folder")
    assert set(lines) == {*NAMES, *(f"=cmd/{name}" for name in NAMES)}
    assert lines["=cmd/+1.png"]["label"] == lines["=cmd/+1.png"]["class"] == "=cmd"
    with open(tmp_path / "out" / "manifest.csv", newline="") as file:
        cells = [cell for line in csv.reader(file) for cell in line]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@", "\t", "\r")]


@pytest.mark.parametrize("kept_times", [True, False])
def test_a_moved_or_copied_folder_is_the_same_data(source, tmp_path, kept_times):
    first = store_of(source, label="folder", crop="random:2", test_share=0.3).fingerprint
    (tmp_path / "elsewhere").mkdir()
    shutil.copytree(
        source, tmp_path / "elsewhere" / "new", copy_function=shutil.copy2 if kept_times else shutil.copy
    )
    shutil.rmtree(source)
    moved = tmp_path / "elsewhere" / "new"
    assert store_of(moved, label="folder", crop="random:2", test_share=0.3).fingerprint == first


def test_a_member_of_a_zip_below_a_hidden_folder_is_told_once(tmp_path):
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        for number, name in enumerate(
            ("__MACOSX/a/._1.png", "__MACOSX/b/.x/2.png", "a/1.png", "runs/r/reals.png")
        ):
            archive.writestr(name, png(number))
        archive.writestr("runs/r/config.toml", "")
        archive.writestr("runs/r/checkpoints/1.npz", "")
    store, lines = prepared_lines(tmp_path / "x.zip", tmp_path / "out")
    assert set(lines) == {"__MACOSX", "a/1.png", "runs/r"} and len(store) == 1
    assert prepared.open_store(tmp_path / "out", "all").report["found"] == 1
