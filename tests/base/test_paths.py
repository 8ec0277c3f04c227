"""Paths with ~, users without a home, caches that cannot be written, recipes as editors save them."""

import os
import pwd
import subprocess
import sys

import pytest

from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.base.paths import expand, expand_source, expanded
from ganzoo.compare.plan import Budget, make_plan
from ganzoo.config import read_recipe, resolve
from ganzoo.data.data_config import DataConfig
from ganzoo.disk.cache import cache_folder, make_usable
from ganzoo.metrics.extract import extract
from ganzoo.metrics.remembered import remembering
from tests.conftest import ROOT

RECIPE = '[model]\nname = "dcgan"\nwidth = 8\n# café\n'


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def homeless(monkeypatch):
    def nobody(_):
        raise KeyError

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)


def test_a_home_folder_is_spelt_out(home):
    assert expand("~/x/") == f"{home}/x/" and expanded("~") == home and expand("a/~") == "a/~"
    assert expand_source("~/a.zip, ~/b.zip") == f"{home}/a.zip,{home}/b.zip"
    assert expand_source("tfds:x") == "tfds:x" and expand("./~x") == "./~x"
    with pytest.raises(UsageError, match=r"write the path from / on, or \./~nobody-here/x"):
        expand("~nobody-here/x")


def test_every_path_of_a_recipe_is_spelt_out(home):
    config = DataConfig(source="~/pics", labels_csv="~/l.csv", cache_dir="~/cache")
    assert (config.source, config.labels_csv, config.cache_dir) == tuple(
        f"{home}/{n}" for n in ("pics", "l.csv", "cache")
    )
    assert cache_folder("~/c") == home / "c"
    (home / "mine.toml").write_text(RECIPE)
    assert read_recipe("~/mine.toml")["model"]["width"] == 8
    (home / "pics").mkdir()
    (home / "pics" / "x.png").write_bytes(b"x")
    plan = make_plan(
        out="~/comparison", recipes=["~/mine.toml"], source="~/pics", budget=Budget(images=100), seeds=1
    )
    assert plan.out == home / "comparison" and plan.contestants[0].config.data.source == f"{home}/pics"


def test_every_command_spells_its_paths_out(home, tmp_path_factory, monkeypatch):
    """No folder called ~ comes into being, and what is there is found."""
    from docs.generate.pages import command
    from ganzoo import export
    from ganzoo.cli import explore, sample_request
    from ganzoo.cli.train import plan

    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    train = command("train").flags
    train(["ganzoo-train", "--model=dcgan", "--run_dir=~/run", "--data=~/pics"])
    config, run_dir, _ = plan(train)
    assert run_dir == home / "run" and config.data.source == f"{home}/pics"
    sample = command("sample").flags
    sample(["ganzoo-sample", "--out=~/sheet.png"])
    assert sample_request.request(sample, "dcgan/paintings").out == home / "sheet.png"
    for ask in (
        lambda: explore.checked("~/run", "best"),
        lambda: command("evaluate").main(command("evaluate").flags, "~/run"),
        lambda: export.check("dcgan/paintings", export.formats.chosen("keras"), "~/nowhere/x.keras"),
    ):
        with pytest.raises(GanzooError, match=str(home)):
            ask()
    assert os.listdir() == []


def test_preparing_spells_its_paths_out(home, picture_folder, tmp_path, monkeypatch):
    from ganzoo.data import prepare

    monkeypatch.chdir(tmp_path)
    store = prepare("~/pictures", "~/prepared", 16, progress=False, workers=1)
    assert len(store) == 24 and (home / "prepared" / "store.json").is_file() and not os.path.exists("~")


def test_a_user_without_a_home_is_told_of_the_variable(homeless, monkeypatch, tmp_path):
    with pytest.raises(DataError, match="GANZOO_CACHE="):
        cache_folder()
    assert remembering() is extract  # a cache of features is a help, not a need
    with pytest.raises(UsageError, match="not known here"):
        expand("~/x")
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path))
    assert cache_folder() == tmp_path


@pytest.mark.parametrize("place", ["/proc/nowhere/ganzoo", "file/below"])
def test_a_cache_that_cannot_be_written_names_the_variable(place, tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match=r"cannot be written \(.*GANZOO_CACHE="):
        make_usable(tmp_path / place)


HOMELESS = """
import pwd, sys
def nobody(_): raise KeyError
pwd.getpwuid = nobody
sys.argv = ["x", "--model", "dcgan", "--run_dir", "r", *sys.argv[1:]]
from ganzoo.cli import train
train.run()
"""


def test_a_command_of_a_user_without_a_home_says_how(tmp_path, picture_folder):
    """As in a container that runs under a number without a name."""
    env = {k: v for k, v in os.environ.items() if k not in ("HOME", "XDG_CACHE_HOME", "GANZOO_CACHE")}
    done = subprocess.run(
        [sys.executable, "-c", HOMELESS, "--data", picture_folder],
        cwd=tmp_path, env={**env, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 1 and len(done.stderr.splitlines()) == 1, done.stderr
    assert "no home folder" in done.stderr and "GANZOO_CACHE=" in done.stderr


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_a_recipe_is_read_as_editors_save_it(tmp_path, encoding, ends):
    text = RECIPE.replace("\n", ends)
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    (tmp_path / "r.toml").write_bytes((mark + text).encode(encoding))
    assert resolve(read_recipe(str(tmp_path / "r.toml"))).family.width == 8


def test_a_recipe_in_another_encoding_says_what_to_do(tmp_path):
    (tmp_path / "r.toml").write_bytes(RECIPE.encode("latin-1"))
    with pytest.raises(UsageError, match="save it as UTF-8"):
        read_recipe(str(tmp_path / "r.toml"))
