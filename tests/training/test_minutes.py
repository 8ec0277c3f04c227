"""A budget of minutes: the run ends in time, counts as finished, and goes on when it is given more."""

import json

import pytest

from ganzoo.base.errors import UsageError
from ganzoo.config import resolve
from ganzoo.training import checkpoints, runs
from ganzoo.training.loop import train
from tests import processes


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    source = str(processes.write_pictures(tmp_path_factory.mktemp("data") / "pictures.npz"))
    model = {"name": "vanilla", "image_size": 16, "channels": 3, "width": 4, "d_width": 4}

    def make(minutes, images=10**9):
        few = {"images": images, "minutes": minutes, "batch_size": 8, "grid_every": 10**9}
        return resolve({"model": model, "train": few, "data": {"source": source}})

    return make


def test_time_ends_a_run_and_more_time_goes_on_with_it(config, tmp_path):
    run = tmp_path / "run"
    summary = train(config(0.02), run)
    assert summary["finished"] and summary["exit_code"] == 0
    assert 1.2 <= summary["seconds"] < 30  # compiling, the first grid and the end belong to it
    assert 8 <= summary["images_seen"] < 10**9  # one step there always is
    assert checkpoints.list_sealed(run / "checkpoints")  # everything is written
    assert runs.is_finished(run, config(0.02))
    longer = summary["seconds"] / 60 + 0.02
    assert not runs.is_finished(run, config(longer)) and not runs.is_finished(run, config(0.0))
    again = train(config(longer), run)
    assert again["images_seen"] > summary["images_seen"] and again["seconds"] >= 60 * longer
    assert json.loads((run / "summary.json").read_text())["finished"]


def test_images_still_end_a_run_before_its_time(config, tmp_path):
    summary = train(config(10.0, images=16), tmp_path / "run")
    assert summary["finished"] and summary["images_seen"] == 16
    assert runs.is_finished(tmp_path / "run", config(10.0, images=16))


def test_less_than_no_time_is_refused(config):
    with pytest.raises(UsageError, match=r"train.minutes is -1.0, but must be at least 0"):
        config(-1.0)
