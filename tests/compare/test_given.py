"""Finished runs are compared as they are; what would not be fair is refused."""

import io

import pytest

from ganzoo.base.errors import UsageError
from ganzoo.compare import compare
from ganzoo.config import resolve
from ganzoo.training.loop import train
from tests.conftest import tiny_arguments


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    for name, model, seed, images in (
        ("a-seed0", "dcgan", 0, 32),
        ("a-seed1", "dcgan", 1, 32),
        ("flat", "vanilla", 0, 32),
        ("longer", "dcgan", 0, 64),
    ):
        about = {"images": images, "batch_size": 16, "seed": seed}
        tables = {
            "model": {"name": model, **tiny_arguments(model)},
            "train": about,
            "data": {"source": "paintings"},
        }
        train(resolve(tables), folder / name, stream=io.StringIO())
    return folder


def test_runs_of_one_recipe_are_one_contestant(runs, tmp_path):
    before = (runs / "a-seed0/summary.json").read_bytes()
    folders = [runs / name for name in ("a-seed0", "a-seed1", "flat")]
    done = compare(folders, out=tmp_path / "out", features="pixels", num=64, say=lambda text: None)
    found = {each["name"]: [run["seed"] for run in each["runs"]] for each in done.results["contestants"]}
    assert found == {"a": [0, 1], "flat": [0]}
    assert done.results["budget"]["images"] == 32 and done.results["seeds"] == [0, 1]
    assert (runs / "a-seed0/summary.json").read_bytes() == before
    for name in ("report.html", "results.csv", "results.tex", "methods.txt", "references.bib"):
        assert (tmp_path / "out" / name).stat().st_size > 200
    assert str(runs) not in done.report.read_text()  # no path of this machine


@pytest.mark.parametrize(
    "names, more, says",
    [
        (["a-seed0", "longer"], {}, "has seen 32 images and longer 64"),
        (["a-seed0", "a-seed0"], {}, "given twice"),
        (["a-seed0", "flat"], {"models": ["dcgan"]}, "finished runs are given"),
    ],
)
def test_what_is_not_fair_is_refused(runs, tmp_path, names, more, says):
    with pytest.raises(UsageError, match=says):
        compare([runs / name for name in names], out=tmp_path / "out", **more)
