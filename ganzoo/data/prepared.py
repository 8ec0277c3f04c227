"""Opening a prepared folder, and the cache in which raw sources are kept prepared."""

import json
from pathlib import Path

from ganzoo.cache import cache_folder, make_usable
from ganzoo.data import atomic
from ganzoo.data.config import LAYOUT, STORED, DataConfig, crop_copies
from ganzoo.data.store import Store, fingerprint
from ganzoo.errors import DataError, UsageError


def open_store(folder: Path, split: str) -> Store:
    """Maps the pictures of a prepared folder into memory; takes milliseconds whatever their number.

    Raises:
        DataError: damaged, or not one picture in it.
        UsageError: it has no such split.
    """
    import numpy as np

    about = _about(folder)
    train, test = about["train"], about["test"]
    total, side = train + test, about["size"]
    if not total:
        reasons = ", ".join(f"{count} {reason}" for reason, count in about["report"]["reasons"].items())
        hint = "; data.upscale = true (--upscale) enlarges small ones" if "too small" in reasons else ""
        raise DataError(f"{folder} holds no usable picture ({reasons}): see its manifest.csv{hint}")
    first, end = {"train": (0, train), "test": (train, total), "all": (0, total)}[split]
    if first == end:
        raise UsageError(f"{folder} has no split {split!r}: prepare it with test_share, or use split 'all'")
    labels = None
    try:
        images = np.lib.format.open_memmap(folder / "images.npy", mode="r")
        if about["class_names"]:
            labels = np.array(np.lib.format.open_memmap(folder / "labels.npy", mode="r"))
    except (OSError, ValueError, EOFError) as error:
        raise DataError(f"{folder} is damaged ({error}): delete it and prepare it again") from None
    shape = (total, side, side, about["channels"])
    if images.shape != shape or images.dtype != np.uint8 or (labels is not None and labels.shape != (total,)):
        raise DataError(
            f"{folder} is damaged (pictures of shape {images.shape}, expected {shape}): prepare it again"
        )
    labels = None if labels is None else labels[first:end]
    names, report = tuple(about["class_names"]), dict(about["report"])
    if labels is not None:
        counts = np.bincount(labels, minlength=len(names)).tolist()
        report |= {"classes": dict(zip(names, counts, strict=True))}
    report["pictures"] = end - first
    print_of_it = fingerprint(about["sha256"], about["class_names"], split)
    copies = crop_copies(about["settings"].get("crop", DataConfig.crop))
    return Store(images[first:end], labels, names, print_of_it, report, copies)


def load(config: DataConfig, size: int, channels: int) -> Store:
    """The prepared folder that `config.source` is; refuses what it was not prepared for."""
    folder = Path(config.source)
    about = _about(folder)
    if (about["size"], about["channels"]) != (size, channels):
        more = f" ({config.random_crop} of them for data.random_crop)" if config.random_crop else ""
        raise UsageError(
            f"{folder} holds pictures of size {about['size']}, {about['channels']} channels; asked for are "
            f"size {size}{more}, {channels} channels: prepare again with --size {size} --channels {channels}"
        )
    default = DataConfig()
    for key in STORED:
        asked = getattr(config, key)
        if asked != getattr(default, key) and asked != about["settings"].get(key):
            had = about["settings"].get(key)
            raise UsageError(
                f"{folder} was prepared with {key} = {had!r}, not {asked!r}: prepare again, or leave it out"
            )
    return open_store(folder, config.split)


def cached(config: DataConfig, size: int, channels: int, progress: bool) -> Store:
    """The store of a raw source, prepared into the cache at its first use."""
    return open_store(cached_folder(config, size, channels, progress), config.split)


def cached_folder(config: DataConfig, size: int, channels: int, progress: bool) -> Path:
    """The folder of the cache in which the source is prepared when this returns."""
    from ganzoo.data.prepare import plan, run

    work = plan(config, size, channels)
    folder = cache_folder(config.cache_dir) / work.key[:24]
    make_usable(folder.parent)
    with atomic.disk_errors(folder), atomic.lock(folder.parent / f"{folder.name}.lock", wait=True):
        if progress and not (folder / "store.json").exists():
            print(f"data: preparing {config.source} into {folder}", flush=True)
        run(work, folder, progress)
    return folder


def _about(folder: Path) -> dict:
    try:
        about = json.loads((folder / "store.json").read_text())
        if about["layout"] != LAYOUT:
            raise ValueError(f"layout {about['layout']}")
        return about
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{folder} is no prepared folder this version can read ({error}): prepare it again"
        ) from None
