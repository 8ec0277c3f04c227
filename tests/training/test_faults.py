"""What goes wrong in real life: full disks, damaged files, signals, numbers that are no longer finite."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import RunError
from ganzoo.config import resolve
from ganzoo.training import health, rhythm, runs
from ganzoo.training.interrupt import PATIENCE
from ganzoo.training.loop import train
from tests import processes
from tests.conftest import ROOT

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting a small file system needs root")


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    data = {"source": str(processes.write_pictures(folder / "pictures.npz"))}
    model = {"name": "dcgan", "image_size": 16, "width": 4, "latent_dim": 8}

    def make(**changes):
        few = {"images": 160, "batch_size": 8, "checkpoint_every": 40, "grid_every": 10_000}
        return resolve({"model": model, "train": {**few, **changes}, "data": data})

    return make


@pytest.fixture(scope="module")
def straight(config, tmp_path_factory):
    """An uninterrupted run."""
    run = tmp_path_factory.mktemp("straight") / "run"
    train(config(), run)
    return run


class At(keras.callbacks.Callback):
    """Calls a function with the model after chosen steps."""

    def __init__(self, function, *steps):
        super().__init__()
        self.function, self.steps = function, list(steps)

    def on_train_batch_end(self, batch, logs=None):
        if batch + 1 in self.steps:
            self.steps.remove(batch + 1)
            self.function(self.model)


@contextlib.contextmanager
def small_file_system(folder, size="2m"):
    """A file system of its own in `folder`."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


# ---- disks --------------------------------------------------------------------------------------


@as_root
def test_a_full_disk_ends_the_run_and_the_older_checkpoint_stays_good(config, straight, tmp_path):
    with small_file_system(tmp_path / "disk") as disk:
        run = disk / "run"
        train(config(images=80), run)
        free = os.statvfs(disk)
        (disk / "ballast").write_bytes(b"x" * (free.f_bavail * free.f_frsize - 40_000))
        with pytest.raises(RunError, match=r"could not be written: No space left"):
            train(config(), run)
        assert not list(run.rglob("*.tmp"))
        assert processes.sealed(run)[-1] == 80 and int(ganzoo.load(run, "last").images_seen) == 80
        (disk / "ballast").unlink()
        train(config(), run)
        processes.assert_identical(run, straight)


@as_root
def test_a_read_only_run_directory_is_one_sentence(config, tmp_path):
    with small_file_system(tmp_path / "disk") as disk:
        train(config(images=40), disk / "run")
        subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
        for folder in (disk / "run", disk / "new"):
            with pytest.raises(RunError, match=r"cannot be used for a run: Read-only file system"):
                train(config(images=80), folder)


