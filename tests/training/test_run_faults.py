"""What befalls a run from outside: readers that leave, signals in numbers, folders lost, states exchanged."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import RunError
from ganzoo.config import resolve
from ganzoo.training import checkpoints, going_on, kept, log
from ganzoo.training.interrupt import PATIENCE
from ganzoo.training.loop import train
from tests import processes
from tests.conftest import ROOT


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    data = {"source": str(processes.write_pictures(tmp_path_factory.mktemp("data") / "pictures.npz"))}
    model = {"name": "vanilla", "image_size": 16, "channels": 3, "width": 4, "d_width": 4}

    def make(**changes):
        few = {"images": 80, "batch_size": 8, "checkpoint_every": 40, "grid_every": 10**9, "keep_every": 40}
        return resolve({"model": model, "train": {**few, **changes}, "data": data})

    return make


@pytest.fixture(scope="module")
def trained(config, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    train(config(), run)
    return run


@pytest.fixture(scope="module")
def logged(config, tmp_path_factory):
    """A run of two lines of its log, whole periods."""
    run = tmp_path_factory.mktemp("runs") / "logged"
    train(config(images=3200, checkpoint_every=0, keep_every=0), run)
    return run


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


# ---- readers and signals -----------------------------------------------------------------------------


def test_a_reader_that_goes_away_costs_nothing(tmp_path):
    """As `ganzoo-train ... | head -1`: what was trained is written, and the run can go on."""
    recipe = processes.write_recipe(tmp_path, 400_000)
    reading, writing = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo.cli.train", "--config", str(recipe), "--run_dir", "run"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    with os.fdopen(reading) as out:
        out.readline()
    _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (141, "")
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert summary["exit_code"] == 141 and processes.sealed(tmp_path / "run")[-1] == summary["images_seen"]


STOP = """
import time
from ganzoo.training.interrupt import StopRequests
with StopRequests() as stop:
    print(flush=True)
    while not stop.exit_code: time.sleep(0.01)
    time.sleep(2)
    print(stop.exit_code, flush=True)
