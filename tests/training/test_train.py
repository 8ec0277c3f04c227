"""The real `train(...)` on a few pictures: what is in the run directory, and going on."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo.base.errors import DataError, RunError, UsageError
from ganzoo.config import read_recipe, resolve
from ganzoo.evaluation import evaluate_run
from ganzoo.training import runs
from ganzoo.training.kept import Score, best_score
from ganzoo.training.loop import Rhythm, train
from ganzoo.training.scores import Scorer
from tests.conftest import tiny_arguments


def log_of(run):
    """The lines of a run's log, as text."""
    return list(csv.DictReader((run / "log.csv").read_text().splitlines()))


FEW = {"images": 240, "batch_size": 8, "grid_every": 96, "checkpoint_every": 80}


@pytest.fixture
def config(picture_folder, tmp_path):
    def make(**changes):
        data = {"source": str(picture_folder), "cache_dir": str(tmp_path / "cache")}
        model = {"name": "dcgan", **tiny_arguments("dcgan")}
        return resolve({"model": model, "train": {**FEW, **changes}, "data": data})

    return make


def test_a_run_directory_holds_everything(config, tmp_path):
    summary = train(config(), tmp_path / "run")
    run = tmp_path / "run"
    there = {path.name for path in run.iterdir()}
    files = {"config.toml", "log.csv", "loss.png", "reals.png", "training.gif", "summary.json"}
    assert files | {"checkpoints", "samples", "tensorboard"} <= there
    assert not list(run.rglob("*.tmp"))
    assert summary["finished"] and summary["images_seen"] == 240 and summary["exit_code"] == 0
    assert json.loads((run / "summary.json").read_text()) == json.loads(json.dumps(summary))
    rows = log_of(run)
    assert [int(row["images_seen"]) for row in rows] == [240]
    grids = sorted(path.name for path in (run / "samples").iterdir())
    assert [int(name[7:19]) for name in grids] == [0, 96, 192, 240]
    with Image.open(run / "training.gif") as gif:
        assert gif.n_frames == 4
    assert len(list((run / "tensorboard").iterdir())) == 1
    assert runs.read_config(run) == config()


def test_the_loaded_model_makes_the_pictures_of_the_last_grid(config, tmp_path):
    train(config(), tmp_path / "run")
    gan = ganzoo.load(tmp_path / "run")
    assert int(gan.images_seen) == 240
    again = ganzoo.load(tmp_path / "run", "last")
    np.testing.assert_array_equal(gan.sample(3, seed=0), again.sample(3, seed=0))
    earlier = ganzoo.load(tmp_path / "run", 160)
    assert int(earlier.images_seen) == 160
    assert np.any(gan.sample(3, seed=0) != earlier.sample(3, seed=0))
    with pytest.raises(RunError, match=r"161.*kept are"):
        ganzoo.load(tmp_path / "run", 161)


def test_a_finished_run_can_be_extended_and_equals_one_long_run(config, tmp_path):
    train(config(images=120), tmp_path / "short")
    train(config(), tmp_path / "short")
    train(config(), tmp_path / "long")
    states = [
        {k: v.numpy() for k, v in ganzoo.load(tmp_path / name).state().items()} for name in ("short", "long")
    ]
    for name, value in states[0].items():
        np.testing.assert_array_equal(value, states[1][name], err_msg=name)
    logs = [
        [{k: v for k, v in row.items() if "second" not in k} for row in log_of(tmp_path / d)]
        for d in ("short", "long")
    ]
    assert logs[0] == logs[1]


def test_other_arguments_are_refused_by_name(config, tmp_path):
    train(config(images=16), tmp_path / "run")
    before = (tmp_path / "run" / "config.toml").read_text()
    with pytest.raises(UsageError, match=r"train\.seed: 0 before, 1 now"):
        train(config(images=16, seed=1), tmp_path / "run")
    assert (tmp_path / "run" / "config.toml").read_text() == before


