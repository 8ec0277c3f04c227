"""Files that are none: pipes and devices where a command reads, in weights, runs, recipes and data."""

import os
import shutil
import subprocess
import sys

import pytest

from ganzoo.disk import regular
from ganzoo.weights import HERE
from tests.conftest import ROOT

READ = """
import sys
from pathlib import Path
from ganzoo.base.errors import GanzooError
from ganzoo import config, weights
from ganzoo.disk import archive
from ganzoo.pictures import picture_files
from ganzoo.sampling import latent_files
from ganzoo.training import checkpoints, runs
from ganzoo.data import arrays
from ganzoo.data.data_config import DataConfig
import resource

resource.setrlimit(resource.RLIMIT_AS, (2**32, 2**32))
readers = {
    "weights.safetensors": lambda path: weights.read(path.parent),
    "weights.npz": lambda path: archive.read_arrays(path, "0" * 64),
    "card.json": lambda path: weights.read(path.parent),
    "config.toml": lambda path: runs.read_config(path.parent),
    "recipe.toml": lambda path: config.read_recipe(str(path)),
    "latents.json": latent_files.read,
    "latents.jsonl": lambda path: picture_files.refuse_others(path.parent),
    "data.npz": lambda path: arrays.load(DataConfig(source=str(path)), 16, 3, False),
}
for path in map(Path, sys.argv[1:]):
    try:
        readers[path.name](path)
    except GanzooError as error:
        print(error)
"""
READ_AS = (
    "weights.safetensors",
    "weights.npz",
    "card.json",
    "config.toml",
    "recipe.toml",
    "latents.json",
    "latents.jsonl",
    "data.npz",
)


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_nothing_waits_for_a_pipe_or_reads_a_device_to_its_end(tmp_path, kind):
    shutil.copytree(HERE / "dcgan" / "paintings", tmp_path / "w")
    words = [sys.executable, "-c", READ]
    for what in READ_AS:
        folder = tmp_path / what.replace(".", "-")
        shutil.copytree(tmp_path / "w", folder)
        (folder / what).unlink(missing_ok=True)
        os.mkfifo(folder / "pipe")
        (folder / what).symlink_to(folder / "pipe" if kind == "pipe" else "/dev/zero")
        words += [str(folder / what)]
    # Memory is bounded, and so is time: before, a device was read until none was left.
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, env=env, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL
    )
    assert len(done.stdout.splitlines()) == len(READ_AS) and not done.stderr, done


def test_ordinary_files_and_links_to_them_are_read(tmp_path):
    (tmp_path / "a").write_text("é", encoding="utf-8")
    (tmp_path / "b").symlink_to("a")
    assert regular.read_text(tmp_path / "b") == "é" and regular.read(tmp_path / "a") == "é".encode()
    for path in (tmp_path, tmp_path / "nothing"):
        with pytest.raises(OSError):
            regular.read(path)
