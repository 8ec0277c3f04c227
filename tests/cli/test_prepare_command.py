"""The command ganzoo-prepare, as a user meets it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from PIL import Image

RUN = "import sys; from ganzoo.cli.prepare import run; sys.exit(run())"


def command(*words: object) -> subprocess.CompletedProcess:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    line = [sys.executable, "-c", RUN, *map(str, words)]
    return subprocess.run(line, capture_output=True, text=True, env=environment)


def pictures(folder: Path) -> Path:
    for number in range(12):
        path = folder / ("cats", "dogs", "owls")[min(2, number // 5)] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (40, 40, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path)
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_it_prepares_and_says_what_became_of_the_files(tmp_path):
    source = pictures(tmp_path / "source")
    done = command(source, "--out", tmp_path / "out", "--size", 32, "--label", "folder", "--min_per_class", 3)
    assert done.returncode == 0, done.stderr
    for line in (
        "13 found = 12 accepted + 1 rejected",
        "rejected, not an image: 1",
        "class cats: 5",
        "class other: 2",
    ):
        assert line in done.stdout
    assert "folded into 'other': 1 classes of 2 pictures" in done.stdout
    assert done.stderr == ""  # in a file, a bar speaks of what takes long only
    again = command(
        source, "--out", tmp_path / "out", "--size", 32, "--label", "folder", "--min_per_class", 3
    )
    assert again.returncode == 0 and again.stdout == done.stdout and "/s" not in again.stderr


def test_ctrl_c_ends_it_with_one_line_and_it_goes_on(tmp_path):
    source = pictures(tmp_path / "source")
    noise = np.random.default_rng(0).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    for i in range(150):  # enough that it is still at work when the signal comes
        Image.fromarray(np.roll(noise, i, 0)).save(source / f"noise{i}.jpg")
    straight = command(source, "--out", tmp_path / "straight", "--size", 32)
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo.cli.prepare", str(source), "--out", tmp_path / "out", "--size", "32"],
        # A shell lets what it starts in the background ignore Ctrl-C, and that is inherited.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (tmp_path / "out" / "partial" / "plan").exists():
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130 and said.splitlines()[-1] == "ganzoo-prepare: interrupted"
    assert "Traceback" not in said and not (tmp_path / "out" / "store.json").exists()
    again = command(source, "--out", tmp_path / "out", "--size", 32)
    assert again.returncode == 0 and again.stdout == straight.stdout.replace("straight", "out")
    for path in (tmp_path / "straight").iterdir():
        assert path.read_bytes() == (tmp_path / "out" / path.name).read_bytes(), path.name


def test_help_is_quick_and_complete():
    start = time.monotonic()
    done = command("--help")
    assert done.returncode == 0 and time.monotonic() - start < 1.5
    for flag in (
        "--size",
        "--out",
        "--label",
        "--crop",
        "--min_per_class",
        "--workers",
        "--[no]near_duplicates",
    ):
        assert flag in done.stdout
    assert "--flip" not in done.stdout  # that is training's


def test_mistakes_end_with_2_and_one_sentence(tmp_path):
    source = pictures(tmp_path / "source")
    out = ("--out", tmp_path / "out")
    for words, message in [
        ((source,), "--out is missing"),
        (out, "SOURCE is missing"),
        ((source, *out, "--crp", "none"), "did you mean --crop?"),
        ((source, *out, "--crop", "middle"), "random:N"),
        ((source, *out, "--size", 0), "expected 1 to 4096"),
        ((source, *out, "--label", "style"), "needs a CSV"),
        ((source, "extra", *out), "stray word"),
    ]:
        done = command(*words)
        assert done.returncode == 2 and message in done.stderr and "Traceback" not in done.stderr, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_missing_source_ends_with_1(tmp_path):
    done = command(tmp_path / "nothing", "--out", tmp_path / "out")
    assert done.returncode == 1 and "does not exist" in done.stderr and not (tmp_path / "out").exists()
