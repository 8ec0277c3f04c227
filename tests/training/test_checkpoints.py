"""A checkpoint is whole at every moment of a save; a state belongs to its run, its recipe and its data."""

import contextlib
import json
import os
import shutil
import signal
import threading

import keras
import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import RunError, UsageError
from ganzoo.config import resolve, with_budget
from ganzoo.training import announcements, checkpoints, folders, kept, runs
from ganzoo.training.interrupt import POLITE, StopRequests
from ganzoo.training.loop import train
from ganzoo.training.scores import Scorer
from tests import processes

OLD, NEW = {"x": np.zeros(64, np.float32)}, {"x": np.ones(64, np.float32)}
CALLS = ("open", "write", "fsync", "replace", "unlink", "chmod", "close", "rename")  # that a save makes of os


class Killed(BaseException):
    """Stands for SIGKILL: nothing after it happens."""


class System:
    """Counts the calls that change a disk; ends the process before call number `at`, or fails from there."""

    def __init__(self, patch, at: int | None, error=None):
        self.count, self.at, self.error = 0, at, error
        for name in CALLS:
            patch.setattr(os, name, self._counted(getattr(os, name)))

    def _counted(self, call):
        def counted(*arguments, **more):
            self.count += 1
            if self.at is not None and self.count >= self.at:
                raise self.error or Killed
            return call(*arguments, **more)

        return counted


def saved_again(tmp_path, monkeypatch, at, error=None):
    """Saves at 8 images, then other arrays at that number, broken off at call `at`; what is there then."""
    folder = tmp_path / f"{at}"
    folder.mkdir()
    checkpoints.save(folder, 8, OLD, {"step": 1})
    with monkeypatch.context() as patch:
        system = System(patch, at, error)
        with contextlib.suppress(Killed, RunError):
            checkpoints.save(folder, 8, NEW, {"step": 2})
    checkpoints.clear_remains(folder)
    return system.count, checkpoints.newest(folder, lambda text: None)


@pytest.mark.parametrize("error", [None, OSError(28, "No space left on device")], ids=["killed", "disk full"])
def test_at_no_moment_of_a_save_is_there_less_than_a_whole_state(tmp_path, monkeypatch, error):
    number, found = saved_again(tmp_path, monkeypatch, None)
    assert found.notes == {"step": 2} and number >= 8
    steps = []
    for at in range(1, number + 1):
        _, found = saved_again(tmp_path, monkeypatch, at, error)
        assert found is not None, f"nothing is left after call {at}"
        expected = {1: OLD, 2: NEW}[found.notes["step"]]
        np.testing.assert_array_equal(found.arrays["x"], expected["x"])
        steps.append(found.notes["step"])
    assert steps[0] == 1 and steps == sorted(steps)


def test_arrays_whose_seal_is_lost_are_used_by_their_own_sums(tmp_path):
    for seen in (8, 16):
        path = checkpoints.save(tmp_path, seen, NEW, {"step": seen})
        checkpoints.seal_of(path).unlink()
    checkpoints.clear_remains(tmp_path)
    assert checkpoints.newest(tmp_path, print).notes == {"step": 16}
    path.write_bytes(path.read_bytes().replace(b"\x00\x00\x80?", b"\x00\x00\x00?", 1))
    assert checkpoints.newest(tmp_path, lambda text: None).notes == {"step": 8}


def test_a_checkpoint_of_the_version_before_is_read(tmp_path):
    path = checkpoints.save(tmp_path, 8, OLD, {"step": 1})
    np.savez(path, **OLD)  # no notes within, no name of the arrays in the seal
    seal = {"sha256": checkpoints_digest(path), "images_seen": 8, "notes": {"step": 1}}
    checkpoints.seal_of(path).write_text(json.dumps(seal))
    assert checkpoints.newest(tmp_path, print).notes == {"step": 1}


def checkpoints_digest(path):
    from ganzoo.disk.sums import sha256_of

    return sha256_of(path)


# ---- runs ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    data = {"source": str(processes.write_pictures(tmp_path_factory.mktemp("data") / "pictures.npz"))}
    model = {"name": "vanilla", "image_size": 16, "channels": 3, "width": 4, "d_width": 4}

    def make(source=data["source"], **changes):
        few = {"images": 80, "batch_size": 8, "checkpoint_every": 40, "grid_every": 10**9}
        return resolve({"model": model, "train": {**few, **changes}, "data": {"source": source}})

    return make


