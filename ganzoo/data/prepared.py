"""Opening a prepared folder."""

from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import about as about_of
from ganzoo.data.about import Damaged
from ganzoo.data.data_config import STORED, DataConfig, crop_copies
from ganzoo.data.store import Store, fingerprint
from ganzoo.data.told import cures
from ganzoo.data.verified import is_whole


def open_store(folder: Path, split: str) -> Store:
    """Maps the pictures of a prepared folder into memory; takes milliseconds whatever their number.

    Raises:
        Damaged: it does not hold what was prepared.
        DataError: not one picture is in it.
        UsageError: it has no such split.
    """
    import numpy as np

    about = about_of.read(folder)
    train, test = about.train, about.test
    total, side = train + test, about.size
    if not total:
        reasons = ", ".join(f"{count} {reason}" for reason, count in about.report["reasons"].items())
        hint = "; ".join(["see its manifest.csv", *cures(about.report["reasons"], {})])
        raise DataError(f"{folder} holds no usable picture ({reasons}): {hint}")
    first, end = {"train": (0, train), "test": (train, total), "all": (0, total)}[split]
    if first == end:
        raise UsageError(
            f"{folder} has no split {split!r}: prepare it with --test_share 0.1, or give --set data.split=all"
        )
    labels = None
    try:
        images = np.lib.format.open_memmap(folder / "images.npy", mode="r")
        if about.class_names:
            labels = np.array(np.lib.format.open_memmap(folder / "labels.npy", mode="r"))
        changed = [name for name, known in about.sha256.items() if not is_whole(folder / name, known)]
    except (OSError, ValueError, EOFError) as error:
        raise Damaged(f"{folder} is damaged ({error}): delete it and prepare it again") from None
    if changed:
        raise Damaged(
            f"{folder / changed[0]} is not what was prepared (its checksum differs from the one in "
            f"{about_of.NAME}): delete {folder} and prepare it again"
        )
    shape = (total, side, side, about.channels)
    if images.shape != shape or images.dtype != np.uint8 or (labels is not None and labels.shape != (total,)):
        raise Damaged(
            f"{folder} is damaged (pictures of shape {images.shape}, expected {shape}): prepare it again"
        )
    labels = None if labels is None else labels[first:end]
    names, report = tuple(about.class_names), dict(about.report)
    if labels is not None:
        counts = np.bincount(labels, minlength=len(names)).tolist()
        report |= {"classes": dict(zip(names, counts, strict=True))}
    report["pictures"] = end - first
    print_of_it = fingerprint(about.sha256, about.class_names, split)
    copies = crop_copies(about.settings.get("crop", DataConfig.crop))
    return Store.of_pictures(
        images[first:end], labels, names, fingerprint=print_of_it, report=report, copies=copies
    )


def load(config: DataConfig, size: int, channels: int, progress: bool) -> Store:
    """The prepared folder that `config.source` is; refuses what it was not prepared for.

    Pictures that are larger than asked for are made smaller, coloured ones grey, and that is said.
    """
    folder = Path(config.source)
    about = about_of.read(folder)
    if size > about.size or channels > about.channels:
        more = f" ({config.random_crop} of them for data.random_crop)" if config.random_crop else ""
        raise UsageError(
            f"{folder} holds pictures of size {about.size}, {about.channels} channels; asked for are "
            f"size {size}{more}, {channels} channels: prepare again with --size {size} --channels {channels}"
        )
    _refuse_other_settings(folder, config, about.settings)
    store = open_store(folder, config.split)
    if (about.size, about.channels) == (size, channels):
        return store
    return _smaller(store, size, channels, progress)


def _smaller(store: Store, size: int, channels: int, progress: bool) -> Store:
    """The same pictures at a smaller size, or grey; held in memory, not mapped."""
    from ganzoo.data.arrays import fitted

    side = store.images.shape[1]
    if progress and size != side:
        print(f"data: {len(store):,} prepared pictures of {side}x{side} are brought to {size}x{size}")
    images = fitted(store.images, size, channels, DataConfig.crop)
    notes = {f"resized from {side}x{side}": len(store)} if size != side else {}
    report = store.report | {"notes": store.report.get("notes", {}) | notes}
    print_of_it = fingerprint(store.fingerprint, size, channels)
    return Store.of_pictures(
        images, store.labels, store.class_names, fingerprint=print_of_it, report=report, copies=store.copies
    )


def _refuse_other_settings(folder: Path, config: DataConfig, settings: dict) -> None:
    """Raises UsageError, naming all that differs, where something else is asked for than was prepared."""
    default = DataConfig()
    asked = {key: getattr(config, key) for key in STORED if getattr(config, key) != getattr(default, key)}
    had = {key: settings.get(key, getattr(default, key)) for key in asked}
    wrong = [key for key in asked if asked[key] != had[key]]
    if not wrong:
        return
    differs = ", ".join(f"{key} = {had[key]!r}, not {asked[key]!r}" for key in wrong)
    again = " ".join(f"--{key}" if asked[key] is True else f"--{key} {asked[key]}" for key in wrong)
    as_it_is = " ".join(f"--set data.{key}={_toml(had[key])}" for key in wrong if had[key] is not None)
    way = f", or take it as it is: {as_it_is}" if all(had[key] is not None for key in wrong) else ""
    raise UsageError(f"{folder} was prepared with {differs}: prepare again with {again}{way}")


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
