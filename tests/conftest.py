"""What the tests share: tiny models of every family, small pictures, commands in a subprocess."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.arguments import field_names
from ganzoo.family import FAMILIES

ROOT = Path(__file__).resolve().parent.parent
TINY = {"image_size": 16, "width": 4, "latent_dim": 8, "num_classes": 3, "channels": 3, "hidden": (8,)}
TINY["start_size"] = 16  # a family that grows is fully grown; growing is in its own tests


def tiny_arguments(name: str) -> dict:
    """The smallest sensible arguments of a family: those of TINY that it knows."""
    return {key: value for key, value in TINY.items() if key in field_names(FAMILIES[name])}


def opposed() -> list[str]:
    """The families with a discriminator."""
    return [name for name in sorted(FAMILIES) if FAMILIES[name](**tiny_arguments(name)).has_opponent]


def untrained(folder: Path, model: str, arguments: dict | None = None, images_seen: int = 0, **train) -> Path:
    """A run in `folder` with one checkpoint, at its initial weights."""
    from ganzoo.config import resolve
    from ganzoo.training import checkpoints, runs

    folder.mkdir(parents=True)
    arguments = tiny_arguments(model) if arguments is None else arguments
    config = resolve({"model": {"name": model, **arguments}, "train": {"images": 1000, **train}})
    paths, gan = runs.create(folder, config), runs.make_gan(config)
    gan.images_seen.assign(images_seen)
    checkpoints.save(paths.checkpoints, images_seen, checkpoints.values(gan.state()), {})
    return folder


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    """A headless Chromium that writes down its console and its requests; skipped where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver")
    programs = shutil.which("chromium"), shutil.which("chromedriver")
    if not all(programs):
        pytest.skip("chromium and chromedriver are not installed")
    options = webdriver.ChromeOptions()
    options.binary_location = programs[0]
    for word in ("headless=new", "no-sandbox", "window-size=1280,900", "enable-unsafe-swiftshader"):
        options.add_argument(f"--{word}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(programs[1]))
    driver.set_script_timeout(60)
    driver.downloads = tmp_path_factory.mktemp("downloads")
    allowed = {"behavior": "allow", "downloadPath": str(driver.downloads)}
    driver.execute_cdp_cmd("Browser.setDownloadBehavior", allowed)
    yield driver
    driver.quit()


def requests_of(driver) -> list[str]:
    """The addresses that the browser has asked for since this was last read."""
    messages = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    return [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]


def random_batch(family, num: int = 8, seed: int = 0) -> dict:
    """A batch of what a family trains on: random pictures in [-1, 1], labels in order."""
    rng = np.random.default_rng(seed)
    batch = {}
    for key, shape in family.batch_spec.items():
        if key == "label":
            batch[key] = (np.arange(num) % family.num_classes).astype(np.int32)
        else:
            batch[key] = rng.uniform(-1, 1, (num, *shape)).astype(np.float32)
    return batch


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory):
    """Nothing a test does may come from, or end in, the user's own cache folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("GANZOO_CACHE", raising=False)
        yield


@pytest.fixture
def picture_folder(tmp_path) -> Path:
    """A folder of 24 pictures with structure, larger than 16x16, of several shapes."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for i in range(24):
        height, width = 24 + i % 3 * 8, 24 + i % 4 * 8
        coarse = rng.integers(0, 256, (4, 4, 3), dtype=np.uint8)
        picture = Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC)
        picture.save(folder / f"{i:02d}.png")
    return folder


@pytest.fixture
def run_command(tmp_path):
    """Runs `python -m ganzoo.cli.NAME` in an empty folder; returns the completed process."""

    def run(name: str, *words: str, cwd: Path = tmp_path, timeout: float = 120, env: dict | None = None):
        return subprocess.run(
            [sys.executable, "-m", f"ganzoo.cli.{name}", *map(str, words)],
            cwd=cwd,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "XDG_CACHE_HOME": str(tmp_path / "cache"),
                **(env or {}),
            },
            capture_output=True,
            text=True,
            timeout=timeout,
        )

    return run
