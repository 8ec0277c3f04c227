"""The front doors of benchmarks, experiments and tools; what they measure is nobody's test."""

import subprocess
import sys

import numpy as np
import pytest

from experiments import few_pictures, stacked_mnist
from ganzoo.config import with_budget
from tests.conftest import ROOT


def run(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    "folder, program, part",
    [
        ("benchmarks", "step", "alternate"),
        ("experiments", "few_pictures", "__main__"),
        ("tools", "rescore", "listing"),
    ],
)
def test_a_folder_of_programs_lists_and_starts_them(folder, program, part):
    done = run(folder)
    assert done.returncode == 0 and f"\n  {program}  " in done.stdout and f" {part} " not in done.stdout
    done = run(folder, program.replace("_", "-"), "--help")
    assert done.returncode == 0 and f"usage: python -m {folder} {program}" in done.stdout
    done = run(folder, program + "p")
    assert done.returncode == 2
    assert done.stderr == f"{folder} has no '{program}p': did you mean '{program}'?\n"


def test_stacked_digits_have_the_modes_of_their_channels():
    labels = np.arange(10, dtype=np.uint8)
    digits = np.broadcast_to(labels[:, None, None], (10, 4, 4))
    pictures, modes = stacked_mnist.stack(digits, labels, 500, seed=0)
    assert pictures.shape == (500, 4, 4, 3)
    assert (pictures[:, 0, 0] @ [100, 10, 1] == modes).all() and len(set(modes)) > 300


def test_every_picture_is_followed_by_its_mirror_image():
    pictures = np.arange(12, dtype=np.uint8).reshape(2, 2, 3, 1)
    both = few_pictures.mirrored(pictures)
    assert (both[::2] == pictures).all() and both[1, 0, :, 0].tolist() == [2, 1, 0]


def test_a_shorter_budget_lets_the_rates_fall_sooner():
    recipe = {"train": {"images": 600, "decay_from": 300, "decay_until": 600, "batch_size": 8}}
    short = {"images": 200, "decay_from": 100, "decay_until": 200, "batch_size": 8}
    assert with_budget(recipe, 200)["train"] == short and with_budget(recipe, None) == recipe
