"""From a recipe to the columns that a family learns: one set, two sides, captions beside pictures."""

import dataclasses
from collections.abc import Mapping
from pathlib import Path

from ganzoo.base.errors import UsageError
from ganzoo.data.data_config import DataConfig
from ganzoo.data.load import load
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
    if config.has_sides:  # imported where it is needed: a mistake is answered before NumPy is there
        from ganzoo.data.sides import load_sides

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
    if config.caption is not None:
        raise UsageError(
            f"data.caption is {config.caption!r}, but this model learns {' and '.join(columns)}, no "
            "sentences; leave it out"
        )
    return load(config, kind.height, kind.channels, progress)


def _captioned(
    config: DataConfig, picture: Picture, sentences: Mapping[str, Sentence], progress: bool
) -> Store:
    """Pictures with their captions, each sentence of a family one of them."""
    from ganzoo.data.captions import captions_of, column_of
    from ganzoo.data.row_names import named

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
