"""A run against the pictures it learned from: what `ganzoo-evaluate` does."""

import dataclasses
import json
import platform
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo import data, weights
from ganzoo.base.errors import GanzooError, UsageError
from ganzoo.base.version import __version__
from ganzoo.bounds import bound_rows
from ganzoo.config import Config
from ganzoo.data.drawn import inputs_like
from ganzoo.data.sources import is_embedded
from ganzoo.disk.files import built
from ganzoo.disk.sums import short_sum
from ganzoo.family import picture_shape
from ganzoo.kinds.classes import in_classes_of
from ganzoo.metrics import evaluate, feature_space, neighbour_sheet
from ganzoo.metrics.extract import extract
from ganzoo.metrics.measures import DEFAULT, LABELS, needs_of
from ganzoo.metrics.neighbours import nearest
from ganzoo.metrics.remembered import remembering
from ganzoo.metrics.report import Report, without_nan
from ganzoo.pictures.layout import for_eyes, to_uint8
from ganzoo.pictures.png import png
from ganzoo.training.trained import find
from ganzoo.weights.places import without_places

CHUNK = 256  # pictures made at a time
NUM_NEIGHBOURS, SHEET_ROWS = 6, 10


@dataclass
class RunReport:
    """An evaluation of a run: the numbers, a sheet to look at, and what they are of.

    Attributes:
        report: the numbers.
        sheet: samples, each beside the training pictures nearest to it.
        images_seen: how far the run had come; None of pictures of any origin.
        of: all that decides the numbers: run, state, weights, recipe, data, measures, N, seed, versions.
    """

    report: Report
    sheet: np.ndarray
    images_seen: int | None
    of: dict[str, Any]

    @property
    def name(self) -> str:
        """For its files: the same for the same evaluation, another one for anything else."""
        state = "pictures" if self.images_seen is None else f"images-{self.images_seen:012d}"
        return f"{state}-{self.report.features}-{short_sum(self.of)}"

    def to_json(self) -> str:
        """The report as JSON, with what it is of."""
        return json.dumps(without_nan({"of": self.of, **dataclasses.asdict(self.report)}), indent=2)


