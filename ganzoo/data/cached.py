"""The cache in which raw sources are kept prepared: made at first use, made again when damaged, pruned.

KEY/         a prepared folder; the key is of what was found and how it is prepared
KEY.json     which source it is of, so that older copies of the same can be found
KEY.lock     held while it is prepared, opened or removed

A source that changes gets another key. Of the older copies one is left, for whoever takes the
change back; one that holds the same pictures (a file was touched or copied) goes at once. A run
that has it open keeps it: the system frees its space when the last process lets go.
"""

import contextlib
import dataclasses
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from ganzoo.base.printable import printable
from ganzoo.data import about as about_of
from ganzoo.data.about import Damaged
from ganzoo.data.data_config import DataConfig, stored_settings
from ganzoo.data.embedded import paths_of
from ganzoo.data.prepare import disk_errors, plan, run
from ganzoo.data.prepared import open_store
from ganzoo.data.store import Store
from ganzoo.disk import locks
from ganzoo.disk.cache import cache_folder, make_usable
from ganzoo.disk.files import write_bytes

_KEY = 24  # letters of a key that name its folder
_KEPT = 1  # older copies of a source that has changed


def cached(config: DataConfig, size: int, channels: int, progress: bool) -> Store:
    """The store of a raw source, prepared into the cache at its first use."""
    with _entry(config, size, channels, progress) as folder:
        return open_store(folder, config.split)


def cached_folder(config: DataConfig, size: int, channels: int, progress: bool) -> Path:
    """The folder of the cache in which the source is prepared, and whole, when this returns."""
    with _entry(config, size, channels, progress) as folder:
        return folder


@contextlib.contextmanager
def _entry(config: DataConfig, size: int, channels: int, progress: bool) -> Iterator[Path]:
    """The folder, which nobody removes as long as this is held."""
    work = plan(config, size, channels)
    folder = cache_folder(config.cache_dir) / work.key[:_KEY]
    make_usable(folder.parent)
    with disk_errors(folder), locks.locked(_beside(folder, ".lock"), wait=True):
        new = not (folder / about_of.NAME).exists()
        _note(folder, work)
        store = _prepared(work, folder, progress, new)
        for sentence in store.report.get("told", []) if progress else []:
            print(f"data: {printable(sentence)}", flush=True)
        if new:
            _prune(folder)
        yield folder


def _prepared(work, folder: Path, progress: bool, new: bool) -> Store:
    if progress and new:
        print(f"data: preparing {printable(work.config.source)} into {printable(folder)}", flush=True)
    try:
        return run(work, folder, progress)
    except Damaged as error:  # nobody's but ours, and made again from the source
        if progress:
            print(f"data: {printable(error)}; preparing it again", flush=True)
        _remove(folder)
        return run(work, folder, progress)


def _beside(folder: Path, ending: str) -> Path:
    return folder.with_name(folder.name + ending)


def _note(folder: Path, work) -> None:
    """Says beside the folder what it is of; the file's time is that of the last use."""
    config: DataConfig = work.config
    path = _beside(folder, ".json")
    if path.exists():
        os.utime(path)
        return
    settings = stored_settings(
        dataclasses.replace(config, split="train"), without=("cache_dir", "labels_csv")
    )
    of = {"size": work.size, "channels": work.channels, "settings": settings}
    of["source"] = [
        os.path.realpath(path) if path.exists() else str(path) for path in paths_of(config.source)
    ]
    of["labels_csv"] = os.path.realpath(config.labels_csv) if config.labels_csv else None
    write_bytes(path, json.dumps(of).encode())


def _prune(folder: Path) -> None:
    """Removes older copies of the same source: those of the same pictures, and all others but the newest."""
    with contextlib.suppress(OSError):  # a cache that cannot be tidied up works all the same
        mine = _beside(folder, ".json").read_bytes()
        others = [
            path
            for path in folder.parent.glob(f"{'[0-9a-f]' * _KEY}.json")
            if path.stem != folder.name and path.read_bytes() == mine
        ]
        left = 0
        for path in sorted(others, key=lambda path: path.stat().st_mtime_ns, reverse=True):
            older = path.with_suffix("")
            if older.exists() and _contents(older) not in (None, _contents(folder)):
                left += 1
                if left <= _KEPT:
                    continue
            with contextlib.suppress(BlockingIOError), locks.locked(path.with_suffix(".lock"), wait=False):
                _remove(older)
                path.unlink(missing_ok=True)
        for path in folder.parent.glob(".*.removed"):
            shutil.rmtree(path, ignore_errors=True)


def _contents(folder: Path) -> tuple | None:
    """What tells the pictures of a finished copy from those of another; None if it is not finished."""
    try:
        about = about_of.read(folder)
    except Damaged:
        return None
    return about.sha256, about.class_names, about.train


def _remove(folder: Path) -> None:
    """Removes a folder at once: under its name it is there whole or not at all."""
    if folder.exists():
        aside = folder.with_name(f".{folder.name}.{os.getpid()}.removed")
        os.rename(folder, aside)
        shutil.rmtree(aside, ignore_errors=True)  # on network disks what is open stays a while
