"""The examples run as they stand, shortened by their own flags."""

import os
import subprocess
import sys

import pytest
from PIL import Image

from tests.conftest import ROOT


def run(name: str, *words: str, cwd) -> str:
    done = subprocess.run(
        [sys.executable, str(ROOT / "examples" / name), *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_your_own_gan(tmp_path):
    assert "samples are in mine.png" in run(
        "your_own_gan.py", "--steps", "3", "--out", "mine.png", cwd=tmp_path
    )
    with Image.open(tmp_path / "mine.png") as sheet:
        assert sheet.size == (4 * (8 * 10 + 2),) * 2  # 8 of 8 pixels with gaps of 2, four times


def test_your_own_loss(tmp_path):
    assert "Modes(covered=" in run("your_own_loss.py", "--steps", "3", cwd=tmp_path)


@pytest.mark.parametrize("toy", ["ring", "xy"])
def test_toys_draws_an_animation(toy, tmp_path):
    run("toys.py", "--toy", toy, "--frames", "3", "--steps", "2", "--out", "toy.gif", cwd=tmp_path)
    with Image.open(tmp_path / "toy.gif") as animation:
        assert animation.n_frames >= 3


def test_theory_draws_its_figures(tmp_path):
    run("theory.py", "--steps", "5", "--out", str(tmp_path / "figures"), cwd=tmp_path)
    names = {"optimal_discriminator.png", "jensen_shannon.png", "saturation.png", "xy.png"}
    assert {path.name for path in (tmp_path / "figures").iterdir()} == names


def test_explicit_prints_a_number_for_those_that_have_one(tmp_path):
    said = run("explicit.py", "--epochs", "1", "--out", "explicit.png", cwd=tmp_path)
    rows = [line for line in said.splitlines() if line.startswith("| ")]
    assert "exactly" in rows[1] and "at least" in rows[2] and "no density" in rows[3]
    assert (tmp_path / "explicit.png").is_file()
