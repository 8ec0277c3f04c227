"""A run against the pictures it learned from: what `ganzoo-evaluate` does."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganzoo import data
from ganzoo.config import Config
from ganzoo.errors import GanzooError
from ganzoo.layout import to_uint8
from ganzoo.metrics import evaluate, feature_space, neighbour_sheet
from ganzoo.metrics.extract import extract
from ganzoo.metrics.measures import DEFAULT
from ganzoo.metrics.neighbours import nearest
from ganzoo.metrics.remembered import remembering
from ganzoo.metrics.report import Report
from ganzoo.training import runs

CHUNK = 256  # pictures made at a time
NUM_NEIGHBOURS, SHEET_ROWS = 6, 10


@dataclass
class RunReport:
    """An evaluation of a run: the numbers and a sheet to look at."""

    report: Report
    sheet: np.ndarray  # samples, each beside the training pictures nearest to it
    images_seen: int


def evaluate_run(
    run: str | Path,
    *,
    checkpoint: str | int = "best",
    source: str | None = None,
    features: str = "mobilenet",
    measures: Sequence[str] | None = None,
    num: int = 10_000,
    seed: int = 0,
    watch: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> RunReport:
    """Scores the pictures of a run against those it learned from.

    Args:
        run: the run directory.
        checkpoint: "best", "last" or images seen, as for `ganzoo.load`.
        source: other real pictures than the run's own, as `--data` takes them.
        features: a name out of `ganzoo.metrics.SPACES`.
        measures: names out of `ganzoo.metrics.MEASURES`; default those that fit the data:
            memorisation where there are held-out pictures, classes where there are labels.
        num: generated pictures, and real ones if there are as many.
        seed: of the samples and every random choice.
        watch: called with (stage, done, of how many) as it goes.

    Raises:
        RunError: no run, or no such checkpoint. DataError: no data. UsageError: a wrong name.
    """
    config = runs.config_of(run)
    store, held_out = real_pictures(config, source)
    gan = runs.load(run, checkpoint)
    classes = config.family.num_classes if store.labels is not None else None
    labels = None if classes is None else np.random.default_rng(seed).integers(0, classes, num, np.int32)
    if measures is None:
        measures = default_measures(held_out is not None, labels is not None)
    fakes = np.concatenate(
        list(samples(gan, num, seed, labels, lambda done, total: watch("samples", done, total)))
    )
    reals = np.asarray(store.images)
    report = evaluate(
        reals,
        fakes,
        features=features,
        measures=measures,
        num=num,
        seed=seed,
        labels=store.labels if needs_labels(measures, features) else None,
        fake_labels=labels,
        held_out=held_out,
        groups=store.groups,
        held_out_groups=None if held_out is None else np.arange(len(held_out)) // store.copies,
        watch=watch,
    )
    return RunReport(report, nearest_sheet(fakes[:SHEET_ROWS], reals), int(gan.images_seen.numpy()))


def default_measures(held_out: bool, conditional: bool) -> tuple[str, ...]:
    """The measures that the data and the model allow; those of classes only where the model knows them."""
    return (*DEFAULT, *("memorisation",) * held_out, *("modes", "agreement") * conditional)


def needs_labels(measures: Sequence[str], features: str) -> bool:
    """Whether a classifier has to be trained on the real pictures."""
    return features == "classifier" or bool({"modes", "agreement", "per_class"} & set(measures))


def real_pictures(config: Config, source: str | None = None) -> tuple[data.Store, np.ndarray | None]:
    """The pictures a run learned from, unvaried, and held-out ones where the source has them."""
    size, _, channels = config.family.batch_spec["image"]
    plain = config.data.plain()
    if source is not None:
        plain = dataclasses.replace(plain, source=source)
    store = data.load(plain, size, channels)
    try:
        held_out = data.load(plain.plain("test"), size, channels).images if plain.split == "train" else None
    except GanzooError:
        held_out = None  # most folders hold nothing back; the report then has no row of it
    return store, None if held_out is None else np.asarray(held_out)


def samples(gan, num: int, seed: int, labels: np.ndarray | None, watch) -> Iterator[np.ndarray]:
    """uint8 batches of `num` pictures in all."""
    for start in range(0, num, CHUNK):
        count = min(CHUNK, num - start)
        asked = None if labels is None else labels[start : start + count]
        yield to_uint8(gan.sample(count, seed + start // CHUNK * 100_003, labels=asked))
        watch(start + count, num)


def nearest_sheet(fakes: np.ndarray, reals: np.ndarray) -> np.ndarray:
    """Samples, each beside the real pictures nearest to it in MobileNet's features (kept by content)."""
    space = feature_space("mobilenet")
    known = remembering()(reals, space)
    _, rows = nearest(extract(fakes, space), known, k=min(NUM_NEIGHBOURS, len(reals)))
    return neighbour_sheet(fakes, reals, rows)