def test_more_rows_than_pictures_is_an_error_and_leaves_nothing(config, tmp_path):
    with pytest.raises(UsageError, match="batch_size is 25, but the data has 24"):
        train(config(batch_size=25), tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_reports_are_at_least_200_steps_apart_and_at_whole_epochs(config):
    few = Rhythm.of(config(grid_every=0, checkpoint_every=0), 24)
    assert few.period % 24 == 0 and few.period >= 200 * 8 and few.grid == few.period
    many = Rhythm.of(config(grid_every=0, checkpoint_every=0), 50_000)
    assert (many.period, many.grid) == (50_000, 1600)


def test_keras_callbacks_are_called(config, tmp_path):
    import keras

    class Count(keras.callbacks.Callback):
        batches = epochs = 0

        def on_train_batch_end(self, batch, logs=None):
            self.batches += 1

        def on_epoch_end(self, epoch, logs=None):
            self.epochs += 1
            assert {"d_loss", "g_loss"} <= set(logs)

    count = Count()
    train(config(images=8 * 205), tmp_path / "run", callbacks=[count])
    assert (count.batches, count.epochs) == (205, 1)


def test_scores_choose_the_best_state(config, tmp_path):
    periods = 3 * 8 * 201  # a period is 201 steps of 8: whole epochs of 24 pictures
    settings = {
        "images": periods,
        "eval_every": 8 * 201,
        "eval_num": 20,
        "checkpoint_every": 0,
        "grid_every": 0,
    }
    summary = train(config(**settings), tmp_path / "run")
    rows = log_of(tmp_path / "run")
    scores = [float(row["FD-mobilenet"]) for row in rows]
    assert len(scores) == 3 and np.isfinite(scores).all()
    score, images_seen = best_score(tmp_path / "run")
    assert score.value == pytest.approx(min(scores), rel=1e-5)
    assert images_seen == int(rows[int(np.argmin(scores))]["images_seen"])
    assert summary["best"]["metric"] == "FD-mobilenet"
    assert int(ganzoo.load(tmp_path / "run").images_seen.numpy()) == images_seen


def test_scores_in_the_features_asked_for(config, tmp_path):
    summary = train(config(eval_every=240, eval_num=20, eval_features="pixels"), tmp_path / "run")
    (row,) = log_of(tmp_path / "run")
    assert "FD-mobilenet" not in row and np.isfinite(float(row["FD-pixels"]))
    assert summary["best"]["metric"] == "FD-pixels" and summary["last"]["FD-pixels"] > 0
    with pytest.raises(UsageError, match="'mobilenet'"):
        config(eval_features="mobilnet")
    with pytest.raises(DataError, match="needs labels"):
        train(config(eval_every=240, eval_features="classifier"), tmp_path / "unlabelled")


def test_the_classifier_of_scores_is_that_of_the_evaluation(tmp_path, monkeypatch):
    """On varied pictures too: what judges a run while it is trained is what judges it in the end."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    rng, labels = np.random.default_rng(0), np.arange(40) % 2
    images = rng.integers(0, 100, (40, 16, 16, 3)) + 150 * labels[:, None, None, None]
    np.savez(tmp_path / "two.npz", image=images.astype(np.uint8), label=labels)
    model = {"name": "dcgan", **tiny_arguments("dcgan"), "image_size": 16}
    settings = {**FEW, "images": 16, "eval_every": 16, "eval_num": 20, "eval_features": "classifier"}
    made = resolve(
        {
            "model": model,
            "train": settings,
            "data": {"source": str(tmp_path / "two.npz"), "crop": "center", "flip": True},
        }
    )
    summary = train(made, tmp_path / "run")
    assert summary["best"]["metric"] == "FD-classifier"
    evaluate_run(tmp_path / "run", features="classifier", measures=["frechet"], num=20)
    assert len(list((tmp_path / "cache").rglob("classifiers/*.npz"))) == 1


def test_the_last_state_is_scored_wherever_the_run_ends(config, tmp_path, monkeypatch):
    """At the end of a period, too, at which no score was due: "best" is never worse than the last by it."""
    values = iter([30.0, 20.0, 10.0])
    monkeypatch.setattr(Scorer, "__call__", lambda self, gan: next(values))
    period = 8 * 201
    settings = {"eval_every": 2 * period, "eval_num": 20, "checkpoint_every": 0, "grid_every": 0}
    summary = train(config(images=3 * period, **settings), tmp_path / "run")
    assert summary["last"]["FD-mobilenet"] == 20.0
    assert [row["FD-mobilenet"] for row in log_of(tmp_path / "run")[1:]] == ["30.000000", "nan"]
    score, seen = best_score(tmp_path / "run")
    assert score.is_like(Score("FD-mobilenet", 20.0)) and (score.value, seen) == (20.0, 3 * period)


def test_training_in_the_folder_of_the_pictures_goes_on(picture_folder, tmp_path, monkeypatch):
    """What the run writes there is none of its pictures: the command that it prints goes on."""
    monkeypatch.chdir(picture_folder)
    model = {"name": "dcgan", **tiny_arguments("dcgan")}
    tables = {"model": model, "train": FEW | {"images": 16}, "data": {"source": "."}}
    tables["data"]["cache_dir"] = str(tmp_path / "cache")
    run = Path("runs/dcgan-1")
    train(resolve(tables), run)
    before = sorted(path.name for path in picture_folder.iterdir())
    summary = train(resolve({**tables, "train": FEW | {"images": 32}}), run)
    assert summary["images_seen"] == 32 and summary["data"]["pictures"] == 24
    assert before == [*(f"{i:02d}.png" for i in range(24)), "runs"]
    assert len(list((tmp_path / "cache").glob("*/store.json"))) == 1


def test_class_folders_teach_a_conditional_model_without_asking(tmp_path, capsys):
    rng = np.random.default_rng(0)
    for name, count in {"cats": 5, "dogs": 4, "owls": 1}.items():
        (tmp_path / "pictures" / name).mkdir(parents=True)
        for i in range(count):
            noise = Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8))
            noise.save(tmp_path / "pictures" / name / f"{i}.png")
    quick = read_recipe("cgan")
    quick["model"] |= tiny_arguments("cgan") | {"num_classes": None}
    quick["train"] |= {"images": 16, "batch_size": 8, "augment": {}}
    quick["data"]["source"] = str(tmp_path / "pictures")
    quick["model"] = {key: value for key, value in quick["model"].items() if value is not None}
    summary = train(resolve(quick), tmp_path / "run")
    assert summary["images_seen"] == 16 and "are taken for its classes: cats (5)" in capsys.readouterr().out
    config = runs.read_config(tmp_path / "run")
    assert config.family.class_names == ("cats", "dogs", "owls") and config.data.label == "folder"
    quick["train"]["images"] = 24  # the command that began it goes on with it, too
    assert train(resolve(quick), tmp_path / "run")["images_seen"] == 24
