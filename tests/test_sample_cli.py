"""The command ganzoo-sample: a sheet of any class or of one by name, and what cannot be asked for."""

import pytest
from PIL import Image

from ganzoo.config import resolve
from ganzoo.training import checkpoints, runs

NAMES = ["18th century", "19th century", "20th century"]


@pytest.fixture(scope="module")
def run_dir(tmp_path_factory):
    """A run of a tiny conditional GAN that has not learned anything."""
    folder = tmp_path_factory.mktemp("runs") / "cgan-1"
    model = {"name": "cgan", "image_size": 16, "width": 4, "num_classes": 3, "class_names": NAMES}
    config = resolve({"model": model})
    folder.mkdir()
    paths = runs.create(folder, config)
    gan = runs.make_gan(config)
    checkpoints.save(paths.checkpoints, 0, checkpoints.values(gan.state()), {})
    return folder


def test_a_class_by_name(run_command, run_dir, tmp_path):
    done = run_command(
        "sample", run_dir, "--num", "4", "--class", "19th century", "--out", tmp_path / "a.png"
    )
    assert done.returncode == 0, done.stderr
    with Image.open(tmp_path / "a.png") as sheet:
        assert sheet.size == (2 * 18 + 2,) * 2


@pytest.mark.parametrize(
    "words, says",
    [
        (["--class", "19 century"], "unknown class '19 century': did you mean '19th century'?"),
        (["--num", "0"], "ask for at least 1"),
        (["--out", "nowhere/a.png"], "there is no folder nowhere"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_2(run_command, run_dir, words, says):
    done = run_command("sample", run_dir, *words)
    assert done.returncode == 2 and says in done.stderr and "Traceback" not in done.stderr
