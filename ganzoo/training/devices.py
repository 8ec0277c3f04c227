"""Which device a process trains on."""

import os
import sys
from pathlib import Path

from ganzoo.base import extras
from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf

KINDS = ("auto", "cpu", "gpu")
DRIVER = Path("/proc/driver/nvidia/version")  # there while NVIDIA's driver is loaded, in containers too


def check(device: str) -> tuple[str, str]:
    """The kind and the number that `device` names; imports nothing. Raises UsageError for another word."""
    kind, _, number = device.partition(":")
    if kind not in KINDS or (number and (kind != "gpu" or not number.isdigit())):
        raise UsageError(f"--device is {device!r}, but must be auto, cpu, gpu or gpu:NUMBER")
    return kind, number


def choose(device: str) -> None:
    """Makes TensorFlow see only the chosen device, before it is used; GPU memory grows as needed.

    Args:
        device: "auto" (every GPU, else the CPU), "cpu", "gpu" or "gpu:NUMBER".

    Raises:
        UsageError: for another word, or a GPU that is not there (those there are counted).
    """
    kind, number = check(device)
    if kind == "cpu":
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # before TensorFlow looks: it then says nothing of CUDA
    gpus = tf.config.list_physical_devices("GPU")
    if kind == "gpu" and len(gpus) <= int(number or 0):
        raise UsageError(
            f"--device is {device!r}, but TensorFlow finds {len(gpus)} GPUs here; use --device cpu or auto"
            + (f". {without_libraries()}" if not gpus and DRIVER.exists() else "")
        )
    if kind == "auto" and not gpus and DRIVER.exists():
        print(without_libraries(), file=sys.stderr)
    if kind == "cpu":
        gpus = []
    elif kind == "gpu":
        gpus = [gpus[int(number)]] if number else gpus
    tf.config.set_visible_devices(gpus, "GPU")
    for gpu in gpus:
        tf.config.experimental.set_memory_growth(gpu, True)


def without_libraries() -> str:
    """What to do where a driver is loaded and TensorFlow sees no GPU."""
    return (
        "NVIDIA's driver is loaded, but TensorFlow finds no GPU: probably its CUDA libraries are missing; "
        f"{extras.install('gpu')}"
    )
