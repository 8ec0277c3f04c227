"""Whole runs of a growing model: in parts, killed, on two replicas, on mock faces."""

import json
import random
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import read_recipe, resolve
from ganzoo.training import checkpoints
from ganzoo.training.loop import train
from tests import processes
from tests.conftest import ROOT

# 4x4 until 40 images, 8x8 fades in until 80.
MODEL = {"name": "progan", "image_size": 8, "width": 4, "latent_dim": 8}
MODEL |= {"stable_images": 40, "fade_images": 40, "batch_sizes": {4: 16, 8: 8}}


@pytest.fixture
def config(picture_folder, tmp_path):
    def make(**changes):
        data = {"source": str(picture_folder), "cache_dir": str(tmp_path / "cache")}
        few = {"images": 160, "grid_every": 40, "checkpoint_every": 24}
        return resolve({"model": dict(MODEL), "train": {**few, **changes}, "data": data})

    return make


def test_a_run_in_two_parts_equals_one_in_the_middle_of_a_fade(config, tmp_path, capsys):
    train(config(images=64), tmp_path / "parts")  # 8x8 has half faded in
    assert "ends at 8x8 fading in 60%" in capsys.readouterr().out
    train(config(), tmp_path / "parts")
    train(config(), tmp_path / "whole")
    parts, whole = (checkpoints.values(ganzoo.load(tmp_path / name).state()) for name in ("parts", "whole"))
    for name, value in whole.items():
        np.testing.assert_array_equal(value, parts[name], err_msg=name)
    grids = sorted(path.name for path in (tmp_path / "whole" / "samples").iterdir())
    assert [int(name[7:19]) for name in grids] == [0, 48, 80, 120, 160]


RECIPE = """
[model]
name = "progan"
image_size = 16
width = 4
latent_dim = 8
stable_images = 400
fade_images = 400
batch_sizes = { 4 = 20, 8 = 10, 16 = 5 }

[train]
images = 2400
grid_every = 200
checkpoint_every = 40

[data]
source = "DATA"
flip = true
"""


@pytest.mark.long
def test_killed_at_ten_moments_it_ends_bit_identical(tmp_path):
    recipe = tmp_path / "growing.toml"
    recipe.write_text(RECIPE.replace("DATA", str(processes.write_pictures(tmp_path / "pictures.npz"))))
    growth = resolve(read_recipe(str(recipe))).family.schedule
    code, _, err = processes.finish(processes.start(tmp_path / "straight", "--config", recipe), 1800)
    assert code == 0, err
    run, words, rng, rows = tmp_path / "killed", ["--config", recipe], random.Random(6), []
    for moment in (200, 440, 600, 760, 1000, 1240, 1400, 1560, 1800, 2100):
        process = processes.start(run, *words)
        assert processes.wait_for(process, lambda m=moment: max([0, *processes.sealed(run)]) >= m, 1800)
        time.sleep(rng.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        assert processes.finish(process)[0] == -signal.SIGKILL
        resumed = max(processes.sealed(run))
        rows.append(f"| {len(rows) + 1} | {resumed} | {growth.describe(resumed)} |")
        words = []  # --run_dir alone goes on
    code, _, err = processes.finish(processes.start(run), 1800)
    assert code == 0, err
    processes.assert_identical(run, tmp_path / "straight")
    print("\n| kill | went on from images | where growth stood |\n|---|---|---|", *rows, sep="\n")
    print("weights, EMA, both optimizers, log and pictures: bit-identical to the run that was not killed")
    assert sum("fading" in row for row in rows) >= 3


def test_two_replicas_grow_like_one_device():
    command = [sys.executable, "-m", "tests.step.growing_replicas"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stderr[-3000:]
    result = json.loads(lines[-1].removeprefix("RESULT "))
    print(result)
    assert result["stage"] == 2 and result["apart"] == 0.0
    assert result["weights"] < 1e-5 and result["metrics"] < 1e-4
    assert "multiples of 8 for 2 replicas" in result["refused"]


def test_every_batch_size_has_to_fit_the_data(config, tmp_path):
    tables = config().tables()
    tables["model"]["batch_sizes"] = {"4": 32, "8": 8}
    with pytest.raises(UsageError, match="batch_size is 32, but the data has 24"):
        train(resolve(tables), tmp_path / "run")


@pytest.fixture
def mock_faces(monkeypatch, tmp_path):
    """CelebA as TFDS's own mock data: the real features, random pictures, nothing downloaded."""
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with tfds.testing.mock_data(num_examples=24):
        make = tfds.builder

        def builder(name):
            made = make(name)
            split = tfds.core.SplitInfo(name="train", shard_lengths=[24], num_bytes=0)
            made.info.set_splits(tfds.core.splits.SplitDict([split]))
            made.is_prepared = lambda: True
            return made

        monkeypatch.setattr(tfds, "builder", builder)
        yield


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("recipe", ["faces_progan", "faces_dcgan"])
def test_the_faces_recipes_train_on_mock_data(recipe, mock_faces, tmp_path):
    tables = read_recipe(recipe)
    assert tables["data"]["source"] == "tfds:celeb_a"
    growing = {"stable_images": 16, "fade_images": 8, "batch_sizes": {4: 8, 8: 8, 16: 8}}
    tables["model"] |= {"image_size": 16, "width": 4, "latent_dim": 8}
    tables["model"] |= growing if recipe == "faces_progan" else {}
    tables["train"] |= {"images": 72, "batch_size": 8}
    summary = train(resolve(tables), tmp_path / "run")
    assert summary["finished"] and summary["data"]["pictures"] == 24
