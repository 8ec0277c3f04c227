"""--overwrite replaces what the same command wrote, and nothing that lies beside it."""

import os

import numpy as np
import pytest

from ganzoo.base.errors import RunError, UsageError
from ganzoo.cli import sample_request
from ganzoo.disk.archive import read_arrays
from ganzoo.export import check, formats
from ganzoo.export.weights_folder import pack
from ganzoo.pictures import picture_files
from ganzoo.pictures.layout import Style
from ganzoo.training import runs
from tests.conftest import untrained

PIXELS = np.zeros((3, 8, 8, 3), np.uint8)


@pytest.fixture
def pictures(tmp_path):
    folder = tmp_path / "pictures"
    lines = ["{}", *(f'{{"file": "{i:06d}.png"}}' for i in range(3))]
    picture_files.save_folder(folder, [PIXELS], "png", Style(), lines)
    return folder


def asked(folder):
    from docs.generate.pages import command

    flags = command("sample").flags
    flags(["ganzoo-sample", "--num=2", f"--out={folder}/", "--overwrite"])
    return sample_request.request(flags, "dcgan/paintings")


@pytest.mark.parametrize("name", ["holiday.jpg", "000007.png", "notes/diary.txt"])
def test_a_folder_of_pictures_with_something_of_the_users_is_left_alone(pictures, name):
    assert asked(pictures).out == pictures
    (pictures / name).parent.mkdir(exist_ok=True)
    (pictures / name).write_text("mine")
    with pytest.raises(
        UsageError, match=f"holds ({name}|{name.split('/')[0]}), which was not written by this command"
    ):
        asked(pictures)
    assert (pictures / name).read_text() == "mine"


@pytest.mark.parametrize(
    "form, own",
    [
        ("savedmodel", ["saved_model.pb", "fingerprint.pb", "variables/variables.index", "README.txt"]),
        ("weights", ["card.json", "CARD.md", "weights.safetensors", "config.toml", "samples.png"]),
        ("weights", ["card.json", "CARD.md", "weights.npz", "config.toml", "samples.png"]),
    ],
)
def test_an_exported_folder_with_something_of_the_users_is_left_alone(form, own, tmp_path):
    for name in own:
        (tmp_path / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "out" / name).write_bytes(formats.MARK)
    check("dcgan/paintings", formats.chosen(form), tmp_path / "out", overwrite=True)
    (tmp_path / "out" / "variables").mkdir(exist_ok=True)
    (tmp_path / "out" / "variables" / "thesis.txt").write_text("mine")
    with pytest.raises(
        UsageError, match=r"holds variables(/thesis\.txt)?, which was not written by this command"
    ):
        check("dcgan/paintings", formats.chosen(form), tmp_path / "out", overwrite=True)
    if form == "weights":
        with pytest.raises(UsageError, match="was not written by this command"):
            pack("dcgan/paintings", tmp_path / "out", overwrite=True)


def test_a_link_to_a_device_is_no_file(tmp_path):
    """/dev/zero never ends, and a pipe that nobody writes to never begins."""
    os.symlink("/dev/zero", tmp_path / "weights.npz")
    os.mkfifo(tmp_path / "pipe")
    for name in ("weights.npz", "pipe"):
        with pytest.raises(RunError, match=r"is no file|a device or a pipe"):
            read_arrays(tmp_path / name, "0" * 64)
    run = untrained(tmp_path / "run", "vanilla")
    (run / "config.toml").unlink()
    os.symlink("/dev/zero", run / "config.toml")
    with pytest.raises(RunError, match=r"is no file|a device or a pipe"):
        runs.read_config(run)
