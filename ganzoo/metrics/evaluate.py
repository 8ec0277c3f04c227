"""`evaluate`: real pictures against generated ones, every number with its floor beside it."""

import functools
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.base.lazy import keras, tf
from ganzoo.metrics.classifier import train_classifier
from ganzoo.metrics.doubts import mark_copies
from ganzoo.metrics.extract import extract
from ganzoo.metrics.measures import DEFAULT, MEASURES
from ganzoo.metrics.remembered import remembering
from ganzoo.metrics.report import Report, Row
from ganzoo.metrics.spaces import feature_space
from ganzoo.metrics.subsets import Sample, arrange, sample_of, ungrouped


def evaluate(
    real: np.ndarray | Iterable[np.ndarray] | Sample,
    fake: np.ndarray | Iterable[np.ndarray] | Sample,
    *,
    features: Any = "mobilenet",
    measures: Sequence[str] = DEFAULT,
    num: int = 10_000,
    seed: int = 0,
    labels: np.ndarray | None = None,
    fake_labels: np.ndarray | None = None,
    class_names: Sequence[str] = (),
    held_out: np.ndarray | Iterable[np.ndarray] | Sample | None = None,
    groups: np.ndarray | None = None,
    fake_groups: np.ndarray | None = None,
    held_out_groups: np.ndarray | None = None,
    cache_dir: str | None = None,
    watch: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Report:
    """Compares generated with real pictures: uint8 `(num, height, width, channels)` or iterators of batches.

    `features` names a space, or is a Keras model or a `FeatureSpace`; `measures` are names of `MEASURES`.
    Up to `num` pictures a side are used (of arrays a random subset by `seed`, of iterators the first, for
    they may be endless: shuffle a sorted one), and up to 2 `num` reals for the floor. `labels` of the reals
    let a classifier count modes, `fake_labels`, those asked for, its agreement with the fakes, and notes call
    classes by `class_names`; `held_out` are real pictures the generator never saw. A `Sample` (see
    `sample_of`) stands for a set whose features are
    known already. `groups` `(num,)` number the reals that are cut from one picture, `held_out_groups` those
    of `held_out`, `fake_groups` those of `fake` where real pictures stand in for generated ones, which are
    otherwise independent: every measure then counts the pictures they are cut from, see `metrics.groups`.
    Features of a real array in a named space are kept in `cache_dir` (default: the user's cache) by content.
    `watch(stage, done, total)` hears how far it is.
    A measure that cannot be taken (too few samples, pictures too small) has a row whose value is None and
    whose note says why. Raises UsageError for unknown names, DataError for unusable pictures.
    """
    wanted = [(name, MEASURES[name]) for name in measures]  # a misspelt name fails before the long work
    if num < 2:
        raise UsageError(f"num is {num}; at least 2 pictures a side are needed")
    seconds: dict[str, float] = {}
    classifier = None
    if labels is not None:
        classifier = timed(
            seconds,
            "classifier",
            lambda: train_classifier(pictures_of(real), labels, groups=groups, cache_dir=cache_dir),
        )
    if isinstance(features, str) and features == "classifier":
        if classifier is None:
            raise UsageError("the feature space classifier needs labels=... of the real pictures")
        space = classifier.space()
    else:
        space = feature_space(features)
    known = remembering(cache_dir) if isinstance(features, str) else extract

    def sample(source, count, labels, what, **more) -> Sample:
        stage = f"features of {what}"
        heard = functools.partial(watch, stage)
        work = functools.partial(sample_of, source, space, count, seed, labels, what, watch=heard, **more)
        return timed(seconds, stage, work)

    reals = sample(real, 2 * num, labels, "real pictures", groups=groups, extract=known)
    fakes = sample(fake, num, fake_labels, "generated pictures", groups=fake_groups)
    if reals.images.shape[1:] != fakes.images.shape[1:]:
        raise DataError(
            f"real pictures are {reals.images.shape[1:]}, generated ones {fakes.images.shape[1:]}: bring "
            "both to one size and number of channels, for resizing only one of them shows in every score"
        )
    if min(len(reals), len(fakes)) < 2:
        raise DataError(
            f"{len(reals)} real and {len(fakes)} generated pictures were given; at least 2 of each are needed"
        )
    held = None
    if held_out is not None:
        held = sample(held_out, num, None, "held-out pictures", groups=held_out_groups, extract=known)
        held = ungrouped(held)
    evaluation = arrange(space, reals, fakes, seed)
    evaluation.held_out, evaluation.classifier = held, classifier
    evaluation.class_names = tuple(class_names)
    report = Report(
        features=space.name,
        checksum=space.checksum,
        resize=space.resize,
        seed=seed,
        num_real=len(evaluation.real),
        num_fake=len(evaluation.fake),
        num_groups=None if evaluation.real.groups is None else evaluation.real.num_groups,
        image_shape=tuple(int(side) for side in fakes.images.shape[1:]),
        seconds=seconds,
        versions={"keras": keras.__version__, "tensorflow": tf.__version__, "numpy": np.__version__},
    )
    for done, (name, measure) in enumerate(wanted):
        watch(f"measures: {name}", done, len(wanted))
        try:
            report.rows += timed(seconds, name, lambda measure=measure: measure(evaluation))
        except GanzooError as problem:
            report.rows.append(Row(name, None, note=f"not measured: {problem}"))
    mark_copies(report.rows)
    return report


def pictures_of(real) -> np.ndarray:
    """The reals as an array, which training a classifier needs."""
    if isinstance(real, Sample):
        return real.images
    if isinstance(real, np.ndarray):
        return real
    raise UsageError("labels need the real pictures as one array, an iterator was given: load them first")


def timed(seconds: dict[str, float], name: str, work) -> Any:
    """The result of `work`, its time in `seconds`."""
    start = time.perf_counter()
    try:
        return work()
    finally:
        seconds[name] = round(time.perf_counter() - start, 3)
