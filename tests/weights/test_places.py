"""Nothing of a machine's paths leaves it, and nothing of a stranger's recipe chooses a place."""

import json
import shutil
import tomllib
from pathlib import Path

import pytest

from ganzoo import weights
from ganzoo.base.errors import UsageError
from ganzoo.config import resolve, to_toml
from ganzoo.disk.sums import sha256_of
from ganzoo.evaluation import evaluate_run
from ganzoo.export.weights_folder import pack
from ganzoo.training import runs
from ganzoo.training.trained import find
from ganzoo.weights.places import without_paths, without_places
from tests.conftest import untrained

SECRET = "alices_secret"
PLACES = {"source": f"{SECRET}/cats", "labels_csv": f"/home/{SECRET}/l.csv", "cache_dir": f"~/{SECRET}"}


def config(**table):
    return resolve({"model": {"name": "dcgan"}, "data": table})


@pytest.mark.parametrize("source", ["/home/alice/cats", "cats", ".", "..", "~/cats", "a.zip,b.zip", "c.npz"])
def test_a_recipe_that_is_given_away_names_no_place(source):
    """Before, the folder's own name stayed; "." made packing impossible."""
    table = without_places(config(**{**PLACES, "source": source})).tables()["data"]
    assert table["source"] == "(private)" and not {"labels_csv", "cache_dir"} & set(table)
    assert table["split"] == "train"


@pytest.mark.parametrize("source", ["paintings", "tfds:celeb_a"])
def test_public_sets_keep_their_names(source):
    assert without_places(config(source=source)).data.source == source


@pytest.fixture(scope="module")
def packed(tmp_path_factory):
    """Weights of a run whose recipe is full of paths."""
    folder = tmp_path_factory.mktemp(SECRET)
    run = untrained(folder / "run", "vanilla")
    made = runs.read_config(run).tables()
    (run / "config.toml").write_text(to_toml({**made, "data": {**made["data"], **PLACES}}))
    return pack(run, folder / "weights")


def test_weights_say_nothing_of_where_they_were_made(packed):
    files = [path.read_bytes() for path in packed.iterdir()]
    assert not any(part in content for content in files for part in (SECRET.encode(), b"cats", b"pytest-of"))
    assert weights.read_card(packed)["data"] == "private pictures"


@pytest.fixture
def foreign(packed, tmp_path):
    """The same as a stranger would make them: with a recipe that names places."""
    folder = tmp_path / "foreign"
    shutil.copytree(packed, folder)
    tables = tomllib.loads((folder / "config.toml").read_text())
    tables["data"] |= {**PLACES, "cache_dir": str(tmp_path / "theirs"), "source": str(tmp_path / "pictures")}
    (folder / "config.toml").write_text(to_toml(tables))
    card = json.loads((folder / "card.json").read_text())
    card["sha256"]["config.toml"] = sha256_of(folder / "config.toml")
    (folder / "card.json").write_text(json.dumps(card))
    return folder


def test_a_strangers_recipe_chooses_no_place(foreign, picture_folder, tmp_path, monkeypatch):
    found = find(foreign).config.data
    assert (found.source, found.labels_csv, found.cache_dir) == ("(private)", None, None)
    with pytest.raises(UsageError, match=r"does not say where the pictures are .*--data"):
        evaluate_run(foreign, features="pixels", measures=["frechet"], num=8)
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "own"))
    evaluate_run(foreign, source=str(picture_folder), features="pixels", measures=["frechet"], num=8)
    assert (tmp_path / "own").is_dir() and not (tmp_path / "theirs").exists()


def test_the_weights_of_the_package_name_no_path():
    for name in weights.list_weights():
        text = (weights.HERE / name / "config.toml").read_text() + (
            weights.HERE / name / "card.json"
        ).read_text()
        assert find(name).config.data.cache_dir is None and without_paths(text) == text
        assert (
            Path(tomllib.loads((weights.HERE / name / "config.toml").read_text())["data"]["source"]).parts[1:]
            == ()
        )


@pytest.mark.parametrize(
    "text, says",
    [
        ("the folder /home/alice/my.runs/r-1 is full", "the folder [...] is full"),
        ("'~/runs/r': gone; see C:\\Users\\alice\\x", "'[...]': gone; see [...]"),
        ("kept in out/dir/runs/a-seed0/checkpoints. Lower", "kept in OUT. Lower"),
        ("190 images/s at 1/2 and https://arxiv.org/abs/1406.2661", None),
    ],
)
def test_paths_in_sentences(text, says):
    assert without_paths(text, {"out/dir": "OUT"}) == (says or text)
