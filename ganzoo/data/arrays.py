"""Pictures that are arrays already: an `.npz` of `image` (and `label`), or of `x_train`, `y_train`, ..."""

from pathlib import Path

from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.data import named
from ganzoo.data.array_checks import checked_images, label_list
from ganzoo.data.data_config import CENTER, CROPS, DataConfig
from ganzoo.data.label_columns import fold
from ganzoo.data.store import Store, fingerprint
from ganzoo.disk import regular


def load(config: DataConfig, size: int, channels: int, progress: bool) -> Store:
    """Arrays uint8 `(num, height, width)` or `(num, height, width, 1 or 3)`, brought to the asked size.

    Smaller pictures are enlarged (MNIST's 28 pixels to 32 is the published way), and said. Labels
    are whole numbers or names, one for each picture.

    Raises:
        DataError: not an npz, no such arrays, wrong types or shapes, counts that differ.
        UsageError: a `config.label` or a split that such a file cannot have.
    """
    import numpy as np

    path = Path(config.source)
    if config.label not in (None, "label"):
        raise UsageError(
            f"data.label is {config.label!r}: an .npz has one kind of label, its array 'label' (or y_train); "
            "leave it out, or give --set data.label=label where a recipe asks for another"
        )
    try:
        if named.is_named(config.source):
            images, labels, names = _split(path, named.NAMED[config.source].arrays(), config.split)
        else:
            with regular.open_file(path) as file, np.load(file, allow_pickle=False) as arrays:
                images, labels, names = _split(path, arrays, config.split)
    except GanzooError:
        raise
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError) as error:
        raise DataError(f"{path} cannot be read as an .npz of numbers: {_said(error)}") from None
    except Exception as error:  # zipfile and zlib have errors of their own
        raise DataError(f"{path} is damaged: {error}") from None
    images = checked_images(path, images)
    report = {"found": len(images), "accepted": len(images), "rejected": 0, "reasons": {}, "notes": {}}
    report |= {"pictures": len(images), "folded": {}, "classes": {}}
    if images.shape[1:3] != (size, size):
        was = f"{images.shape[2]}x{images.shape[1]}"
        report["notes"] = {f"resized from {was}": len(images)}
        if progress:
            print(f"data: {len(images):,} pictures of {was} are brought to {size}x{size}")
    images = fitted(images, size, channels, config.crop)
    if labels is not None:
        if len(labels) != len(images):
            raise DataError(
                f"{path} holds {len(images)} pictures and {len(labels)} labels: expected one each"
            )
        names, classes, report["folded"] = fold_numbers(labels, names, config)
        labels = np.array(classes, np.int32)
        report["classes"] = {name: int((labels == i).sum()) for i, name in enumerate(names)}
    return Store.of_pictures(
        images,
        labels,
        tuple(names),
        fingerprint=fingerprint(images, [] if labels is None else labels, list(names)),
        report=report,
    )


def fold_numbers(
    labels: list, known: list, config: DataConfig
) -> tuple[tuple[str, ...], list[int], dict[str, int]]:
    """As `labels.fold`, with the classes `known` from all splits, so that numbers agree between splits."""
    everything, _, _ = fold([str(label) for label in known], config)
    names = list(everything)
    number = {name: i for i, name in enumerate(names)}
    return everything, [number.get(str(label), len(names) - 1) for label in labels], {}


def _said(error: Exception) -> str:
    if "allow_pickle" in str(error):
        return (
            "it holds Python objects, not numbers; give pictures of one size as uint8 and names as text: "
            "np.savez('x.npz', image=np.stack(images), label=np.array(labels, str))"
        )
    return str(error)


def _split(path: Path, arrays, split: str):
    import numpy as np

    keys = set(arrays)
    if {"image", "x_train"} & keys == {"image"}:
        if split == "test":
            raise UsageError(
                f"{path} has no split test: it holds one array 'image', give --set data.split=train or all"
            )
        labels = label_list(path, "label", arrays["label"]) if "label" in keys else None
        return arrays["image"], labels, labels or []
    if "x_train" not in keys:
        raise DataError(
            f"{path} holds {', '.join(sorted(keys)) or 'nothing'}: expected image (and label) or x_train; "
            "write it with np.savez('x.npz', image=images, label=labels)"
        )
    parts = {"train": ["train"], "test": ["test"], "all": ["train", "test"]}[split]
    parts = [part for part in parts if part == split or f"x_{part}" in keys]
    if f"x_{parts[-1]}" not in keys:
        raise UsageError(f"{path} has no split test: it holds no x_test, give --set data.split=train or all")
    images = np.concatenate([arrays[f"x_{part}"] for part in parts])
    if not all(f"y_{part}" in keys for part in ("train", *parts)):
        return images, None, []
    labels = {
        part: label_list(path, f"y_{part}", arrays[f"y_{part}"])
        for part in ("train", "test")
        if f"y_{part}" in keys
    }
    known = [label for part in labels.values() for label in part]
    return images, [label for part in parts for label in labels[part]], known


def fitted(images, size: int, channels: int, crop: str):
    """Pictures uint8 `(num, height, width, 1 or 3)` brought to `(num, size, size, channels)`."""
    import numpy as np

    from ganzoo.data.variation import LUMA

    if images.shape[1:3] != (size, size):
        images = _resized(images, size, crop)
    if channels == 1 and images.shape[-1] == 3:
        images = np.rint(images @ LUMA)[..., None].astype(np.uint8)
    if channels == 3 and images.shape[-1] == 1:
        images = np.repeat(images, 3, axis=-1)
    return np.ascontiguousarray(images)


def _resized(images, size: int, crop: str):
    import numpy as np
    from PIL import Image

    from ganzoo.data import cuts

    num, height, width, channels = images.shape
    crop = crop if crop in CROPS else CENTER  # random crops are of files
    flat = images[..., 0] if channels == 1 else images
    result = np.empty((num, size, size, channels), np.uint8)
    for number, picture in enumerate(flat):
        small = cuts.square(
            Image.fromarray(picture), (width, height), size, crop, "L" if channels == 1 else "RGB"
        )
        result[number] = small.reshape(size, size, channels)
    return result
