"""Runs and models of the version before: they load, go on to the same bits, and draw the same pictures."""

import json
import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.training import checkpoints, runs
from ganzoo.training.loop import train
from tests.training.old_runs import make

HERE = Path(make.__file__).parent
FAMILIES = sorted(make.MODELS)
# Six steps of Adam on a processor of other instructions differ by roundings, of which a rate of 2e-4 to
# 1e-3 makes at most this; on the same one there is no difference.
ROUNDING = 2e-3


def assert_same(new: np.ndarray, old: np.ndarray, name: str) -> None:
    if make.machine() == json.loads((HERE / "machine.json").read_text()):
        np.testing.assert_array_equal(new, old, err_msg=name)
    else:
        np.testing.assert_allclose(new, old, rtol=0, atol=ROUNDING, err_msg=name)


@pytest.mark.parametrize("family", FAMILIES)
def test_an_interrupted_run_goes_on_to_the_same_bits(family, tmp_path, monkeypatch):
    shutil.copytree(HERE / family, tmp_path / family)
    shutil.copy(HERE / "pictures.npz", tmp_path)
    monkeypatch.chdir(tmp_path)
    run = tmp_path / family
    assert train(runs.read_config(run), run)["images_seen"] == make.IMAGES
    now = checkpoints.newest(run / "checkpoints").arrays
    with np.load(HERE / "ends" / f"{family}.npz") as before:
        assert set(before.files) <= set(now)
        for name in before.files:
            if name.startswith("metrics/"):  # of what is logged, D's two shares have changed their meaning
                continue
            assert_same(now[name], before[name], name)


@pytest.mark.parametrize("family", FAMILIES)
def test_a_run_loads(family, tmp_path):
    run = shutil.copytree(HERE / family, tmp_path / family)
    gan = ganzoo.load(run)
    assert int(gan.images_seen) == make.HALF
    samples = gan.sample(4, seed=0)
    assert np.isfinite(samples).all() and samples.std() > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_a_model_that_save_wrote_draws_the_same_pictures(family):
    model = keras.models.load_model(HERE / f"{family}.keras")
    assert_same(np.asarray(model.sample(4, seed=0)), np.load(HERE / f"{family}-samples.npy"), family)
