"""A run that is killed again and again ends bit for bit where an uninterrupted one does."""

import random
import re
import signal
import time

import numpy as np
import pytest

import ganzoo
from ganzoo.base.errors import RunError, UsageError
from ganzoo.config import resolve
from ganzoo.training import checkpoints, kept, runs
from ganzoo.training.loop import train
from tests import processes


def kill(process, run, moment) -> str:
    """Kills a run after its next checkpoint: while it writes into a folder, or after some seconds."""
    before = processes.sealed(run)
    processes.wait_for(process, lambda: processes.sealed(run) not in ([], before))
    if isinstance(moment, float):
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
        return f"{moment:.2f} s after a checkpoint"
    torn = processes.kill_while_writing(process, run / moment)
    return f"writing into {moment}/, " + ("torn file seen" if torn else "just done")


def killed_run(run, recipe, moments) -> list[tuple[str, str]]:
    """Trains to the end in spite of kills; returns a line for each: when, and from where it went on."""
    lines, words = [], ["--config", recipe]
    for moment in [*moments, None]:
        process = processes.start(run, *words)
        when = kill(process, run, moment) if moment is not None else "not killed"
        code, out, err = processes.finish(process)
        going_on = re.search(r"going on from [\d,]+ images \(step ([\d,]+)\)", out)
        lines.append((when, f"step {going_on[1]}" if going_on else "the beginning"))
        words = []  # --run_dir alone goes on
        assert code in (0, -signal.SIGKILL), err
        if code == 0:
            break
    assert code == 0
    return lines


def compared(tmp_path, images, moments):
    recipe = processes.write_recipe(tmp_path, images)
    straight = processes.start(tmp_path / "straight", "--config", recipe)
    lines = killed_run(tmp_path / "killed", recipe, moments)
    code, _, err = processes.finish(straight)
    assert code == 0, err
    processes.assert_identical(tmp_path / "killed", tmp_path / "straight")
    assert not [p for p in (tmp_path / "killed").rglob("*.tmp")]
    return lines


def test_killed_while_writing_and_at_random_it_ends_bit_identical(tmp_path):
    moments = ["checkpoints", "samples", random.Random().uniform(0.0, 0.5)]
    lines = compared(tmp_path, 4000, moments)
    print(lines)
    assert len(lines) == 4, f"it finished before it was killed three times: {lines}"
    assert any("torn" in when for when, _ in lines), lines


@pytest.mark.long
def test_killed_twenty_times(tmp_path):
    seed = random.randrange(10**6)
    rng = random.Random(seed)
    moments = [rng.choice(["checkpoints", "samples", rng.uniform(0.0, 1.0)]) for _ in range(20)]
    moments[:2] = ["checkpoints", "samples"]
    lines = compared(tmp_path, 24_000, moments)
    print(f"\nseed {seed}\n| process | went on from | killed |\n|---|---|---|")
    for number, (when, where) in enumerate(lines, 1):
        print(f"| {number} | {where} | {when} |")
    assert len(lines) == 21
    assert any("checkpoints/, torn" in when for when, _ in lines)
    assert any("samples/, torn" in when for when, _ in lines)


# ---- in one process: what is kept, and what is refused ------------------------------------------


@pytest.fixture
def config(tmp_path):
    data = {"source": str(processes.write_pictures(tmp_path / "pictures.npz"))}
    model = {"name": "dcgan", "image_size": 16, "width": 4, "latent_dim": 8}

    def make(**changes):
        few = {"images": 240, "batch_size": 8, "checkpoint_every": 80}
        return resolve({"model": model, "train": {**few, **changes}, "data": data})

    return make


def test_going_on_in_mid_period_keeps_the_means(config, tmp_path):
    train(config(images=200 * 8 + 400), tmp_path / "straight")
    train(config(images=880), tmp_path / "stopped")
    train(config(images=200 * 8 + 400), tmp_path / "stopped")
    processes.assert_identical(tmp_path / "stopped", tmp_path / "straight")
    assert [row["step"] for row in processes.log_without_times(tmp_path / "stopped")] == ["200", "250"]


