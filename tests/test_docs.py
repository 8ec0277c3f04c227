"""No page may rot: commands parse, Python runs, links lead somewhere, what is made from code is current."""

import json
import re
import sys
import textwrap
import types
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from docs.generate import DOCS, FAMILIES, everything, pages
from ganzoo import family
from ganzoo.config import recipe_for, resolve
from ganzoo.losses import adversarial, penalties
from ganzoo.training.trained import find
from tests import docs_commands
from tests.conftest import ROOT

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))]
FENCED = re.compile(r"(<!-- not run: [^>]+-->\n\s*)?^([ ]*)```(\w+)\n(.*?)^\2```", re.DOTALL | re.MULTILINE)
# The README's model is too large for a test; the calls are the same. Its data set would be downloaded.
SMALLER = ("image_size=64, width=32", "image_size=16, width=4")
DOWNLOADS = "download_and_prepare"


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in a language, but those marked as not run."""
    found = FENCED.findall(page.read_text(encoding="utf-8"))
    return [textwrap.dedent(body) for mark, _, named, body in found if named == language and not mark]


def identity(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=identity)
def test_commands(page, tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    text = page.read_text(encoding="utf-8")
    found = [words for block in blocks(page, "sh") for words in docs_commands.lines(block)]
    unfenced = FENCED.sub("", text)
    for line in re.findall(r"^ {4}((?:ganzoo-|python -m )\w+ .*)$", unfenced, re.MULTILINE):
        found += docs_commands.lines(line)
    for words in found:
        if words[0] == "export":
            monkeypatch.setenv(*words[1].split("=", 1))
        docs_commands.check(words)
        assert not capfd.readouterr().err, words
    for name, rest in re.findall(r"`ganzoo-(\w+)([^`]*)`", unfenced):
        docs_commands.flags_named(name, rest)


def test_a_wrong_flag_recipe_or_key_fails(tmp_path, monkeypatch, capfd):
    monkeypatch.chdir(tmp_path)
    docs_commands.check(["ganzoo-prepare", "some/folder", "--out", "prepared"])
    for line in (
        "ganzoo-train --model dcgan --data prepared",  # whose recipe wants several crops of each picture
        "ganzoo-train --model dcgan --dta some/folder",
        "ganzoo-train --config painting_dcgann",
        "ganzoo-train --model dcgan --set model.widht=3",
        "ganzoo-train --run_dir runs/dcgan-1 --seed 3",
        'ganzoo-sample runs/cgan-1 --class "29th century"',
        "ganzoo-export runs/dcgan-1 --format onyx --out a.onnx",
        "ganzoo-compare --models dcgan --vary loss=hing --images 9 --out o",
        "ganzoo-prepare some/folder --crop middle --out o",
        "python examples/toys.py --toyy ring",
        "python -m benchmarks nothing",
        "python -m experiments nothing",
        "rm -r runs",
    ):
        (words,) = docs_commands.lines(line)
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            docs_commands.check(words)
    capfd.readouterr()


@pytest.fixture(scope="module")
def folder_of_a_run(tmp_path_factory) -> Path:
    """A folder that holds runs/dcgan-1, as small as a run can be."""
    from ganzoo.training import loop

    folder = tmp_path_factory.mktemp("docs")
    tables = {
        "model": {"name": "dcgan", "image_size": 16, "width": 4},
        "train": {"images": 32, "batch_size": 16},
        "data": {"source": "paintings"},
    }
    with open(folder / "said.txt", "w") as said:
        loop.train(resolve(tables), folder / "runs/dcgan-1", stream=said)
    return folder


@pytest.fixture
def registries_stay():
    """What a page registers is forgotten after it."""
    kept = [
        (each, dict(each._entries)) for each in (family.FAMILIES, adversarial.LOSSES, penalties.PENALTIES)
    ]
    yield
    for registry, entries in kept:
        registry._entries = entries


# The block of CONTRIBUTING.md is run, in a copy of the package, by test_contributing.py.
WITH_PYTHON = [page for page in PAGES if blocks(page, "python") and page.name != "CONTRIBUTING.md"]


@pytest.mark.parametrize("page", WITH_PYTHON, ids=identity)
def test_python(page, folder_of_a_run, registries_stay, monkeypatch):
    import tensorflow as tf

    monkeypatch.chdir(folder_of_a_run)
    images = np.random.default_rng(0).integers(0, 256, (16, 16, 16, 3), dtype=np.uint8)
    module = types.ModuleType("page")
    module.dataset = tf.data.Dataset.from_tensor_slices(images).batch(8)
    given = set(vars(module))
    for block in blocks(page, "python"):
        code = compile(block.replace(*SMALLER), str(page), "exec")
        if DOWNLOADS not in block:
            exec(code, module.__dict__)  # a block that does not run as it stands raises here
    assert set(vars(module)) > given  # the blocks were run in this module and left their names


def test_notebook_trains_what_it_says_until_shapes_show(tmp_path, monkeypatch):
    notebook = json.loads((ROOT / "examples/first_painting.ipynb").read_text(encoding="utf-8"))
    monkeypatch.chdir(tmp_path)
    shown = types.ModuleType("IPython.display")  # IPython is the notebook's, not ours
    shown.Image = lambda filename: Path(filename).read_bytes()
    ipython = types.ModuleType("IPython")
    ipython.version_info, ipython.get_ipython = (9, 0), lambda: None  # what matplotlib asks it
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shown)
    module = types.ModuleType("notebook")
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), "first_painting.ipynb", "exec"), module.__dict__)
    recipe = recipe_for("dcgan", None)
    recipe["model"]["image_size"], recipe["train"]["images"] = 32, 30_000
    own = find(module.run.run_dir).config
    assert own.tables() == resolve(recipe).tables()  # the current recipe, not one of its own
    assert module.run.gan.images_seen.numpy() == 30_000
    with PIL.Image.open("walk.gif") as film:
        assert film.size == (256, 256) and film.n_frames == 36
    assert module.report["recall"].value > 0.1  # 0.32 when it was written; blots have none


@pytest.mark.parametrize("page", PAGES, ids=identity)
def test_links_and_images(page):
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path = target.partition("#")[0]
        if path and not re.match(r"[a-z]+:", path):
            assert (page.parent / path).exists(), f"{target} is not there"


@pytest.mark.parametrize("path", everything(), ids=lambda path: path.name)
def test_what_is_made_from_code_is_current(path):
    made = everything()[path]()
    assert path.read_text(encoding="utf-8") == made, "run: python -m docs.generate"


def test_every_family_has_a_page():
    ours = [name for name in family.FAMILIES if family.FAMILIES[name].__module__.startswith("ganzoo.")]
    assert sorted(ours) == sorted(FAMILIES)


def test_every_argument_of_a_family_is_told():
    for name in FAMILIES:
        table = pages.arguments(name)
        for key in pages.field_names(family.FAMILIES[name]):
            assert f"`{key}`" in table, f"{name}: {key}"
