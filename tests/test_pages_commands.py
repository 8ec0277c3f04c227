"""README's and the tutorials' commands, as printed and in their order, in a new shell with what they make.

Each page gets a clean copy of the checkout and a shell that knows nothing of the tests' environment. What a
reader has is put there: a folder of pictures, a table, a photo. Only `GANZOO_SHORTER` makes trainings
shorter. The quick suite does this for the first tutorial, installed with the packages that the tests have;
marked `long`, it is done for all pages, with what the index gives.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.conftest import ROOT
from tests.test_docs import blocks, identity

TUTORIALS = ROOT / "docs/tutorials"
FIRST = TUTORIALS / "first_painting.md"
# Two machines cannot be had in one shell: tests/training/test_multi_worker.py starts them.
ALL = [ROOT / "README.md", *(p for p in sorted(TUTORIALS.glob("*.md")) if p.stem != "several_machines")]
INSTALLATION = "python3 -m venv .venv && . .venv/bin/activate && pip install ."
# These serve a page until Ctrl-C, ask for an account, or are the suite itself.
BY_HAND = (
    *("ganzoo-explore ", "kaggle ", "pip install kaggle", "python3 -m venv .venv && .venv/bin/pip"),
    "python -m experiments ",  # a measurement of half an hour, on data that its page names
)


def pictures(folder: Path, num: int, side: int = 72, ending: str = "jpg") -> None:
    rng = np.random.default_rng(0)
    folder.mkdir(parents=True)
    for number in range(num):
        coarse = Image.fromarray(rng.integers(0, 256, (5, 5, 3), dtype=np.uint8))
        coarse.resize((side + 4 * (number % 3), side), Image.Resampling.BICUBIC).save(
            folder / f"{number + 1}.{ending}"
        )


def what_a_reader_has(folder: Path) -> None:
    """Two classes of pictures, a table for them, a photo, and Kaggle's files in small."""
    pictures(folder / "some/folder/left", 80)
    pictures(folder / "some/folder/right", 80, ending="png")
    rows = [f"left/{n}.jpg,Cubism" for n in range(1, 81)] + [f"right/{n}.png,Dada" for n in range(1, 81)]
    (folder / "labels.csv").write_text("\n".join(["filename,style", *rows]))
    shutil.copy(folder / "some/folder/left/1.jpg", folder / "photo.jpg")
    pictures(folder / "kaggle/train", 1020)  # 510 of each style: above --min_per_class 500
    shutil.make_archive(str(folder / "kaggle/train"), "zip", folder / "kaggle", "train")
    shutil.rmtree(folder / "kaggle/train")
    rows = [f"A,1880,genre,{'Cubism' if n % 2 else 'Dada'},T,{n}.jpg" for n in range(1, 1021)]
    (folder / "kaggle/all_data_info.csv").write_text(
        "\n".join(["artist,date,genre,style,title,new_filename", *rows])
    )


def clone(folder: Path) -> Path:
    """What is in the repository, and nothing else of this machine."""
    names = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True
    )
    if names.returncode:  # an archive of the repository
        skipped = shutil.ignore_patterns(".*", "__pycache__", "*.egg-info", "build", "dist", "runs", "site")
        shutil.copytree(ROOT, folder, ignore=skipped, dirs_exist_ok=True)
        return folder
    for name in names.stdout.decode().split("\0"):
        if name and (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    return folder


def shell(folder: Path, offline: bool) -> dict[str, str]:
    """The environment of a new shell: no virtual environment, no Python path, a home of its own."""
    python = Path(sys._base_executable).resolve()
    tools = folder / ".tools"
    tools.mkdir()
    (tools / "python3").symlink_to(python)
    env = {
        "PATH": f"{tools}:/usr/bin:/bin",
        "HOME": str(folder / ".home"),
        "GANZOO_SHORTER": "10000",
        "LANG": "C.UTF-8",
    }
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.startswith("PIP_") or "proxy" in name.lower()
    }
    if offline:  # the packages are those of the tests; ganzoo itself is what the page installs
        site = next(path for path in sys.path if path.endswith("site-packages"))
        env |= {"PIP_NO_DEPS": "1", "PIP_NO_INDEX": "1", "PIP_NO_BUILD_ISOLATION": "0", "PYTHONPATH": site}
    return kept | env


def script(page: Path) -> str:
    """The page's commands; a page without an installation is read after it."""
    lines = "\n".join(blocks(page, "sh")).splitlines()
    lines = [line for line in lines if not line.strip().startswith(BY_HAND)]
    first = [] if page.name == "README.md" else [INSTALLATION, "deactivate"]
    return "\n".join(["set -eu", *first, *lines]) + "\n"


def tried(page: Path, folder: Path, offline: bool) -> None:
    clone(folder)
    what_a_reader_has(folder)
    said = folder / "said.txt"
    with open(said, "w") as file:
        done = subprocess.run(
            ["bash", "-x", "-c", script(page)],
            cwd=folder,
            env=shell(folder, offline),
            stdout=file,
            stderr=subprocess.STDOUT,
            timeout=7200,
        )
    assert done.returncode == 0, f"{page.name}: {said.read_text()[-3000:]}"


def test_the_first_tutorial(tmp_path):
    tried(FIRST, tmp_path, offline=True)
    assert (tmp_path / "runs/dcgan-1/training.gif").is_file()
    assert (tmp_path / "samples.png").is_file() and (tmp_path / "walk.gif").is_file()


def test_a_command_that_is_not_there_fails(tmp_path, monkeypatch):
    page = tmp_path / "page.md"
    page.write_text("```sh\nganzoo-train --version_of_nothing\n```\n")
    monkeypatch.setattr("tests.test_pages_commands.INSTALLATION", "deactivate() { :; }")
    with pytest.raises(AssertionError, match="ganzoo-train: command not found"):
        tried(page, tmp_path / "clone", offline=True)


@pytest.mark.long
@pytest.mark.parametrize("page", ALL, ids=identity)
def test_every_page(page, tmp_path):
    tried(page, tmp_path, offline=False)
