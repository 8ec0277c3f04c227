"""CONTRIBUTING.md is true to the letter: its family, import, and recipe in a copy of the package train."""

import re
import shutil
import subprocess
import sys

from tests.conftest import ROOT


def test_the_steps_for_a_new_family_are_all_it_takes(tmp_path):
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
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
