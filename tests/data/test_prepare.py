"""Preparing: interrupted, killed, out of space, with crashing workers: it goes on to the same bytes."""

import io
import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import finish, manifest, pool, prepare
from ganzoo.disk import locks

COMMAND = [sys.executable, "-c", "import sys; from ganzoo.cli.prepare import run; sys.exit(run())"]


def write_pictures(folder: Path, count: int, size: int = 40) -> Path:
    """`count` different JPEGs in sub-folders of 100, with an unreadable one and a duplicate among them."""
    rng = np.random.default_rng(count)
    for number in range(count):
        path = folder / f"class_{number // 100}" / f"{number:05d}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
        noise.resize((size, size + number % 7), Image.Resampling.BICUBIC).save(path, quality=80)
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff broken")
    shutil.copy(folder / "class_0" / "00003.jpg", folder / "class_0" / "zz.jpg")
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("prepare") / "source", 700)


@pytest.fixture(scope="module")
def finished(source) -> Path:
    """The set prepared without interruption, by one worker."""
    prepare(str(source), source.parent / "whole", size=16, progress=False, workers=1, label="folder")
    return source.parent / "whole"


def test_the_finished_set(source, finished):
    store = prepare(str(source), finished, size=16, progress=False, label="folder")  # finished: only opened
    assert store.images.shape == (700, 16, 16, 3) and len(store.labels) == 700
    assert store.class_names == tuple(f"class_{i}" for i in range(7))
    assert store.report["reasons"] == {"exact duplicate": 1, "undecodable": 1}
    lines = manifest.read(finished / "manifest.csv")
    assert [line["path"] for line in lines] == sorted(line["path"] for line in lines)
    for line in lines[1:4]:
        with Image.open(source / line["path"]) as image:
            assert (int(line["width"]), int(line["height"])) == image.size
            expected = np.asarray(image.resize((16, 16), Image.Resampling.BILINEAR)).astype(int)
        assert np.abs(store.images[int(line["row"])] - expected).mean() < 12
    assert set(contents(finished)) == {
        "images.npy", "labels.npy", "manifest.csv", "store.json", "accepted.png", "rejected.png"
    }  # fmt: skip
    with pytest.raises(ValueError, match="read-only"):
        store.images[0] = 0


def chunk_count(out: Path) -> int:
    return len(list((out / "partial").glob("*.chunk")))


def test_killed_again_and_again_it_ends_with_the_same_bytes(source, finished, tmp_path):
    rng, kills, out = random.Random(11), 0, tmp_path / "out"
    words = [str(source), "--out", str(out), "--size", "16", "--label", "folder"]
    for attempt in range(20):
        before = chunk_count(out)
        process = subprocess.Popen(COMMAND + words, start_new_session=True, stderr=subprocess.DEVNULL)
        if attempt < 2:  # while it starts
            time.sleep(rng.uniform(0.1, 0.3))
        else:  # some way on, at any moment of a chunk
            while process.poll() is None and chunk_count(out) < before + 3:
                time.sleep(0.005)
            time.sleep(rng.uniform(0, 0.05))
        if process.poll() is not None:
            break
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        kills += chunk_count(out) > before
    assert process.returncode == 0 and kills >= 2
    assert contents(out) == contents(finished)
    assert not (out / "partial").exists()


@pytest.mark.parametrize("name", [".store.json.x1.tmp", "partial/.plan.x1.tmp"])
def test_killed_while_it_wrote_a_file_it_goes_on(source, finished, tmp_path, name):
    left = tmp_path / "out" / name
    left.parent.mkdir(parents=True)
    left.write_bytes(b"half")
    store = prepare(str(source), tmp_path / "out", 16, progress=False, workers=1)
    assert len(store) > 0 and not left.exists()


