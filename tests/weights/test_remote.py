"""Weights from a hub, from an address with a checksum and from a zip; one sentence where they do not come."""

import hashlib
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

import ganzoo
from ganzoo import weights
from ganzoo.base.errors import RunError, UsageError
from ganzoo.export import export
from tests.conftest import untrained
from tests.weights.hub import serving

pytest.importorskip("huggingface_hub")
PROGRAM = """
import sys, numpy as np, ganzoo
try:
    np.save(sys.argv[2], ganzoo.load(sys.argv[1]).sample(2, seed=1))
except ganzoo.base.errors.GanzooError as error:
    sys.exit(str(error))
"""


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    """A folder as it is published, with a file that is no weights' beside."""
    root = tmp_path_factory.mktemp("hub")
    run = untrained(root / "run", "dcgan")
    export(run, "hf", root / "hf")
    export(run, "weights", root / "hf" / "small.zip")
    (root / "hf" / "evil.py").write_text("raise SystemExit('run')")
    return root / "hf"


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    return tmp_path


def load_there(word, out, endpoint):
    """What another process, with an empty cache, makes of an address."""
    home = {
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(out.parent / "home"),
        "GANZOO_CACHE": str(out.parent / "c"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, word, str(out)],
        env={**os.environ, **home},
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stderr


def test_weights_of_a_hub_are_fetched_once_and_then_found_without_it(repository, tmp_path):
    with serving(repository) as endpoint:
        code, said = load_there("hf://painters/small", tmp_path / "a.npy", endpoint)
        assert code == 0, said
    np.testing.assert_array_equal(np.load(tmp_path / "a.npy"), ganzoo.load(repository).sample(2, seed=1))
    fetched = {path.name for path in (tmp_path / "home").rglob("*") if path.is_file()}
    assert {"weights.safetensors", "card.json"} <= fetched and not {"evil.py", "small.zip"} & fetched
    code, said = load_there("hf://painters/small", tmp_path / "b.npy", endpoint)  # which is gone
    assert code == 0, said


def test_what_the_hub_does_not_have_is_one_sentence(repository, tmp_path):
    with serving(repository) as endpoint:
        code, said = load_there("hf://painters/large", tmp_path / "a.npy", endpoint)
    assert code == 1 and "the hub shows no painters/large" in said and "Traceback" not in said


def test_without_a_connection_it_is_one_sentence(tmp_path):
    code, said = load_there("hf://painters/small", tmp_path / "a.npy", "http://127.0.0.1:9")
    assert code == 1 and "the hub cannot be reached" in said and "Traceback" not in said


def test_a_zip_comes_by_its_checksum(repository, elsewhere, capfd):
    checksum = hashlib.sha256((repository / "small.zip").read_bytes()).hexdigest()
    with serving(repository) as address:
        word = f"{address}/small.zip#sha256={checksum}"
        found = weights.find(word)
        assert found.is_relative_to(elsewhere / "cache") and (found / "weights.safetensors").is_file()
        with pytest.raises(RunError, match="has another checksum"):
            weights.find(f"{address}/small.zip#sha256={'0' * 64}")
        with pytest.raises(RunError, match="could not be fetched"):
            weights.find(f"{address}/none.zip#sha256={'1' * 64}")
    assert weights.find(word) == found  # without the server
    np.testing.assert_array_equal(ganzoo.load(word).sample(2), ganzoo.load(repository).sample(2))
    capfd.readouterr()  # Keras says what it fetches


@pytest.mark.parametrize(
    "word, says",
    [
        ("https://example.org/x.zip", "says no checksum"),
        ("https://example.org/x.zip#sha256=123", "says no checksum"),
        (f"http://example.org/x.zip#sha256={'0' * 64}", "give an https:// address"),
        ("hf://painters", "write hf://organisation/name"),
        ("hf://a/b/c", "write hf://organisation/name"),
    ],
)
def test_what_is_no_address_is_told_so(word, says):
    with pytest.raises(UsageError, match=says):
        weights.find(word)


def test_a_zip_writes_nowhere_but_into_its_folder(elsewhere):
    with zipfile.ZipFile(elsewhere / "evil.zip", "w") as archive:
        archive.writestr("../../card.json", "{}")
        archive.writestr("../../evil.py", "")
    found = weights.find(elsewhere / "evil.zip")
    assert [path.name for path in found.iterdir()] == ["card.json"]
    assert not list(elsewhere.glob("card.json")) and not list(elsewhere.rglob("evil.py"))


def test_a_zip_of_something_else_is_told_so(elsewhere):
    with zipfile.ZipFile(elsewhere / "holiday.zip", "w") as archive:
        archive.writestr("beach.jpg", "")
    with pytest.raises(RunError, match="so no weights"):
        weights.find(elsewhere / "holiday.zip")
    (elsewhere / "broken.zip").write_bytes(b"PK\3\4")
    with pytest.raises(RunError, match="cannot be read as a zip"):
        weights.find(elsewhere / "broken.zip")


def test_the_card_of_a_hub_has_its_metadata(repository):
    lines = (repository / "README.md").read_text().splitlines()
    assert lines[0] == "---" and 'library_name: "ganzoo"' in lines and lines.count("---") == 2
    assert "ganzoo.load('hf://" in "\n".join(lines)
