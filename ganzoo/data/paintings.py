"""The embedded paintings: small enough to be cleaned anew at each start (a quarter of a second)."""

import json
from importlib import resources

from ganzoo.base.errors import unknown
from ganzoo.data.data_config import DataConfig, crop_copies, stored_settings
from ganzoo.data.label_columns import century, fold
from ganzoo.data.store import Store, fingerprint

HELD_OUT = 5  # in order of object id, every fifth picture is held out


def load(config: DataConfig, size: int, channels: int) -> Store:
    """The Met's paintings: 134 of split train, 34 held out as split test, labelled by century.

    Raises:
        UsageError: `config.label` is no column of their metadata.
    """
    import numpy as np

    from ganzoo.data.cleaning import Rules, clean

    folder = resources.files("ganzoo.data.met_paintings")
    records = json.loads(folder.joinpath("metadata.json").read_text(encoding="utf-8"))
    records.sort(key=lambda record: record["object_id"])
    names, classes, folded = fold([_label(record, config.label or "century") for record in records], config)
    held_out = [number % HELD_OUT == 0 for number in range(len(records))]
    chosen = [
        i for i, test in enumerate(held_out) if config.split == "all" or test == (config.split == "test")
    ]
    # They are 128 pixels small: larger models get them enlarged rather than not at all.
    rules = Rules(size, channels, config.crop, upscale=True)
    images, labels = [], []
    for i in chosen:
        data = folder.joinpath(records[i]["file"]).read_bytes()
        copies = clean(data, records[i]["file"], rules, key=records[i]["object_id"]).images
        images.append(copies)
        labels += [classes[i]] * len(copies)
    images, labels = np.concatenate(images), np.array(labels, np.int32)
    report = {"found": len(chosen), "accepted": len(chosen), "rejected": 0, "reasons": {}, "notes": {}}
    report |= {"pictures": len(images), "folded": folded}
    report["classes"] = {name: int((labels == i).sum()) for i, name in enumerate(names)}
    settings = stored_settings(config) | {"split": config.split}
    print_of_it = fingerprint(images, labels, list(names), settings)
    return Store.of_pictures(
        images, labels, names, fingerprint=print_of_it, report=report, copies=crop_copies(config.crop)
    )


def _label(record: dict, label: str) -> str:
    if label == "century":
        return century(f"{(record['begin_year'] + record['end_year']) // 2}")
    columns = [key for key, value in record.items() if isinstance(value, str)]
    if label not in columns:
        raise unknown("label of the paintings", label, ["century", *columns])
    return record[label]
