"""The command ganzoo-sample: sheets, folders, films and searches, and what cannot be asked for."""

import functools
import json

import numpy as np
import pytest
from PIL import Image

from ganzoo.cli import app, sample
from ganzoo.config import resolve
from ganzoo.export.weights_folder import pack
from ganzoo.training import runs
from ganzoo.training.trained import Trained, find
from tests.conftest import untrained
from tests.training.test_faults import as_root, small_file_system

NAMES = ["18th century", "19th century", "20th century"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run of a tiny conditional GAN that has not learned anything."""
    model = {"image_size": 16, "width": 4, "num_classes": 3, "class_names": NAMES}
    return untrained(tmp_path_factory.mktemp("runs") / "cgan-1", "cgan", model)


@pytest.fixture(scope="module")
def loaded():
    """`Trained.load` that loads each model once for all of these tests."""
    return functools.cache(Trained.load)


@pytest.fixture
def draw(run_dir, loaded, tmp_path, monkeypatch, capfd):
    """Runs the command in this process, in an empty folder; returns exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(Trained, "load", loaded)

    def call(*words, model=run_dir):
        argv = [str(word) for word in (model, *words)]
        code = app.command("ganzoo-sample", "", sample.define_flags(), sample.main, ("RUN",), argv)
        said = capfd.readouterr()
        assert "Traceback" not in said.err
        return code, said.out, said.err

    return call


def pixels(path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture)


def files(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_class_by_name(run_command, run_dir, tmp_path):
    words = (run_dir, "--num", "4", "--class", "19th century", "--scale", "1", "--out", tmp_path / "a.png")
    done = run_command("sample", *words)
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.size == (2 * 18 + 2,) * 2
    said = json.loads((tmp_path / "a.json").read_text())
    assert said["classes"] == ["19th century"] and {each["label"] for each in said["pictures"]} == {1}


@pytest.mark.parametrize(
    "words, says",
    [
        (["--class", "19 century"], "unknown class '19 century': did you mean '19th century'?"),
        (["--classes", "all,19th century"], "unknown class 'all'"),
        (["--num", "0"], "ask for at least 1"),
        (["--num", "-3", "--out", "folder/"], "ask for at least 1"),
        (["--columns", "0"], "--columns is 0"),
        (["--scale", "0"], "--scale is 0"),
        (["--out", "nowhere/a.png"], "there is no folder nowhere"),
        (["--out", "a.bmp"], "a sheet ends in .png, .webp, .jpg, .jpeg"),
        (["--out", "a.gif"], "a film needs a way to go: --walk"),
        (["--out", "a/", "--format", "webm"], "did you mean 'webp'?"),
        (["--out", "a/", "--columns", "3"], "--columns says nothing of single files"),
        (["--format", "webp"], "--format is of single files"),
        (["--enhance", "lanczos", "--out", "folder/"], "say how much, e.g. --scale 4"),
        (["--enhance", "lanczo", "--scale", "2"], "did you mean 'lanczos'?"),
        (["--truncation", "0"], "truncation is 0.0, but values are kept up to a number above 0"),
        (["--truncation", "nan"], "truncation is nan"),
        (["--class", "19th century", "--classes", "all"], "--classes and --class contradict each other"),
        (["--walk", "1,2", "--seed", "3", "--out", "a.gif"], "--walk and --seed contradict each other"),
        (["--walk", "1,2"], "a film ends in .gif, .webp, .mp4"),
        (["--walk", "1", "--out", "a.gif"], "goes nowhere; give two seeds"),
        (["--walk", "1,1", "--out", "a.gif"], "stays at the seed 1"),
        (["--walk", "1,b", "--out", "a.gif"], "stops are seeds"),
        (["--walk", "1,2", "--out", "a.gif", "--fps", "80"], "50 is the most"),
        (["--walk", "1,2", "--out", "a.webp", "--fps", "0"], "give 0.1 to 240"),
        (["--walk", "1,2", "--out", "a.gif", "--frames", "3000000"], "are too many for a .gif; give an .mp4"),
        (["--frames", "3"], "--frames says nothing without --walk"),
        (["--fps", "3"], "--fps says nothing without --walk"),
        (["--steps", "3"], "--steps says nothing without --invert"),
        (["--invert", "a.png", "--num", "3"], "--invert and --num contradict each other"),
        (["--invert", "a.png", "--features", "mobilnet"], "did you mean 'mobilenet'?"),
        (["--invert", "a.png", "--restarts", "0"], "--restarts is 0"),
        (["--latents", "a.json", "--seed", "3"], "--latents and --seed contradict each other"),
        (["--num", "1000000"], "write single files into a folder: --out FOLDER/"),
        (["--num", "1000", "--columns", "1000", "--out", "a.webp"], ".webp ends at 16,383 a side"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_2(draw, tmp_path, words, says):
    code, _, error = draw(*words)
    assert code == 2 and says in error and not list(tmp_path.iterdir()), error


def test_a_model_without_classes_or_with_latents_on_a_sphere_says_so(draw, tmp_path):
    folder = tmp_path / "progan-1"
    folder.mkdir()
    runs.write_config(runs.RunPaths(folder), resolve({"model": {"name": "progan", "image_size": 16}}))
    assert "has no classes" in draw("--classes", "all", model=folder)[2]
    assert "nothing to truncate" in draw("--truncation", "0.5", model=folder)[2]
    code, _, error = draw(model=folder)
    assert code == 1 and "has no usable checkpoint yet; train it first" in error
    assert draw("--checkpoint", "77")[2].endswith("kept are 0\n")


def test_the_latents_beside_a_sheet_make_the_same_pixels(draw, tmp_path):
    code, said, _ = draw("--num", "6", "--seed", "5", "--columns", "3", "--truncation", "1.5")
    assert code == 0 and "this run has seen 0 of 1,000 images" in said
    about = json.loads((tmp_path / "samples.json").read_text())
    assert about["seed"] == 5 and about["images_seen"] == 0 and about["truncation"] == 1.5
    assert np.abs([each["latent"] for each in about["pictures"]]).max() <= 1.5
    code, said, _ = draw("--latents", "samples.json", "--out", "again.png")
    assert code == 0 and "another state" not in said
    np.testing.assert_array_equal(pixels("samples.png"), pixels("again.png"))
    assert pixels("samples.png").shape == (17 * (2 * 18 + 2), 17 * (3 * 18 + 2), 3)
    about["generator"] = "00000000"
    (tmp_path / "other.json").write_text(json.dumps(about))
    assert "the pictures will differ" in draw("--latents", "other.json", "--out", "third.png")[1]


def test_a_picture_in_a_folder_does_not_depend_on_the_others(draw, tmp_path):
    assert draw("--num", "70", "--out", "many/")[0] == 0
    assert draw("--num", "3", "--out", "few")[0] == 0
    many, few = files(tmp_path / "many"), files(tmp_path / "few")
    assert len(many) == 71 and set(few) == {"000000.png", "000001.png", "000002.png", "latents.jsonl"}
    assert all(many[name] == few[name] for name in few if name.endswith(".png"))
    lines = many["latents.jsonl"].splitlines()
    assert json.loads(lines[3])["file"] == "000002.png" and lines[:4] == few["latents.jsonl"].splitlines()
    assert draw("--latents", "many/latents.jsonl", "--out", "again")[0] == 0
    assert files(tmp_path / "again") == many
    assert draw("--num", "2", "--out", "webp/", "--format", "webp", "--scale", "2")[0] == 0
    large = np.repeat(np.repeat(pixels("few/000001.png"), 2, axis=0), 2, axis=1)
    np.testing.assert_array_equal(pixels("webp/000001.webp"), large)  # lossless
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_sweep_has_a_row_for_each_class_from_the_same_latents(draw, run_dir, loaded, tmp_path):
    words = ["--num", "4", "--out", "a.png", "--gap", "0", "--scale", "1"]
    assert draw("--classes", "20th century,18th century", *words)[0] == 0
    images = loaded(find(run_dir), "best").sample_grid([2, 0], columns=4, seed=0)
    rows = np.concatenate([np.concatenate(list(row), axis=1) for row in images])
    wanted = np.rint((rows + 1) * 127.5)
    assert np.abs(pixels("a.png").astype(float) - wanted).max() <= 1  # its last bits may round differently
    kept = json.loads((tmp_path / "a.json").read_text())["pictures"]
    assert [each["class"] for each in kept[3:5]] == ["20th century", "18th century"]
    assert kept[1]["latent"] == kept[5]["latent"] != kept[2]["latent"]
    assert draw("--classes", "all", "--out", "all.png", "--scale", "1")[0] == 0
    assert pixels("all.png").shape == (3 * 18 + 2, 8 * 18 + 2, 3)


def test_a_closed_walk_is_a_film_without_an_end(draw, tmp_path):
    assert (
        draw("--walk", "1,2,1", "--frames", "4", "--num", "2", "--class", "19th century", "--out", "a.webp")[
            0
        ]
        == 0
    )
    with Image.open("a.webp") as film:
        assert film.n_frames == 8 and film.size == (13 * (2 * 18 + 2), 13 * (18 + 2))
    assert draw("--walk", "1,2", "--frames", "4", "--out", "b.gif", "--fps", "10")[0] == 0
    with Image.open("b.gif") as film:
        assert film.size == (256, 256)  # one picture: no rim
        assert film.n_frames == 5 and film.info["duration"] == 100 and film.info["loop"] == 0
    kept = json.loads((tmp_path / "a.json").read_text())
    latents = np.asarray([each["latent"] for each in kept["pictures"]]).reshape(8, 2, -1)
    draw("--num", "2", "--seed", "2", "--out", "stop.png")
    stop = json.loads((tmp_path / "stop.json").read_text())["pictures"]
    np.testing.assert_array_equal(latents[4], [each["latent"] for each in stop])
    np.testing.assert_allclose(latents[3], latents[5], atol=1e-6)  # there and back
    assert draw("--latents", "b.json", "--out", "again.gif")[0] == 0
    assert (tmp_path / "again.gif").read_bytes() == (tmp_path / "b.gif").read_bytes()


def test_what_is_there_is_replaced_only_when_asked(draw, tmp_path):
    for out in ("a.png", "folder"):
        assert draw("--num", "2", "--out", out)[0] == 0
        code, _, error = draw("--num", "1", "--out", out)
        assert code == 2 and "--overwrite replaces" in error
        assert draw("--num", "1", "--out", out, "--overwrite")[0] == 0
    assert set(files(tmp_path / "folder")) == {"000000.png", "latents.jsonl"}
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    code, _, error = draw("--num", "1", "--out", "mine", "--overwrite")
    assert code == 2 and "holds something else" in error and (tmp_path / "mine" / "thesis.txt").exists()


@pytest.mark.parametrize("name", ["thesis.txt", "000002.png", "notes/a.txt"])
def test_overwriting_a_folder_deletes_nothing_of_the_users_own(draw, tmp_path, name):
    assert draw("--num", "2", "--out", "folder/")[0] == 0
    mine = tmp_path / "folder" / name
    mine.parent.mkdir(exist_ok=True)
    mine.write_text("years of work")
    before = sorted(path for path in (tmp_path / "folder").rglob("*"))
    code, _, error = draw("--num", "1", "--out", "folder/", "--overwrite")
    assert code == 2 and f"holds {name.partition('/')[0]}" in error
    assert sorted((tmp_path / "folder").rglob("*")) == before and mine.read_text() == "years of work"


def test_overwriting_a_sheet_replaces_no_picture_of_the_users_own(draw, tmp_path):
    (tmp_path / "photo.png").write_bytes(b"mine")
    code, _, error = draw("--num", "1", "--out", "photo.png", "--overwrite")
    assert code == 2 and "photo.png was not written by this command" in error
    (tmp_path / "notes.json").write_text("{}")
    code, _, error = draw("--num", "1", "--out", "notes.png", "--overwrite")
    assert code == 2 and "notes.json was not written" in error
    assert draw("--num", "1", "--out", "a.png")[0] == 0
    (tmp_path / "a.webp").write_bytes(b"mine")  # a.json is of a.png
    code, _, error = draw("--num", "1", "--out", "a.webp", "--overwrite")
    assert code == 2 and "a.webp was not written" in error
    assert (tmp_path / "photo.png").read_bytes() == (tmp_path / "a.webp").read_bytes() == b"mine"


@as_root
def test_a_full_disk_is_a_sentence_and_leaves_nothing(draw, tmp_path):
    with small_file_system(tmp_path / "disk", "64k") as disk:
        (disk / "ballast").write_bytes(b"x" * 40_000)
        for out in (disk / "many", disk / "sheet.png"):
            code, _, error = draw("--num", "200", "--out", out)
            assert code == 1 and "could not be written: No space left on device" in error
            assert [path.name for path in disk.iterdir()] == ["ballast"]


@pytest.mark.parametrize(
    "content, says",
    [
        (None, "there is no file"),
        ("[1, 2", "holds no latents that ganzoo-sample wrote"),
        ('{"kind": "ganzoo latents 1", "pictures": []}', "not a table of numbers"),
        ('{"kind": "ganzoo latents 1", "pictures": [{"latent": [1, 2]}]}', "2 numbers each"),
        (json.dumps({"kind": "ganzoo latents 1", "pictures": [{"latent": [0.0] * 100}]}), "have no classes"),
        (
            json.dumps({"kind": "ganzoo latents 1", "pictures": [{"latent": [0.0] * 100, "label": 7}]}),
            "the label 7 is outside",
        ),
        (
            json.dumps(
                {
                    "kind": "ganzoo latents 1",
                    "columns": "x",
                    "pictures": [{"latent": [0.0] * 100, "label": 0}],
                }
            ),
            "is damaged: columns is 'x'",
        ),
    ],
)
def test_latents_that_do_not_fit_are_refused(draw, tmp_path, content, says):
    if content is not None:
        (tmp_path / "a.json").write_text(content)
    code, _, error = draw("--latents", "a.json", "--out", "b.png")
    assert code in (1, 2) and says in error, error


def test_a_search_finds_a_picture_of_the_models_own(draw, tmp_path):
    assert draw("--num", "1", "--seed", "7", "--out", "own/", "--class", "20th century")[0] == 0
    words = ("--invert", "own/000000.png", "--class", "20th century", "--steps", "100", "--scale", "3")
    code, said, error = draw(*words, "--out", "near.png")
    assert code == 0 and error == "" and "the loss fell" in said
    about = json.loads((tmp_path / "near.json").read_text())
    assert "own" not in json.dumps(about) and about["model"] == "cgan"  # no path of this machine
    assert about["invert"]["loss"] < 0.1 * about["invert"]["first_loss"]
    assert pixels("near.png").shape == ((16 + 4) * 3, (2 * 18 + 2) * 3, 3)
    draw("--latents", "near.json", "--out", "again/", "--scale", "3")
    right = pixels("near.png")[6:-6, (2 + 16 + 2) * 3 : -6]
    np.testing.assert_array_equal(pixels("again/000000.png"), right)
    code, _, error = draw("--invert", "near.json", "--out", "b.png")
    assert code == 1 and "cannot be used: not an image" in error
    assert "cannot be read" in draw("--invert", "none.png", "--out", "b.png")[2]


def test_packed_weights_are_sampled_like_a_run(draw, run_dir, tmp_path):
    code, said, _ = draw("--num", "1", "--out", "a.png", model=pack(run_dir, tmp_path / "packed"))
    assert code == 0 and "has seen" not in said