@pytest.fixture(scope="module")
def trained(config, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "run"
    train(config(), run)
    return run


@pytest.fixture
def run(trained, tmp_path):
    return shutil.copytree(trained, tmp_path / "run")


def damage(folder, endings=(".npz",)):
    for path in folder.glob("images-*"):
        if path.suffix in endings:
            path.write_bytes(path.read_bytes()[:-9])


def test_a_run_without_a_usable_checkpoint_is_an_error_that_names_what_is_left(config, run):
    with pytest.raises(RunError, match="begin a new run"):
        damage(run / "checkpoints")
        train(config(images=160), run)
    before = sorted((path, path.read_bytes()) for path in run.rglob("*") if path.is_file())
    with pytest.raises(RunError, match="has seen 80 images, but none of its checkpoints can be used"):
        train(config(images=160), run)
    after = sorted((path, path.read_bytes()) for path in run.rglob("*") if path.is_file())
    assert [each for each in before if each[0].name != ".lock"] == [e for e in after if e[0].name != ".lock"]


def test_from_the_best_state_it_goes_on_where_no_checkpoint_can_be_used(config, run):
    shutil.copytree(run / "checkpoints", run / "best")
    score = {"name": "FD", "value": 1.0}
    for seal in (run / "best").glob("*.json"):
        text = json.loads(seal.read_text())
        seal.write_text(json.dumps({**text, "notes": {**text["notes"], "score": score}}))
    damage(run / "checkpoints")
    with pytest.raises(RunError, match="go on from the best state, at 80 images, with --from_best"):
        train(config(images=160), run)
    assert train(config(images=160), run, from_best=True)["images_seen"] == 160


def test_lost_seals_lose_nothing(config, run, tmp_path, trained):
    for seal in (run / "checkpoints").glob("*.json"):
        seal.unlink()
    other = shutil.copytree(trained, tmp_path / "other")
    train(config(images=160), run), train(config(images=160), other)
    processes.assert_identical(run, other)


def test_a_checkpoint_of_another_run_is_refused(config, run, tmp_path):
    train(config(images=120), tmp_path / "other")
    for path in (tmp_path / "other" / "checkpoints").iterdir():
        shutil.copy(path, run / "checkpoints")
    with pytest.raises(RunError, match="is of another run"):
        train(config(images=200), run)


def test_an_edited_recipe_is_refused_by_name(config, run):
    recipe = run / "config.toml"
    recipe.write_text(recipe.read_text().replace("learning_rate = 0.0002", "learning_rate = 0.0001"))
    edited = runs.read_config(run)
    assert edited.objective.learning_rate == 1e-4
    with pytest.raises(UsageError, match=r"train\.learning_rate: 0\.0002 before, 0\.0001 now"):
        train(edited, run)
    longer = resolve({**edited.tables(), "train": {**edited.tables()["train"], "images": 88}})
    assert train(longer, run, allow_changes=True)["images_seen"] == 88


def test_data_may_lie_elsewhere_but_not_be_other_data(config, run, tmp_path):
    moved = shutil.copy(config().data.source, tmp_path / "elsewhere.npz")
    assert train(config(source=str(moved), images=88), run)["images_seen"] == 88
    other = processes.write_pictures(tmp_path / "other.npz")
    with np.load(other) as arrays:
        np.savez(other, **{name: np.roll(values, 1, axis=1) for name, values in arrays.items()})
    for allowed in ({}, {"allow_changes": True}):
        with pytest.raises(RunError, match="the data has changed"):
            train(config(source=str(other), images=96), run, **allowed)
    assert train(config(source=str(other), images=96), run, allow_other_data=True)["images_seen"] == 96


def test_a_log_that_cannot_be_read_is_not_forgotten(config, run):
    text = (run / "log.csv").read_bytes()
    (run / "log.csv").write_bytes(text.replace(b"images_seen", b"images seen", 1))
    with pytest.raises(RunError, match="has no column 'images_seen'"):
        train(config(images=88), run)
    (run / "log.csv").write_bytes(text + b"\xff\xfe,torn")
    assert train(config(images=88), run)["images_seen"] == 88


# ---- the best state ----------------------------------------------------------------------------------


def test_an_interrupted_run_loads_as_the_same_model(config, tmp_path, monkeypatch):
    """At the ends that were not due, scores are better by far; they count until the run goes on."""
    due, period = {1600: 30.0, 3200: 20.0, 4800: 25.0}, 1600  # a line of the log: whole epochs of 40
    monkeypatch.setattr(Scorer, "__call__", lambda self, gan: due.get(int(gan.images_seen), 1.0))
    settings = {"eval_every": period, "eval_num": 20, "checkpoint_every": 0}
    train(config(images=3 * period, **settings), tmp_path / "straight")
    for images in (800, period + 80, 2 * period + 80, 3 * period):
        train(config(images=images, **settings), tmp_path / "stopped")
        if images % period:
            assert kept.best_score(tmp_path / "stopped")[0].value == 1.0
    for run in ("straight", "stopped"):
        assert kept.best_score(tmp_path / run)[1] == 2 * period, run
        assert int(ganzoo.load(tmp_path / run).images_seen) == 2 * period


def test_the_best_is_of_one_measure_and_one_data_set(tmp_path):
    said = []

    def record(seen, value, of):
        score = kept.Score("FD-mobilenet", value, of=of)
        return kept.record_score(tmp_path, seen, OLD, {}, score, say=said.append)

    assert record(8, 10.0, "100 pictures, data a") and not record(16, 11.0, "100 pictures, data a")
    assert record(24, 12.0, "200 pictures, data a") and "chosen by another measure" in said[0]
    assert kept.best_score(tmp_path)[1] == 24


@pytest.mark.parametrize("seal", ["{}", "[]", '{"notes": 3}', '{"notes": {"score": {"value": 1}}}', "{"])
def test_a_best_of_another_shape_is_no_score(tmp_path, seal):
    path = kept.record_score(tmp_path, 8, OLD, {}, kept.Score("FD", 1.0)) and tmp_path / "best"
    (path / "images-000000000008.json").write_text(seal)
    assert kept.best_score(tmp_path) is None
    assert kept.record_score(tmp_path, 16, OLD, {}, kept.Score("FD", 2.0))


def test_a_damaged_best_is_said_and_no_score(tmp_path):
    kept.record_score(tmp_path, 8, OLD, {}, kept.Score("FD", 1.0))
    checkpoints.save(tmp_path, 16, NEW, {})
    (tmp_path / "checkpoints").mkdir()
    checkpoints.save(tmp_path / "checkpoints", 16, NEW, {})
    damage(tmp_path / "best")
    said = []
    assert kept.best_score(tmp_path) is None
    assert kept.choose(tmp_path, "best", said.append).images_seen == 16
    assert "it was the best state by FD" in said[0] and "the last one is taken" in said[1]


# ---- budgets ---------------------------------------------------------------------------------------


def test_rates_fall_over_the_budget_that_is_asked_for():
    recipe = {"train": {"images": 70_000, "decay_from": 35_000, "decay_until": 70_000, "batch_size": 16}}
    longer = with_budget(recipe, 200_000)["train"]
    assert (longer["decay_from"], longer["decay_until"]) == (100_000, 200_000)
    assert with_budget(recipe, None) == recipe


def test_a_budget_beyond_the_last_rate_is_said(config):
    assert not announcements.standing_still(config(images=80, decay_until=80))
    (said,) = announcements.standing_still(config(images=200, decay_until=80))
    assert "fallen to 0 at 80 images: the 120 after that change no weight" in said


# ---- ends and beginnings ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", POLITE)
def test_every_polite_signal_ends_a_run_with_everything_written(config, run, name, request):
    number = getattr(signal, name)
    before = signal.signal(number, signal.SIG_DFL)  # a suite that runs under nohup ignores SIGHUP
    request.addfinalizer(lambda: signal.signal(number, before))

    class Send(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            if batch == 14:
                os.kill(os.getpid(), number)

    summary = train(config(images=800), run, callbacks=[Send()])
    assert (summary["exit_code"], summary["images_seen"], summary["finished"]) == (128 + number, 120, False)
    assert processes.sealed(run)[-1] == 120 and signal.getsignal(number) == signal.SIG_DFL


def test_what_nohup_ignores_stays_ignored():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with StopRequests() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop.exit_code is None
    finally:
        signal.signal(signal.SIGHUP, before)


def test_runs_that_begin_together_get_folders_of_their_own(tmp_path):
    together, given = threading.Barrier(8), []

    def begin():
        together.wait()
        with folders.new_run_dir("dcgan", tmp_path / "runs") as folder:
            (folder / "config.toml").write_text("")
            given.append(folder.name)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(given) == [f"dcgan-{i}" for i in range(1, 9)]


def test_a_run_that_did_not_begin_leaves_no_folder(tmp_path):
    with pytest.raises(ValueError), folders.new_run_dir("dcgan", tmp_path / "runs") as folder:
        assert folder.is_dir()
        raise ValueError
    assert not (tmp_path / "runs").exists()


def test_a_run_that_ended_by_time_says_so(run):
    summary = json.loads((run / "summary.json").read_text())
    (run / "summary.json").write_text(json.dumps({**summary, "images_seen": 56, "seconds": 90.0}))
    assert runs.ended_by(run) == "56 images seen in 1.5 minutes"
