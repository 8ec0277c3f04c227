"""A GPU that TensorFlow cannot use is not passed over in silence."""

import pytest

from ganzoo.base.errors import UsageError
from ganzoo.training import devices

HINT = "CUDA libraries are missing; pip install 'tensorflow[and-cuda]"


@pytest.fixture
def driver(tmp_path, monkeypatch):
    """A machine with a driver, whose TensorFlow finds no GPU."""
    monkeypatch.setattr(devices, "DRIVER", tmp_path / "version")
    devices.DRIVER.write_text("NVRM version: NVIDIA UNIX x86_64 Kernel Module")


def test_a_driver_without_libraries_is_told_how_to_get_them(driver, capsys):
    devices.choose("auto")
    assert HINT in capsys.readouterr().err
    with pytest.raises(UsageError, match="finds 0 GPUs here") as raised:
        devices.choose("gpu")
    assert HINT in str(raised.value)


def test_without_a_driver_nothing_is_said(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(devices, "DRIVER", tmp_path / "none")
    devices.choose("auto")
    assert capsys.readouterr().err == ""