@pytest.mark.parametrize("damage", ["truncated", "one bit", "seal"])
def test_a_damaged_checkpoint_is_passed_over_and_said(config, straight, tmp_path, damage):
    run, said = tmp_path / "run", io.StringIO()
    train(config(images=80), run)
    assert processes.sealed(run) == [40, 80]
    newest = run / "checkpoints" / "images-000000000080.npz"
    if damage == "truncated":
        os.truncate(newest, newest.stat().st_size // 2)
    elif damage == "one bit":
        octets = bytearray(newest.read_bytes())
        octets[len(octets) // 2] ^= 1
        newest.write_bytes(octets)
    else:
        newest.with_suffix(".json").write_text("{")
    train(config(), run, stream=said)
    reason = "cannot be read" if damage == "seal" else "its checksum does not match"
    assert reason in said.getvalue() and "going back to the one before" in said.getvalue()
    assert "going on from 40 images" in said.getvalue()
    processes.assert_identical(run, straight)


# ---- two at once, and signals -------------------------------------------------------------------


def test_a_second_process_is_refused_until_the_first_is_gone(config, tmp_path):
    code = (
        "import sys\nfrom ganzoo.training import folders\nwith folders.locked(sys.argv[1]): print(); input()"
    )
    train(config(images=40), tmp_path / "run")
    first = subprocess.Popen(
        [sys.executable, "-c", code, tmp_path / "run"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    first.stdout.readline()
    with pytest.raises(RunError, match="another process is training"):
        train(config(images=80), tmp_path / "run")
    first.kill()  # a dead owner holds nothing
    first.communicate()
    assert train(config(images=80), tmp_path / "run")["finished"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_signal_writes_a_checkpoint_and_has_a_code_of_its_own(config, straight, tmp_path, number, code):
    stop = At(lambda model: os.kill(os.getpid(), number), 7)
    summary = train(config(), tmp_path / "run", callbacks=[stop])
    assert (summary["exit_code"], summary["finished"], summary["images_seen"]) == (code, False, 56)
    assert processes.sealed(tmp_path / "run")[-1] == 56
    assert train(config(), tmp_path / "run")["exit_code"] == 0
    processes.assert_identical(tmp_path / "run", straight)


def test_a_second_interrupt_ends_at_once():
    code = (
        "import time\nfrom ganzoo.training.interrupt import StopRequests\n"
        "with StopRequests():\n    print(flush=True)\n    while True: time.sleep(1)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    time.sleep(PATIENCE + 0.3)
    assert process.poll() is None  # the first one is a request
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) == 130
    process.communicate()


# ---- divergence and collapse --------------------------------------------------------------------


def spoil(model):
    kernel = model.discriminator.trainable_variables[0]
    kernel.assign(np.full(kernel.shape, np.nan))


def test_numbers_that_are_not_finite_stop_the_run_with_step_and_name(config, straight, tmp_path):
    with pytest.raises(RunError, match=r"d_loss is nan at step 8 \(64 images\): training diverged"):
        train(config(), tmp_path / "run", callbacks=[At(spoil, 7)])
    assert processes.sealed(tmp_path / "run") == [40]
    train(config(), tmp_path / "run")
    processes.assert_identical(tmp_path / "run", straight)


def test_weights_that_are_not_finite_are_never_saved(config, tmp_path):
    def spoil_average(model):
        model.ema_weights[0].assign(np.full(model.ema_weights[0].shape, np.inf))

    with pytest.raises(RunError, match=r"the weight ema/000/\S+ is no longer finite at step 10"):
        train(config(), tmp_path / "run", callbacks=[At(spoil_average, 7)])
    assert processes.sealed(tmp_path / "run") == [40]


def test_going_back_with_a_lower_learning_rate(config, tmp_path):
    said = io.StringIO()
    changed = config(retries=2, retry_learning_rate=0.5, learning_rate=1e-3)
    train(changed, tmp_path / "run", callbacks=[At(spoil, 7, 13)], stream=said)
    assert "going back to 40 images with learning rates times 0.5 (try 1 of 2)" in said.getvalue()
    assert "going back to 80 images with learning rates times 0.25 (try 2 of 2)" in said.getvalue()
    gan = ganzoo.load(tmp_path / "run", "last")
    rates = [float(o.learning_rate.numpy()) for o in (gan.g_optimizer, gan.d_optimizer)]
    np.testing.assert_allclose(rates, 0.25e-3, rtol=1e-6)
    with pytest.raises(RunError, match="after going back 2 times"):
        train(changed, tmp_path / "other", callbacks=[At(spoil, 7, 8, 9)])


def row(**readings) -> dict:
    return {"images_seen": 1, "d_real": 0.8, "d_fake": 0.8, "diversity": 0.7, **readings}


def test_collapse_is_told_from_the_first_steps():
    alike = row(diversity=0.05)
    assert not health.is_collapsed([alike])  # everything is grey in the beginning
    assert health.is_collapsed([alike, row(), alike])  # it had been alive
    assert health.is_collapsed([alike] * 10)  # it never came to life
    assert not health.is_collapsed([row()] * 10)


def test_warnings_are_said_once_until_it_is_well_again():
    reader = health.Health(np.random.default_rng(0).integers(0, 256, (8, 16, 16, 3), np.uint8))
    won, well = row(d_real=1.0, d_fake=0.999), row()
    said = [reader.words(rows) for rows in ([won], [won, won], [won] * 3, [won, well], [well, won, won])]
    assert [len(each) for each in said] == [0, 1, 0, 0, 1]
    assert "has won outright" in said[1][0]
    critic = health.Health(np.zeros((2, 16, 16, 3), np.uint8), can_be_won=False)
    assert not critic.words([won, won])  # a critic is meant to be that good
    collapsed = reader.words([well, row(diversity=0.01)])
    assert "has collapsed" in collapsed[0]


def test_diversity_is_a_share_of_the_datas():
    reals = np.random.default_rng(0).integers(0, 256, (64, 16, 16, 3), np.uint8)
    reader = health.Health(reals)
    same = reals.astype(np.float32) / 127.5 - 1.0
    assert reader.diversity(same) == pytest.approx(1.0)
    assert reader.diversity(same / 2) == pytest.approx(0.5)
    assert reader.diversity(np.repeat(same[:1], 64, 0)) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("grey", [0, 77, 200])
def test_data_of_one_colour_counts_as_collapse_once_the_samples_are_alike(grey):
    reader = health.Health(np.full((64, 16, 16, 3), grey, np.uint8))
    alike = np.full((64, 16, 16, 3), grey / 127.5 - 1, np.float32)
    noise = np.random.default_rng(0).normal(0, 0.5, alike.shape)
    lines = [row(diversity=reader.diversity(alike + noise)), row(diversity=reader.diversity(alike))]
    assert lines[0]["diversity"] > 1 and lines[1]["diversity"] < 0.01  # was nan, or noise over noise
    assert health.is_collapsed(lines)
    assert "neither do the data's pictures" in reader.words(lines)[0]


def test_stop_on_collapse_has_a_code_of_its_own(config, tmp_path, monkeypatch):
    monkeypatch.setattr(rhythm, "LEAST_STEPS", 5)
    monkeypatch.setattr(health, "PATIENCE", 2)

    def collapse(model):
        for variable in model.ema_weights:
            variable.assign(np.zeros(variable.shape))

    said = io.StringIO()
    changed = config(stop_on_collapse=True, learning_rate=1e-9)
    summary = train(changed, tmp_path / "run", callbacks=[At(collapse, 9)], stream=said)
    assert (summary["exit_code"], summary["images_seen"]) == (3, 80)
    assert "the generator has collapsed" in said.getvalue()
    assert runs.read_config(tmp_path / "run") == changed
