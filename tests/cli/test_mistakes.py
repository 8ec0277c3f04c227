"""Mistakes that people made: each is answered by a sentence that is true and says what to do."""

import pytest

from ganzoo import data
from ganzoo.cli import train
from ganzoo.cli.app import command
from ganzoo.config import resolve
from ganzoo.kinds import Label
from ganzoo.training import kept, loop, runs


def trained(*words) -> int:
    return command("ganzoo-train", "", train.define_flags(), train.main, argv=[*map(str, words)])


@pytest.fixture
def run(tmp_path, picture_folder):
    """A finished run of a tiny dcgan."""
    tables = {
        "model": {"name": "dcgan", "image_size": 16, "width": 4},
        "train": {"images": 16, "batch_size": 8},
        "data": {"source": str(picture_folder)},
    }
    loop.train(resolve(tables), tmp_path / "run")
    return tmp_path / "run"


def test_a_run_that_is_not_there(capsys):
    assert trained("--run_dir", "nowhere") == 2
    assert "there is no run nowhere to go on with" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("word", "says"),
    [("nowhere", "there is no folder 'nowhere' here"), ("paintigns", "did you mean 'paintings'")],
)
def test_data_that_is_not_there(word, says, capsys):
    assert trained("--model", "dcgan", "--data", word) in (1, 2)
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("is_prepared", [False, True])
def test_pictures_without_classes_for_a_model_of_classes(is_prepared, picture_folder, tmp_path, capsys):
    source, cure = picture_folder, "put the pictures of each class into a folder of their own"
    if is_prepared:
        source, cure = tmp_path / "prepared", "prepare it again with --label folder"
        data.prepare(str(picture_folder), source, size=16, crop="random:8", progress=False)
    assert trained("--model", "cgan", "--data", source, "--set", "model.image_size=16") == 1
    said = capsys.readouterr().err
    assert cure in said and "century" not in said


def test_data_that_has_moved(run, picture_folder, capsys):
    picture_folder.rename(picture_folder.with_name("moved"))
    assert trained("--run_dir", run, "--images", 32) == 1
    assert "has moved: --data NEW_PLACE" in capsys.readouterr().err


def test_lost_checkpoints_are_not_a_training_to_come(run):
    for path in (run / "checkpoints").iterdir():
        path.unlink()
    with pytest.raises(kept.RunError, match="its checkpoints are gone or damaged: put a copy"):
        kept.choose(run, "last")


def test_an_edited_width_is_named(run, capsys):
    recipe = run / "config.toml"
    recipe.write_text(recipe.read_text().replace("width = 4", "width = 8"))
    assert runs.read_config(run).family.width == 8
    assert trained("--run_dir", run, "--images", 32) == 2
    assert "model.width: 4 before, 8 now" in capsys.readouterr().err


def test_a_class_by_its_number_where_it_has_a_name():
    label = Label(3, ("cats", "dogs", "7"))
    assert [label.read_word("label", word) for word in ("dogs", "1", "7")] == [1, 1, 2]
    with pytest.raises(ValueError, match="it takes a class: cats, dogs, 7"):
        label.read_word("label", "9")


def test_captions_for_a_model_without_sentences_are_refused(run_command, tmp_path):
    words = (
        "--model",
        "dcgan",
        "--set",
        "data.caption=sidecar",
        "--images",
        "32",
        "--run_dir",
        tmp_path / "r",
    )
    done = run_command("train", *words)
    assert done.returncode == 2 and "no sentences; leave it out" in done.stderr
    assert not (tmp_path / "r").exists()
