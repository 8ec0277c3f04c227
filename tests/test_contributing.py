"""CONTRIBUTING.md is true to the letter: its family, import, and recipe in a copy of the package train."""

import re
import shutil
import subprocess
import sys
import types

import numpy as np
import tensorflow as tf

import ganzoo
from ganzoo.family import FAMILIES
from tests.conftest import ROOT


def test_the_steps_for_a_new_family_are_all_it_takes(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    code, _ = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (recipe,) = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    shutil.copytree(ROOT / "ganzoo", tmp_path / "ganzoo", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "zoo_configs", tmp_path / "zoo_configs")
    (tmp_path / "ganzoo/models/tiny.py").write_text(code)
    (tmp_path / "zoo_configs/tiny.toml").write_text(recipe)
    init = tmp_path / "ganzoo/models/__init__.py"
    changed = re.sub(r"(from ganzoo\.models import [\w, ]+)", r"\1, tiny", init.read_text())
    init.write_text(changed)
    words = ["--model", "tiny", "--images", "64", "--run_dir", "run"]
    done = subprocess.run(
        [sys.executable, "-m", "ganzoo.cli.train", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "run/training.gif").is_file()


def test_the_family_of_two_generators_trains(monkeypatch):
    """As printed, by `gan.fit`."""
    monkeypatch.setattr(FAMILIES, "_entries", dict(FAMILIES._entries))  # it is not registered for other tests
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    _, code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    module = types.ModuleType("tiny_cycle")
    monkeypatch.setitem(sys.modules, "tiny_cycle", module)  # where dataclasses look up their fields' types
    exec(code, module.__dict__)
    gan = ganzoo.build("tiny_cycle", width=4)
    assert set(gan.networks) == {"to_b", "to_a", "on_a", "on_b"}
    pictures = np.random.default_rng(0).uniform(-1, 1, (2, 4, 16, 16, 3)).astype(np.float32)
    data = tf.data.Dataset.from_tensors(dict(zip("ab", pictures, strict=True)))
    before = [v.numpy() for v in gan.g_variables + gan.d_variables]
    history = gan.fit(data, epochs=2, verbose=0).history
    assert history["cycle"][1] < history["cycle"][0]
    after = [v.numpy() for v in gan.g_variables + gan.d_variables]
    assert all(np.any(a != b) for a, b in zip(before, after, strict=True))
