"""From the words of a recipe to a store of pictures."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from ganzoo.base.errors import UsageError
from ganzoo.data.data_config import DataConfig
from ganzoo.data.sources import check
from ganzoo.data.store import Sides, Store, fingerprint
from ganzoo.kinds import Kind, LabelMap, Picture, Sentence


def load_columns(config: DataConfig, columns: Mapping[str, Kind], progress: bool = True) -> Store | Sides:
    """The examples that `config` names, with the columns that a family learns.

    Args:
        config: the `[data]` table.
        columns: of the family.
        progress: whether to show what takes long.

    Raises:
        UsageError: a source, split, label or size that makes no sense, or that has not these columns.
        DataError: a source that is missing, empty, unreadable or does not fit.
    """
    from ganzoo.data.sides import load_sides

    if config.has_sides:
        return load_sides(config, columns, progress)
    pictures = {name: kind for name, kind in columns.items() if isinstance(kind, Picture | LabelMap)}
    if len(pictures) > 1:
        raise UsageError(
            f"this model learns from {' and '.join(pictures)}, which is two sides of data: give each a "
            "source (--set data.a.source=... --set data.b.source=...), or data.join = side_by_side"
        )
    (kind,) = pictures.values()
    sentences = {name: kind for name, kind in columns.items() if isinstance(kind, Sentence)}
    if sentences:
        return _captioned(config, kind, sentences, progress)
    return load(config, kind.height, kind.channels, progress)


def _captioned(
    config: DataConfig, picture: Picture, sentences: Mapping[str, Sentence], progress: bool
) -> Store:
    """Pictures with their captions, each sentence of a family one of them."""
    from ganzoo.data.captions import captions_of, column_of
    from ganzoo.data.named import named

    found = named(config, picture, progress)
    texts, told = captions_of(Path(config.source), found.names, config.caption)
    store, columns, kinds = found.store, {}, {}
    for name, kind in sentences.items():
        columns[name], kinds[name] = column_of(texts, kind)
    return dataclasses.replace(
        store,
        columns={**store.columns, **columns},
        kinds={**store.kinds, **kinds},
        fingerprint=fingerprint(store.fingerprint, texts),
        report={**store.report, "told": [*store.report.get("told", []), told]},
    )


def load(config: DataConfig, image_size: int, channels: int = 3, progress: bool = True) -> Store:
    """The pictures that `config` names, ready to be streamed.

    Args:
        config: the `[data]` table.
        image_size: side of the square pictures that training sees.
        channels: 3, or 1 for grey.
        progress: whether to show what takes long.

    Returns:
        A store of pictures `(num, side, side, channels)` with side = image_size + config.random_crop.

    Raises:
        UsageError: a source, split, label or size that makes no sense.
        DataError: a source that is missing, empty, unreadable or does not fit.
    """
    if image_size < 1 or channels not in (1, 3):
        raise UsageError(
            f"pictures of size {image_size}, {channels} channels: expected a size above 0, 1 or 3 channels"
        )
    kind = check(config)
    size = image_size + config.random_crop
    if kind == "paintings":
        from ganzoo.data import paintings

        return paintings.load(config, size, channels)
    if kind == "arrays":
        from ganzoo.data import arrays

        return arrays.load(config, size, channels, progress)
    from ganzoo.data import cached, prepared

    if kind == "prepared":
        return prepared.load(config, size, channels)
    return cached.cached(config, size, channels, progress)