@pytest.mark.parametrize("call", range(1, 8))
def test_interrupted_while_the_files_are_put_in_place(source, finished, tmp_path, monkeypatch, call):
    replace, calls = os.replace, []

    def interrupted(*names):
        calls.append(names)
        if len(calls) == call:
            raise KeyboardInterrupt
        replace(*names)

    shutil.copytree(source.parent / "whole", tmp_path / "never", dirs_exist_ok=True)
    prepare_chunks(source, tmp_path / "out", monkeypatch)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupted)
        with pytest.raises(KeyboardInterrupt):
            prepare(str(source), tmp_path / "out", size=16, progress=False, label="folder")
    prepare(str(source), tmp_path / "out", size=16, progress=False, label="folder")
    assert contents(tmp_path / "out") == contents(finished)


def prepare_chunks(source: Path, out: Path, monkeypatch) -> None:
    """Everything but the last part, once for all calls."""
    kept = source.parent / "chunks"
    if not kept.exists():
        with monkeypatch.context() as patch:
            patch.setattr(finish, "finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                prepare(str(source), kept, size=16, progress=False, label="folder")
    shutil.copytree(kept, out)


def test_no_space_left_is_said_and_the_next_try_goes_on(source, finished, tmp_path):
    out = tmp_path / "small" / "out"
    out.parent.mkdir()
    words = [*COMMAND, str(source), "--out", str(out), "--size", "16", "--label", "folder"]
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "none", out.parent], capture_output=True
    )
    limit = None
    if mounted.returncode:  # not root: files may not grow beyond 100 kB, which a finished set does
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # noqa: E731
    try:
        first = subprocess.run(words, capture_output=True, text=True, preexec_fn=limit)
        assert first.returncode == 1 and "Traceback" not in first.stderr, first.stderr
        assert "no space left" in first.stderr and "same command again" in first.stderr
        chunks = {path.name: path.stat().st_mtime_ns for path in (out / "partial").glob("*.chunk")}
        assert chunks and not list(out.rglob("*.tmp"))
        if limit is None:
            subprocess.run(["mount", "-o", "remount,size=20m", out.parent], check=True)
        with_room = prepare(str(source), out, size=16, progress=False, label="folder")
        assert len(with_room) == 700 and contents(out) == contents(finished)
    finally:
        if limit is None:
            subprocess.run(["umount", "-l", out.parent], check=True)


FULL_WHILE_ANOTHER_WRITES = """
import contextlib, errno, pathlib, time
from ganzoo.disk import files
replacing = files.replacing
@contextlib.contextmanager
def full(path):
    if path.name == "0000001.chunk":
        with replacing(path) as file:
            time.sleep(60)
            yield file
    while not list(path.parent.glob(".0000001.chunk.*.tmp")):
        time.sleep(0.01)
    raise OSError(errno.ENOSPC, "No space left on device")
    yield
files.replacing = full
"""


