"""The cache of prepared sources: older copies of the same source go, whoever reads one keeps it."""

import os
import shutil

import numpy as np
import pytest
from PIL import Image

from ganzoo.data import DataConfig, load
from ganzoo.disk import locks


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))


def write(path, seed: int):
    noise = np.random.default_rng(seed).integers(0, 256, (20, 20, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise).save(path)


@pytest.fixture
def source(tmp_path):
    for number in range(4):
        write(tmp_path / "pictures" / f"{number}.png", number)
    return tmp_path / "pictures"


def opened(source, size=16, **options):
    return load(DataConfig(source=str(source), **options), size, progress=False)


def copies(tmp_path) -> list[str]:
    return sorted(path.parent.name for path in (tmp_path / "cache").glob("*/store.json"))


def touch(path, seconds: int) -> None:
    os.utime(path, (seconds, seconds))


def test_a_touched_file_leaves_one_copy(source, tmp_path):
    first = opened(source)
    before = copies(tmp_path)
    touch(source / "0.png", 1_000_000_000)
    again = opened(source)
    assert again.fingerprint == first.fingerprint
    assert len(copies(tmp_path)) == 1 and copies(tmp_path) != before
    assert (np.asarray(first.images) == again.images).all()  # who had it open can still read it
    assert not list((tmp_path / "cache").glob(".*.removed"))


def test_a_source_that_changes_again_and_again_leaves_two(source, tmp_path):
    for number in range(4, 9):
        write(source / f"{number}.png", number)
        assert len(opened(source)) == number + 1
        before_the_last = copies(tmp_path)
    assert len(before_the_last) == 2
    (source / "8.png").unlink()
    opened(source)
    assert copies(tmp_path) == before_the_last  # taken back: the copy is still there


def test_other_sources_sizes_and_settings_are_left_alone(source, tmp_path):
    shutil.copytree(source, tmp_path / "elsewhere")
    opened(tmp_path / "elsewhere")
    opened(source, size=8)
    opened(source, crop="random:2")
    others = set(copies(tmp_path))
    opened(source)
    for seconds in (1_000_000_000, 1_100_000_000):
        touch(source / "0.png", seconds)
        opened(source)
    assert others < set(copies(tmp_path)) and len(copies(tmp_path)) == 4


def test_what_an_interrupted_preparation_left_goes_too(source, tmp_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr("ganzoo.data.finish.finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            opened(source)
    touch(source / "0.png", 1_000_000_000)
    opened(source)
    assert (
        len([path for path in (tmp_path / "cache").iterdir() if path.name.strip("0123456789abcdef") == ""])
        == 1
    )


def test_a_copy_that_somebody_works_on_stays(source, tmp_path):
    opened(source)
    (name,) = copies(tmp_path)
    touch(source / "0.png", 1_000_000_000)
    with locks.locked(tmp_path / "cache" / f"{name}.lock", wait=False):
        opened(source)
        assert len(copies(tmp_path)) == 2
    touch(source / "0.png", 1_100_000_000)
    opened(source)
    assert len(copies(tmp_path)) == 1


def test_a_cache_of_before_is_used(source, tmp_path):
    opened(source)
    for path in (tmp_path / "cache").glob("*.json"):
        path.unlink()
    before = copies(tmp_path)
    opened(source)
    assert copies(tmp_path) == before