def evaluate_run(
    run: str | Path,
    *,
    checkpoint: str | int = "best",
    source: str | None = None,
    features: Any = "mobilenet",
    measures: Sequence[str] | None = None,
    num: int = 10_000,
    seed: int = 0,
    keep: Path | None = None,
    watch: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> RunReport:
    """Scores the pictures of a run against those it learned from.

    A conditional model is asked for classes in the real pictures' proportions, and its classes are
    the data's of the same name, whatever their order.

    Args:
        run: a run directory, a folder of weights, or weights by name.
        checkpoint: "best", "last" or images seen, as for `ganzoo.load`.
        source: other real pictures than the run's own, as `--data` takes them.
        features: a name out of `ganzoo.metrics.SPACES`, or a feature space.
        measures: names out of `ganzoo.metrics.MEASURES`; default those that fit the data:
            memorisation where there are held-out pictures, classes where there are labels.
        num: generated pictures, and real ones if there are as many.
        seed: of the samples and every random choice.
        keep: a new folder for the pictures as they were scored: `generated/` and `real/`, PNGs.
        watch: called with (stage, done, of how many) as it goes.

    Raises:
        RunError: no run, or no such checkpoint. DataError: no data, or of other classes than the model's.
        UsageError: a wrong name; weights, which keep no place of their pictures, without `source`.
    """
    trained = find(run)
    config = trained.config
    if trained.is_weights and len(config.data.sources) > 1:
        raise UsageError(
            f"{run} learned from two sides of data, and weights do not say where they are; evaluate the run "
            "that they are of, or a run that begins with them"
        )
    if source is not None and len(config.data.sources) > 1:
        raise UsageError(
            f"{run} learned from two sides of data, so one folder is not enough; leave --data out"
        )
    if source is None and trained.is_weights and not all(map(is_embedded, config.data.sources)):
        raise UsageError(
            f"{run} does not say where the pictures are that it learned from; give them as --data"
        )
    store, held_out = real_pictures(config, source)
    gan = trained.load(checkpoint)
    given = inputs_like(config.family, store, num, seed)
    labels = given.get("label")
    if measures is None:
        measures = default_measures(held_out is not None, labels is not None)
    fakes = np.concatenate(
        list(samples(gan, num, seed, given, lambda done, total: watch("samples", done, total)))
    )
    reals = np.asarray(store.images)
    if keep is not None:
        keep_pictures(keep, {"generated": fakes, "real": reals})
    report = evaluate(
        reals,
        fakes,
        features=features,
        measures=measures,
        num=num,
        seed=seed,
        labels=store.labels if needs_labels(measures, features) else None,
        fake_labels=labels,
        class_names=store.class_names,
        held_out=None if held_out is None else np.asarray(held_out.images),
        held_out_groups=None if held_out is None else held_out.groups,
        groups=store.groups,
        watch=watch,
    )
    unseen = reals if held_out is None else np.asarray(held_out.images)
    report.rows += bound_rows(gan, unseen, held_out is not None, seed, lambda *at: watch("the bound", *at))
    seen = int(gan.images_seen.numpy())
    of = {
        "run": name_of(run),
        "checkpoint": str(checkpoint),
        "images_seen": seen,
        "generator": gan.fingerprint,
        "recipe": without_places(config).tables(),
        "data": about_data(config, source, store, held_out),
        "measures": list(measures),
        "num": num,
        "seed": seed,
        "features": [report.features, report.checksum, report.resize],
        "versions": {"ganzoo": __version__, "python": platform.python_version(), **report.versions},
    }
    return RunReport(report, nearest_sheet(fakes[:SHEET_ROWS], reals), seen, of)


def name_of(run: str | Path) -> str:
    """What a run or weights are called: a name of the package's, or the folder's own."""
    return str(run) if str(run) in weights.list_weights() else weights.find(run).resolve().name


def about_data(config: Config, source: str | None, store: data.Store, held_out: data.Store | None) -> dict:
    """Which pictures an evaluation is against."""
    return {
        "source": " and ".join(config.data.sources) if source is None else str(source),
        "split": config.data.split,
        "pictures": len(store),
        "of_one_picture": store.copies,
        "classes": list(store.class_names),
        "fingerprint": store.fingerprint,
        "held_out": None if held_out is None else held_out.fingerprint,
    }


def default_measures(held_out: bool, conditional: bool) -> tuple[str, ...]:
    """The measures that the data and the model allow; those of classes only where the model knows them."""
    return (*DEFAULT, *("memorisation",) * held_out, *("modes", "agreement") * conditional)


def needs_labels(measures: Sequence[str], features: str) -> bool:
    """Whether a classifier has to be trained on the real pictures."""
    return features == "classifier" or any(LABELS in needs_of(name) for name in measures)


def real_pictures(config: Config, source: str | None = None) -> tuple[data.Store, data.Store | None]:
    """The pictures a run learned from, unvaried, and held-out ones where the source has them.

    Labels are the model's numbers. Raises DataError if the classes are not the model's.
    """
    family = config.family
    picture_shape(family)
    plain, own = config.data.plain(), source in (None, config.data.source)
    if source is not None:
        plain = dataclasses.replace(plain, source=source)
    store = in_classes_of(family, data.load_columns(plain, family.columns), numbers_will_do=own)
    try:
        held_out = data.load_columns(plain.plain("test"), family.columns) if plain.split == "train" else None
    except GanzooError:
        held_out = None  # most folders hold nothing back; the report then has no row of it
    return store, held_out


def samples(gan, num: int, seed: int, given: dict[str, np.ndarray], watch) -> Iterator[np.ndarray]:
    """uint8 batches of `num` pictures in all, of the inputs `given`, one for each."""
    for start in range(0, num, CHUNK):
        count = min(CHUNK, num - start)
        asked = {name: values[start : start + count] for name, values in given.items()}
        made = gan.sample(count, seed + start // CHUNK * 100_003, **asked)
        yield to_uint8(gan.family.output.as_pictures(made))
        watch(start + count, num)


def keep_pictures(folder: Path, sets: dict[str, np.ndarray]) -> None:
    """Writes sets of uint8 pictures as PNGs, for programs of others: `folder/NAME/000000.png`, ...

    Raises UsageError if the folder is there already, RunError if it cannot be written.
    """
    if folder.exists():
        raise UsageError(f"{folder} exists already; give a new folder")
    if not folder.parent.is_dir():
        raise UsageError(f"there is no folder {folder.parent}; make it first")
    with built(folder, durable=False) as new:
        for name, pictures in sets.items():
            (new / name).mkdir(parents=True)
            for number, picture in enumerate(pictures):
                (new / name / f"{number:06d}.png").write_bytes(png(picture))


def nearest_sheet(fakes: np.ndarray, reals: np.ndarray) -> np.ndarray:
    """Samples, each beside the real pictures nearest to it in MobileNet's features (kept by content)."""
    space = feature_space("mobilenet")
    known = remembering()(reals, space)
    _, rows = nearest(extract(fakes, space), known, k=min(NUM_NEIGHBOURS, len(reals)))
    return for_eyes(neighbour_sheet(fakes, reals, rows))