def test_no_space_left_while_another_worker_writes(source, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(FULL_WHILE_ANOTHER_WRITES)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    start = time.monotonic()
    with pytest.raises(DataError, match="no space left"):
        prepare(str(source), tmp_path / "out", size=16, progress=False, label="folder")
    assert time.monotonic() - start < 30 and not list(tmp_path.rglob("*.tmp"))


CRASHING = """
import os, signal, time
import ganzoo.data.cleaning as picture
clean = picture.clean
def harmful(data, name, *rest, **options):
    if name == "00005.jpg": os.kill(os.getpid(), signal.SIGSEGV)
    if name == "00300.jpg": time.sleep(60)
    return clean(data, name, *rest, **options)
picture.clean = harmful
"""


def test_a_decoder_that_crashes_or_hangs_costs_one_file(source, tmp_path, monkeypatch):
    (tmp_path / "sitecustomize.py").write_text(CRASHING)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(pool, "PATIENCE", 2.0)
    start = time.monotonic()
    store = prepare(str(source), tmp_path / "out", size=16, progress=False)
    assert time.monotonic() - start < 60
    assert (
        store.report["reasons"]["decoder crashed"] == 1 and store.report["reasons"]["decoder too slow"] == 1
    )
    assert len(store) == 698


def test_changed_settings_or_sources_are_not_mixed(source, finished, tmp_path):
    with pytest.raises(UsageError, match="another source or with other settings"):
        prepare(str(source), finished, size=8, progress=False, label="folder")
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(UsageError, match="holds other things"):
        prepare(str(source), tmp_path, size=16, progress=False)
    (tmp_path / "half" / "partial").mkdir(parents=True)
    (tmp_path / "half" / "partial" / "plan").write_text("another")
    with pytest.raises(UsageError, match="unfinished set"):
        prepare(str(source), tmp_path / "half", size=16, progress=False)
    with pytest.raises(UsageError, match="is a file"):
        prepare(str(source), tmp_path / "notes.txt", size=16, progress=False)
    with pytest.raises(UsageError, match="does not belong to preparing"):
        prepare(str(source), tmp_path / "x", size=16, flip=True)


def test_two_at_once_into_one_folder(source, tmp_path):
    (tmp_path / "out" / "partial").mkdir(parents=True)
    held = locks.locked(tmp_path / "out" / "partial" / "lock", wait=False)
    with held, pytest.raises(DataError, match="another process"):
        prepare(str(source), tmp_path / "out", size=16, progress=False)


def test_not_one_usable_picture(tmp_path):
    (tmp_path / "source").mkdir()
    (tmp_path / "source" / "a.jpg").write_bytes(b"")
    with pytest.raises(DataError, match="no usable picture \\(1 empty file\\)"):
        prepare(str(tmp_path / "source"), tmp_path / "out", progress=False)
    assert manifest.read(tmp_path / "out" / "manifest.csv")[0]["reason"] == "empty file"


def test_a_part_held_out_stays_held_out(source, tmp_path):
    few = tmp_path / "few"
    shutil.copytree(source / "class_1", few / "class_1")
    held = {}
    for name, folder in (("all", source), ("few", few)):
        prepare(str(folder), tmp_path / f"out_{name}", size=16, progress=False, test_share=0.2)
        lines = manifest.read(tmp_path / f"out_{name}" / "manifest.csv")
        held[name] = {line["sha256"] for line in lines if line["split"] == "test"}
    here = {line["sha256"] for line in lines}
    assert held["few"] == held["all"] & here
    assert 100 < len(held["all"]) < 180


def test_near_duplicates_only_when_asked(tmp_path):
    (tmp_path / "source").mkdir()
    rng = np.random.default_rng(1)
    base = Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize((64, 64))
    for quality in (60, 80, 95):
        base.save(tmp_path / "source" / f"{quality}.jpg", quality=quality)
    assert len(prepare(str(tmp_path / "source"), tmp_path / "kept", size=32, progress=False)) == 3
    store = prepare(str(tmp_path / "source"), tmp_path / "one", size=32, progress=False, near_duplicates=True)
    assert len(store) == 1 and store.report["reasons"] == {"near duplicate": 2}


def test_stored_crops_come_together(source, tmp_path):
    store = prepare(str(source), tmp_path / "out", size=16, progress=False, crop="random:3", label="folder")
    assert len(store) == 2100 and store.report["accepted"] == 700
    lines = [
        line for line in manifest.read(tmp_path / "out" / "manifest.csv") if line["verdict"] == "accepted"
    ]
    assert [int(line["row"]) for line in lines] == list(range(0, 2100, 3))
    assert (store.labels.reshape(700, 3) == store.labels[::3, None]).all()


def test_the_sheets_are_pictures(finished):
    for name in ("accepted.png", "rejected.png"):
        with Image.open(io.BytesIO((finished / name).read_bytes())) as sheet:
            assert sheet.width == 1208 and np.asarray(sheet).std() > 5


def test_a_folder_called_partial_of_the_users_own_is_left_alone(picture_folder, tmp_path):
    (tmp_path / "out" / "partial").mkdir(parents=True)
    (tmp_path / "out" / "partial" / "thesis.txt").write_text("years of work")
    with pytest.raises(UsageError, match=r"partial/thesis\.txt"):
        prepare(str(picture_folder), tmp_path / "out", size=16, progress=False)
    assert (tmp_path / "out" / "partial" / "thesis.txt").exists()
