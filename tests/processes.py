"""Real training processes for the tests that kill them, and what their runs are compared by."""

import csv
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np

from ganzoo.disk.files import is_temporary
from ganzoo.training import checkpoints
from ganzoo.training.log import TIMES
from tests.conftest import ROOT

RECIPE = """
[model]
name = "dcgan"
image_size = 16
width = 4
latent_dim = 8

[train]
images = {images}
batch_size = 8
grid_every = 160
checkpoint_every = 400

[data]
source = "{data}"
flip = true
"""


def write_pictures(path: Path, num: int = 40, side: int = 16) -> Path:
    """An .npz of pictures with structure."""
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (num, 4, 4, 3), dtype=np.uint8)
    np.savez(path, image=coarse.repeat(side // 4, 1).repeat(side // 4, 2))
    return path


def write_recipe(folder: Path, images: int) -> Path:
    """A recipe of the smallest DCGAN on those pictures."""
    data = folder / "pictures.npz"
    if not data.exists():
        write_pictures(data)
    recipe = folder / f"tiny-{images}.toml"
    recipe.write_text(RECIPE.format(images=images, data=data))
    return recipe


def start(run: Path, *words, env: dict | None = None) -> subprocess.Popen:
    """A `ganzoo-train --run_dir RUN WORDS...` of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "ganzoo.cli.train", "--run_dir", str(run), *map(str, words)],
        cwd=run.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: subprocess.Popen, timeout: float = 600) -> tuple[int, str, str]:
    """Waits for a process: exit code, standard output, standard error."""
    try:
        out, err = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise
    return process.returncode, out, err


def wait_for(process: subprocess.Popen, condition, timeout: float = 120) -> bool:
    """Polls until `condition()` or the process has ended; says whether the condition came true."""
    end = time.monotonic() + timeout
    while time.monotonic() < end and process.poll() is None:
        if condition():
            return True
        time.sleep(0.0002)
    return False


def temporaries(folder: Path) -> list[Path]:
    """Files in `folder` that are being written."""
    try:
        return [Path(entry.path) for entry in os.scandir(folder) if is_temporary(Path(entry.name))]
    except FileNotFoundError:
        return []


def kill_while_writing(process: subprocess.Popen, folder: Path) -> bool:
    """Kills a process in the middle of a write into `folder`; says whether a torn file proves it."""
    wait_for(process, lambda: temporaries(folder))
    process.send_signal(signal.SIGKILL)
    process.communicate()
    return bool(temporaries(folder))


def sealed(run: Path) -> list[int]:
    """Images seen at the whole checkpoints of a run."""
    return [checkpoints.images_of(path) for path in checkpoints.list_sealed(run / "checkpoints")]


def state(run: Path) -> dict[str, np.ndarray]:
    """Every array of the last checkpoint."""
    return checkpoints.newest(run / "checkpoints").arrays


def log_without_times(run: Path) -> list[dict]:
    """The lines of a run's log but what a clock says."""
    with open(run / "log.csv", encoding="utf-8", newline="") as file:
        return [{k: v for k, v in row.items() if k not in TIMES} for row in csv.DictReader(file)]


def assert_identical(run: Path, other: Path) -> None:
    """Two finished runs have the same state to the bit, the same log and the same pictures."""
    one, two = state(run), state(other)
    assert one.keys() == two.keys()
    for name, array in one.items():
        assert array.tobytes() == two[name].tobytes(), name
    assert log_without_times(run) == log_without_times(other)
    grids = [{p.name: p.read_bytes() for p in (each / "samples").iterdir()} for each in (run, other)]
    assert all(grids[0].get(name) == data for name, data in grids[1].items())