def test_snapshots_stay_and_are_the_pictures_of_their_moment(config, tmp_path):
    train(config(keep=1, keep_every=80), tmp_path / "run")
    train(config(images=80), tmp_path / "early")
    assert processes.sealed(tmp_path / "run") == [240]
    snapshot, whole = ganzoo.load(tmp_path / "run", 80), ganzoo.load(tmp_path / "early", "last")
    np.testing.assert_array_equal(snapshot.sample(4, seed=3), whole.sample(4, seed=3))
    assert int(snapshot.images_seen) == 80
    small = (tmp_path / "run" / "snapshots" / "images-000000000080.npz").stat().st_size
    assert small < (tmp_path / "run" / "checkpoints" / "images-000000000240.npz").stat().st_size / 2
    with pytest.raises(RunError, match=r"81.*kept are 80, 160, 240"):
        ganzoo.load(tmp_path / "run", 81)


def test_the_best_is_by_the_stated_metric_and_else_the_last(config, tmp_path):
    run = tmp_path / "run"
    train(config(images=80), run)
    assert int(ganzoo.load(run).images_seen) == 80  # no score yet: the last
    early, arrays = ganzoo.load(run, "last"), processes.state(run)
    assert kept.record_score(run, 80, arrays, {}, kept.Score("fid", 10.0))
    train(config(), run)
    late = processes.state(run)
    assert not kept.record_score(run, 240, late, {}, kept.Score("fid", 11.0))
    assert not kept.record_score(run, 240, late, {}, kept.Score("fid", float("nan")))
    np.testing.assert_array_equal(ganzoo.load(run).sample(2), early.sample(2))
    assert int(ganzoo.load(run, "last").images_seen) == 240
    assert kept.best_score(run) == (kept.Score("fid", 10.0), 80)
    assert kept.record_score(run, 240, late, {}, kept.Score("fid", 9.0))
    assert len(checkpoints.list_sealed(run / "best")) == 1
    assert int(ganzoo.load(run, "best").images_seen) == 240
    assert kept.Score("recall", 2.0, False).beats(kept.Score("recall", 1.0, False))


def test_checkpoints_by_the_minute(config, tmp_path):
    train(config(checkpoint_every=0, checkpoint_minutes=1e-9, keep=100), tmp_path / "run")
    assert len(processes.sealed(tmp_path / "run")) == 30


def test_more_budget_is_allowed_and_other_arguments_are_refused_each_by_name(config, tmp_path):
    train(config(images=16), tmp_path / "run")
    before = (tmp_path / "run" / "config.toml").read_bytes()
    with pytest.raises(UsageError, match=r"learning_rate: 0.0002 before, 0.1 now.*seed: 0 before, 1 now"):
        train(config(images=32, seed=1, learning_rate=0.1), tmp_path / "run")
    assert (tmp_path / "run" / "config.toml").read_bytes() == before
    assert train(config(images=32, keep=3), tmp_path / "run")["images_seen"] == 32
    assert train(config(images=48, seed=1), tmp_path / "run", allow_changes=True)["finished"]
    assert runs.read_config(tmp_path / "run").train.seed == 1


def test_a_change_that_the_checkpoint_cannot_follow_leaves_the_run_as_it_was(config, tmp_path):
    train(config(images=16), tmp_path / "run")
    before = (tmp_path / "run" / "config.toml").read_bytes()
    wider = config(images=32).tables()
    wider["model"]["width"] = 8
    with pytest.raises(RunError, match="does not fit the model"):
        train(resolve(wider), tmp_path / "run", allow_changes=True)
    assert (tmp_path / "run" / "config.toml").read_bytes() == before
    assert train(config(images=32), tmp_path / "run")["finished"]


def test_other_data_is_refused(config, tmp_path):
    train(config(images=16), tmp_path / "run")
    processes.write_pictures(tmp_path / "pictures.npz", num=41)
    with pytest.raises(RunError, match="the data has changed"):
        train(config(images=32), tmp_path / "run")
    with pytest.raises(RunError, match="--allow_other_data"):
        train(config(images=32), tmp_path / "run", allow_changes=True)
    assert train(config(images=32), tmp_path / "run", allow_other_data=True)["finished"]


def test_what_a_killed_process_left_behind_is_cleared_away(config, tmp_path):
    run = tmp_path / "run"
    train(config(images=80), run)
    for name in (
        ".config.toml.a1.tmp",
        "checkpoints/.images-000000000160.npz.b2.tmp",
        "samples/.x.png.c.tmp",
    ):
        (run / name).write_bytes(b"torn")
    (run / "checkpoints" / "images-000000000120.npz").write_bytes(b"without a seal")
    (run / "samples" / "mine.tmp.txt").write_text("not ours")
    train(config(images=160), run)
    assert not list(run.rglob("*.tmp"))
    assert not (run / "checkpoints" / "images-000000000120.npz").exists()
    assert (run / "samples" / "mine.tmp.txt").exists()
