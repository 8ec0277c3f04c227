"""Classes for a model that is told them: where the recipe names none that this source has, its folders."""

import dataclasses
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ganzoo.base.errors import DataError
from ganzoo.base.printable import printable
from ganzoo.data import about
from ganzoo.data.data_config import DataConfig
from ganzoo.data.hidden import has_picture_ending
from ganzoo.data.sources import check

_OF_THE_PAINTINGS = "century"  # what the recipes ask of the embedded paintings; few other sources know it
_SHOWN = 8  # classes that are named


def with_classes(config: DataConfig, say: Callable[[str], None]) -> DataConfig:
    """The config of pictures that have to have classes, with `label` filled in where it can be known.

    A label that somebody chose is left alone. Where there is none, or the paintings' own on a source
    without a table, a folder or zip of class folders is labelled by them, a prepared folder by what it was
    prepared with, and an .npz by its own array.

    Args:
        config: the `[data]` table.
        say: is told what was taken for the classes.
    """
    if config.label not in (None, _OF_THE_PAINTINGS):
        return config
    kind = check(config)
    if kind == "arrays":
        return dataclasses.replace(config, label=None)
    if kind == "prepared" and config.label is not None:
        settings = about.read(Path(config.source)).settings
        own = {key: settings[key] for key in ("label", "min_per_class", "top_classes") if key in settings}
        if not own.get("label"):
            raise DataError(
                f"{printable(config.source)} was prepared without labels, which this model needs: "
                "prepare it again with --label folder, --labels_csv FILE --label COLUMN, or train the dcgan"
            )
        return dataclasses.replace(config, **own)
    return _by_folders(config, say) if kind == "raw" else config


def _by_folders(config: DataConfig, say: Callable[[str], None]) -> DataConfig:
    from ganzoo.data.listing import listing
    from ganzoo.data.tables import folder_label

    found = listing(config)
    if config.label is not None and found.table is not None:
        return config
    pictures = [entry for entry in found.entries if not entry.reason and has_picture_ending(entry.path)]
    counts = Counter(filter(None, map(folder_label, pictures)))
    if len(counts) < 2 and config.label is None:
        return config
    if len(counts) < 2:  # the recipe's label is of other data
        raise DataError(
            f"{printable(config.source)} has no labels, which this model is trained on: put the "
            "pictures of each class into a folder of their own, give a table (--set data.labels_csv=FILE "
            "--set data.label=COLUMN), or train the dcgan"
        )
    shown = ", ".join(f"{printable(name)} ({count:,})" for name, count in sorted(counts.items())[:_SHOWN])
    more = f" and {len(counts) - _SHOWN:,} more" if len(counts) > _SHOWN else ""
    say(f"data: the folders of {printable(config.source)} are taken for its classes: {shown}{more}")
    large = sum(count >= config.min_per_class for count in counts.values())
    least = config.min_per_class
    if large < 2 and least:
        say(f"data: data.min_per_class is taken as 0: {least} would fold all of them into one")
        least = 0
    return dataclasses.replace(config, label="folder", min_per_class=least)
