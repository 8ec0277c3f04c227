"""`tfds:NAME`: a set of TensorFlow Datasets that is on this machine, cleaned like any other source."""

import hashlib
from collections.abc import Callable, Iterator

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data.data_config import DataConfig
from ganzoo.data.listing import Entry


def entries(config: DataConfig) -> tuple[list[Entry], Callable[[Entry], str] | None]:
    """One entry for each example of the set's splits, and the function that knows their labels.

    An example is called by split and number: their order on disk never changes.

    Raises:
        DataError: the set is not there (nothing is downloaded), or has no pictures.
        UsageError: a label that it has not.
    """
    builder = _builder(config)
    feature, known = _features(builder, config)
    stamp = f"{builder.info.full_name}"
    found = [
        Entry(f"{split}/{number:07d}", split, number, stamp=stamp)
        for split in sorted(builder.info.splits, key=lambda name: (name != "train", name))
        for number in range(builder.info.splits[split].num_examples)
    ]
    if not found:
        raise DataError(f"{config.source} holds no example")
    if feature is None:
        return found, None
    return found, _labeller(builder, feature, known, config)


def _labeller(builder, feature: str, known: list[str] | None, config: DataConfig) -> Callable[[Entry], str]:
    labels: dict[str, list] = {}

    def label(entry: Entry) -> str:
        if entry.file not in labels:  # all labels of a split at once, without decoding pictures
            data = builder.as_dataset(split=entry.file, decoders=_undecoded(builder))
            labels[entry.file] = [
                example[feature] for example in data.map(lambda e: {feature: e[feature]}).as_numpy_iterator()
            ]
        value = labels[entry.file][entry.member]
        if known is not None:
            return known[int(value)]
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)

    return label


def run(config: DataConfig, jobs: Iterator[dict], done: Callable[[dict, int], None]) -> None:
    """Does in this process what `ganzoo.data.pool` has workers do: TFDS reads in one order only."""
    from pathlib import Path

    from ganzoo.data import chunks
    from ganzoo.data.cleaning import Rules, clean

    builder = _builder(config)
    key = next(name for name, kind in builder.info.features.items() if type(kind).__name__ == "Image")
    reader, place = None, ("", 0)
    for job in jobs:
        rules, records, images = Rules(**job["rules"]), [], []
        for fields in job["entries"]:
            entry = Entry(*fields)
            if reader is None or place != (entry.file, entry.member):
                data = builder.as_dataset(split=entry.file, decoders=_undecoded(builder)).skip(entry.member)
                reader = data.map(lambda example: example[key]).as_numpy_iterator()
            content = next(reader)
            place = (entry.file, entry.member + 1)
            sha256 = hashlib.sha256(content).hexdigest()
            verdict = clean(content, "", rules, key=int(sha256[:16], 16))
            if verdict.accepted:
                verdict.reason = ""  # examples have no name that could be wrong
            records.append(chunks.record(verdict, sha256))
            if verdict.images is not None:
                images.append(verdict.images)
        chunks.write(chunks.path_of(Path(job["folder"]), job["number"]), records, images)
        done(job, sum(not record.accepted for record in records))


def _builder(config: DataConfig):
    import tensorflow_datasets as tfds

    name = config.source.removeprefix("tfds:")
    try:
        builder = tfds.builder(name)
    except tfds.core.DatasetNotFoundError as error:
        first = str(error).strip().splitlines()[0]
        raise DataError(
            f"{config.source} is unknown to TensorFlow Datasets ({first}): see tfds.list_builders()"
        ) from None
    except (ValueError, KeyError, TypeError, RuntimeError) as error:
        raise DataError(f"{config.source} cannot be opened: {' '.join(str(error).split())[:200]}") from None
    # Looked up, not tried: asking for a set that is not here makes TFDS try the network for minutes.
    if not builder.is_prepared():
        raise DataError(
            f"{config.source} is not in {builder.data_dir}: prepare it with TensorFlow Datasets first, "
            f"tfds.builder({name!r}).download_and_prepare()"
        )
    return builder


def _features(builder, config: DataConfig) -> tuple[str | None, list[str] | None]:
    """Which feature is the label (None: there is none), and the names of its classes if it has any."""
    features = builder.info.features
    kinds = (
        {name: type(kind).__name__ for name, kind in features.items()} if hasattr(features, "items") else {}
    )
    if "Image" not in kinds.values():
        raise DataError(
            f"{config.source} has the features {', '.join(kinds) or features}: expected one that is an Image"
        )
    name = config.label or next((name for name, kind in kinds.items() if kind == "ClassLabel"), None)
    if name is None:
        return None, None
    if kinds.get(name) not in ("ClassLabel", "Text", "Tensor", "Scalar"):
        fit = next((name for name, kind in kinds.items() if kind == "ClassLabel"), "NAME")
        raise UsageError(
            f"data.label is {name!r}: {config.source} has {', '.join(kinds)}; give --set data.label={fit} "
            f"(ganzoo-prepare --label {fit})"
        )
    return name, features[name].names if kinds[name] == "ClassLabel" else None


def _undecoded(builder) -> dict:
    import tensorflow_datasets as tfds

    kinds = builder.info.features.items()
    return {name: tfds.decode.SkipDecoding() for name, kind in kinds if type(kind).__name__ == "Image"}