"""


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [("SIGHUP", "SIGHUP", 129), ("SIGUSR1", "SIGTERM", 138), ("SIGTERM", "SIGTERM", 143)],
)
def test_signals_that_come_in_numbers_wait_for_the_state(first, second, code):
    """Terminals send SIGHUP twice, schedulers one signal after another: the state is written all the same."""
    script = f"import signal; signal.signal(signal.SIGHUP, signal.SIG_DFL)\n{STOP}"  # nohup ignores it
    process = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    for name, wait in ((first, 0.2), (second, PATIENCE), (second, 0)):
        process.send_signal(getattr(signal, name))
        time.sleep(wait)
    assert process.communicate(timeout=10)[0].strip() == str(code) and process.returncode == 0


def test_one_ctrl_c_that_comes_twice_is_one():
    """Programs that start others pass on what the terminal has sent to all of them."""
    process = subprocess.Popen([sys.executable, "-c", STOP], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    for _ in range(3):
        process.send_signal(signal.SIGINT)
        time.sleep(0.05)
    assert process.communicate(timeout=10)[0].strip() == "130"


# ---- states ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["folder", "files"])
def test_a_run_whose_checkpoints_are_gone_does_not_begin_anew(config, run, how):
    shutil.rmtree(run / "checkpoints")
    shutil.rmtree(run / "snapshots")
    if how == "files":
        (run / "checkpoints").mkdir()
    before = (run / "log.csv").read_bytes()
    with pytest.raises(RunError, match="has seen 80 images, but none of its checkpoints can be used"):
        train(config(images=160), run)
    assert (run / "log.csv").read_bytes() == before


def test_a_run_killed_before_its_first_checkpoint_begins_anew(config, run):
    for name in ("summary.json", "snapshots", "checkpoints"):
        path = run / name
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (run / "checkpoints").mkdir()
    assert train(config(images=80), run)["images_seen"] == 80


def test_damaged_checkpoints_that_are_gone_back_from_push_no_whole_ones_out(config, run):
    train(config(images=200, checkpoint_every=40, keep=3), run)
    assert processes.sealed(run) == [120, 160, 200]
    for seen in (160, 200):
        path = run / "checkpoints" / f"images-{seen:012d}.npz"
        path.write_bytes(path.read_bytes()[:-9])
    summary = train(config(images=136, keep=3), run)
    assert summary["images_seen"] == 136 and processes.sealed(run) == [120, 136]
    whole = [path for path in checkpoints.list_sealed(run / "checkpoints") if checkpoints.is_whole(path)]
    assert len(whole) == 2


def test_a_provisional_best_is_a_checkpoint_before_it_is_forgotten(config, run, monkeypatch):
    shutil.copytree(run / "checkpoints", run / "best")
    for seal in (run / "best").glob("*.json"):
        text = json.loads(seal.read_text())
        notes = {**text["notes"], "score": {"name": "FD", "value": 1.0}, "provisional": True}
        seal.write_text(json.dumps({**text, "notes": notes}))
    shutil.rmtree(run / "checkpoints")

    def killed(root):
        raise KeyboardInterrupt

    monkeypatch.setattr(kept, "forget_provisional", killed)
    with pytest.raises(KeyboardInterrupt):
        train(config(images=160), run, from_best=True)
    assert processes.sealed(run) == [80]


@pytest.mark.parametrize("which", ["last", 40])
def test_a_state_of_another_run_is_not_loaded(config, run, tmp_path, which):
    train(config(seed=1), tmp_path / "other")
    for folder in ("checkpoints", "snapshots"):
        shutil.rmtree(run / folder)
        shutil.copytree(tmp_path / "other" / folder, run / folder)
    with pytest.raises(RunError, match="is a state of another run"):
        ganzoo.load(run, which)
    (run / "run.json").unlink()  # nothing tells them apart any more
    ganzoo.load(run)


def test_loading_writes_nothing(run):
    (run / "run.json").unlink()
    before = sorted(path.name for path in run.iterdir())
    ganzoo.load(run)
    assert sorted(path.name for path in run.iterdir()) == before


def test_a_state_of_another_model_is_not_loaded(run):
    recipe = run / "config.toml"
    recipe.write_text(recipe.read_text().replace("latent_dim = ", "latent_dim = 1"))
    with pytest.raises(RunError, match=r"of another model \(model\.latent_dim: .* before"):
        ganzoo.load(run)


@pytest.mark.parametrize(
    "notes", [{}, {"recipe": 3}, {"recipe": {"model": 3}}, {"run": 3, "recipe": {"train": []}}]
)
def test_notes_of_another_shape_end_in_a_sentence_or_not_at_all(config, run, notes):
    for seal in (run / "checkpoints").glob("*.json"):
        seal.write_text(json.dumps({**json.loads(seal.read_text()), "notes": notes}))
    try:
        going_on.refuse_another_recipe(notes, config())
        ganzoo.load(run)
        train(config(images=160), run)
    except ganzoo.base.errors.GanzooError as error:
        assert "\n" not in str(error)


# ---- the log -----------------------------------------------------------------------------------------


def test_a_log_that_a_power_cut_filled_with_zeros_is_read(logged, config, tmp_path):
    run = shutil.copytree(logged, tmp_path / "run")
    rows = log.read_rows(run / "log.csv")
    with open(run / "log.csv", "ab") as file:
        file.write(b"\0" * 300)
    assert log.read_rows(run / "log.csv") == rows
    train(config(images=3208), run)
    assert len(rows) == 2 and log.read_rows(run / "log.csv")[:2] == rows


def test_columns_of_another_version_stay_in_the_log(logged, config, tmp_path):
    run = shutil.copytree(logged, tmp_path / "run")
    path = run / "log.csv"
    text = path.read_text().replace("d_real", "real_logit", 1).replace("\n", ",said\n", 1)
    head, *lines = text.splitlines()
    path.write_text("\n".join([head, *(f"{line},well, or so".replace(", ", " ") for line in lines)]) + "\n")
    train(config(images=4800), run)
    rows = log.read_rows(path)
    assert rows[0]["said"] == "well or so" and isinstance(rows[0]["real_logit"], float)
    assert (
        np.isnan(rows[0]["d_real"]) and np.isfinite(rows[-1]["d_real"]) and np.isnan(rows[-1]["real_logit"])
    )


def test_a_line_that_was_cut_short_within_a_number_is_none(logged, tmp_path):
    run = shutil.copytree(logged, tmp_path / "run")
    path = run / "log.csv"
    whole = log.read_rows(path)
    path.write_bytes(path.read_bytes()[:-3])
    assert log.read_rows(path) == whole[:-1]
