"""The measures `evaluate` knows by name: how each turns an evaluation into rows.

The plain functions are in their own files; here they meet their floors.
"""

from collections.abc import Callable

import numpy as np

from ganzoo.errors import UsageError
from ganzoo.metrics.conditional import class_agreement, per_class_distance
from ganzoo.metrics.diversity import birthday, ms_ssim
from ganzoo.metrics.frechet import frechet_distance, frechet_infinity
from ganzoo.metrics.images import need
from ganzoo.metrics.kernel import kernel_distance
from ganzoo.metrics.memory import memorisation
from ganzoo.metrics.modes import count_modes, different_bins, kmeans, stacked_labels
from ganzoo.metrics.neighbours import precision_recall
from ganzoo.metrics.report import Row
from ganzoo.metrics.sample import NEAREST_K, Evaluation, Sample, part
from ganzoo.metrics.sliced import sliced_wasserstein, sliced_wasserstein_patches, sliced_wasserstein_test
from ganzoo.registry import Registry

MEASURES: Registry[Callable[[Evaluation], list[Row]]] = Registry("measure")

DEFAULT = ("frechet", "kernel", "precision_recall", "sliced", "patches", "ms_ssim", "birthday", "bins")

# What keeps the default measures within a third of the feature extraction's time at N = 10,000.
BALLS = 5000  # pictures a side whose neighbours are sought
FEW_REALS = 1000  # pictures a side of the permutation test
PATCH_PICTURES, PATCHES_EACH, PATCH_PROJECTIONS = 500, 32, 128


def ratio_row(
    evaluation: Evaluation, name: str, distance: Callable, value: float | None = None, **more
) -> Row:
    """A biased distance with its floor and the ratio at the floor's N; `distance` takes two samples."""
    floor = distance(evaluation.half, evaluation.other) if len(evaluation.half) > 1 else None
    value = distance(evaluation.real, evaluation.fake) if value is None else value
    there, note = value, ""
    if floor is not None and not evaluation.full_floor:
        there = distance(evaluation.half, evaluation.fake_at_floor)
        note = (
            f"too few reals for a floor at N = {len(evaluation.fake)}: floor and ratio are taken at "
            f"N = {len(evaluation.half)}; {2 * len(evaluation.fake)} reals would do"
        )
    return Row(
        name,
        value,
        num=len(evaluation.fake),
        floor=floor,
        num_floor=len(evaluation.half),
        ratio=there / floor if floor else None,
        note=note,
        **more,
    )


@MEASURES.register("frechet")
def frechet(evaluation: Evaluation) -> list[Row]:
    name = f"FD-{evaluation.space.name}"
    row = ratio_row(evaluation, name, lambda a, b: frechet_distance(a.gaussian, b.gaussian))
    dim = evaluation.fake.features.shape[1]
    if len(evaluation.half) <= dim:
        row.note += "; " if row.note else ""
        row.note += (
            f"N is not above the {dim} dimensions: the covariances are singular, the distance mostly bias"
        )
    return [row]


@MEASURES.register("frechet_infinity")
def infinity(evaluation: Evaluation) -> list[Row]:
    found = frechet_infinity(evaluation.real.features, evaluation.fake.features, seed=evaluation.seed)
    return [
        Row(
            f"FD-infinity-{evaluation.space.name}",
            found.value,
            num=len(evaluation.fake),
            floor=0.0,
            z=found.value / found.standard_error,
            standard_error=found.standard_error,
            repeats=len(found.points),
        )
    ]


@MEASURES.register("kernel")
def kernel(evaluation: Evaluation) -> list[Row]:
    found = kernel_distance(evaluation.real.features, evaluation.fake.features, seed=evaluation.seed)
    return [
        Row(
            f"KID-{evaluation.space.name}",
            found.value,
            num=len(evaluation.fake),
            floor=0.0,
            z=found.z,
            standard_error=found.standard_error,
            repeats=found.blocks,
            note=f"unbiased: its floor is 0 in expectation; standard error over blocks of {found.block_size}",
        )
    ]


@MEASURES.register("precision_recall")
def precision(evaluation: Evaluation) -> list[Row]:
    # All pairs are compared, so the number is held down; value and floor always stand at the same one.
    num = min(BALLS, len(evaluation.half))
    half, other, fake = (balls(evaluation, name, num) for name in ("half", "other", "fake_at_floor"))
    found, floor = (
        precision_recall(
            half.features,
            side.features,
            nearest_k=NEAREST_K,
            real_radii=half.nearest[0][:, -1],
            fake_radii=side.nearest[0][:, -1],
        )
        for side in (fake, other)
    )
    return [
        Row(
            name,
            getattr(found, name),
            better="higher",
            num=num,
            floor=getattr(floor, name),
            num_floor=num,
            note=f"balls to the {NEAREST_K}th neighbour, among {num} pictures a side",
        )
        for name in ("precision", "recall", "density", "coverage")
    ]


def balls(evaluation: Evaluation, name: str, num: int) -> Sample:
    """The first `num` of a side; the side itself where it is no larger, for it keeps its neighbours."""
    side = getattr(evaluation, name)
    if len(side) == num:
        return side
    return evaluation.kept.setdefault((name, num), part(side, np.arange(num)))


@MEASURES.register("sliced")
def sliced(evaluation: Evaluation) -> list[Row]:
    few = slice(None, FEW_REALS)
    test = sliced_wasserstein_test(
        evaluation.real.features[few], evaluation.fake.features[few], seed=evaluation.seed
    )
    row = ratio_row(
        evaluation,
        f"SWD-{evaluation.space.name}",
        lambda a, b: sliced_wasserstein(a.features, b.features, seed=evaluation.seed),
        p_value=test.p_value,
        repeats=128,
    )
    row.note += "; " if row.note else ""
    row.note += f"p by {test.permutations} permutations of {min(FEW_REALS, row.num)} a side"
    return [row]


@MEASURES.register("patches")
def patch_distance(evaluation: Evaluation) -> list[Row]:
    num = min(
        PATCH_PICTURES, len(evaluation.half.images), len(evaluation.other.images), len(evaluation.fake.images)
    )
    if num < 2:
        raise UsageError(
            "the patch distance needs pictures of 2 reals in either half, for its floor: add data"
        )

    def distance(ours, theirs):
        return sliced_wasserstein_patches(
            ours.images[:num],
            theirs.images[:num],
            patches_per_image=PATCHES_EACH,
            projections=PATCH_PROJECTIONS,
            seed=evaluation.seed,
        )

    values, floors = distance(evaluation.half, evaluation.fake), distance(evaluation.half, evaluation.other)
    return [
        Row(
            f"SWD-patches-{level}",
            values[level],
            num=num,
            floor=floors[level],
            num_floor=num,
            ratio=values[level] / floors[level] if floors[level] else None,
            repeats=PATCH_PROJECTIONS,
            note=f"{PATCHES_EACH} patches of 7x7 a picture at that level of the pyramid; not times 1000",
        )
        for level in values
    ]


@MEASURES.register("ms_ssim")
def similarity(evaluation: Evaluation) -> list[Row]:
    fake = ms_ssim(evaluation.fake.images, seed=evaluation.seed)
    real = ms_ssim(evaluation.real.images, seed=evaluation.seed)
    error = np.hypot(fake.standard_error, real.standard_error)
    return [
        Row(
            "MS-SSIM",
            fake.value,
            better="near floor",
            num=len(evaluation.fake.images),
            floor=real.value,
            num_floor=len(evaluation.real.images),
            z=float((fake.value - real.value) / error) if error else None,
            standard_error=fake.standard_error,
            repeats=fake.pairs,
            note=f"{fake.scales} of 5 scales fit the pictures; floor: pairs of reals; above it is collapse",
        )
    ]


@MEASURES.register("birthday")
def duplicates(evaluation: Evaluation) -> list[Row]:
    quantile = 0.01
    num = min(BALLS, len(evaluation.half))
    fake, real = balls(evaluation, "fake_at_floor", num), balls(evaluation, "half", num)
    need(num, 100, "the birthday test", "pictures in either half of the reals")
    found = birthday(
        fake.features,
        real.features,
        quantile=quantile,
        fake_nearest=fake.nearest,
        real_nearest=real.nearest[0],
    )
    return [
        Row(
            "birthday duplicates",
            found.share,
            num=num,
            floor=quantile,
            num_floor=num,
            ratio=found.share / quantile,
            note=f"speaks for about {found.support:.3g} different pictures; a pair nearer than all but 1 % "
            "of the reals' nearest neighbours is a duplicate",
        )
    ]


@MEASURES.register("bins")
def bins(evaluation: Evaluation) -> list[Row]:
    count = min(100, len(evaluation.half) // 10)
    if count < 2:
        raise UsageError(
            f"NDB needs 20 pictures in either half of the reals, {len(evaluation.half)} given: add data"
        )
    # Bins of one half: its own pictures sit in them too well, which the floor shows as it is.
    centres = kmeans(evaluation.half.features, count, seed=evaluation.seed)

    def share(ours, theirs):
        return different_bins(ours.features, theirs.features, bins=count, centres=centres).share

    return [
        Row(
            "NDB/K",
            share(evaluation.half, evaluation.fake_at_floor),
            num=len(evaluation.half),
            floor=share(evaluation.half, evaluation.other),
            num_floor=len(evaluation.half),
            repeats=count,
            note=f"{count} bins of features, significance 0.05, made of the reals they are counted with",
        )
    ]


@MEASURES.register("modes")
def modes(evaluation: Evaluation) -> list[Row]:
    classifier = needed_classifier(evaluation, "counting modes")
    predicted = classifier.predict(evaluation.fake.images)
    shares = np.bincount(evaluation.real.labels, minlength=classifier.num_classes)
    found = count_modes(predicted, classifier.num_classes, shares)
    note = f"by a classifier of accuracy {classifier.accuracy:.3f} on pictures it never saw"
    return [
        Row("modes", found.modes, "higher", len(predicted), floor=int((shares > 0).sum()), note=note),
        Row("KL of modes", found.kl, "lower", len(predicted), note=note),
    ]


@MEASURES.register("stacked_modes")
def stacked(evaluation: Evaluation) -> list[Row]:
    """StackedMNIST: the classifier is one of single digits, the pictures have a digit in every channel."""
    classifier = needed_classifier(evaluation, "counting stacked modes")
    predicted = stacked_labels(classifier.predict_stacked(evaluation.fake.images))
    found = count_modes(predicted, classifier.num_classes ** evaluation.fake.images.shape[-1])
    note = f"of {found.num_modes}, by a digit classifier of accuracy {classifier.accuracy:.3f}"
    return [
        Row("stacked modes", found.modes, "higher", len(predicted), note=note),
        Row("KL of stacked modes", found.kl, "lower", len(predicted), note=note),
    ]


@MEASURES.register("memorisation")
def copies(evaluation: Evaluation) -> list[Row]:
    if evaluation.held_out is None:
        raise UsageError("the memorisation share needs held_out=..., real pictures the generator never saw")
    found = memorisation(
        evaluation.fake.features, evaluation.real.features, evaluation.held_out.features, seed=evaluation.seed
    )
    return [
        Row(
            "nearer to training",
            found.share,
            "near 0.5",
            num=len(evaluation.fake),
            floor=0.5,
            num_floor=found.num_compared,
            note=f"than to held-out pictures, {found.num_compared} of each",
        )
    ]


@MEASURES.register("agreement")
def agreement(evaluation: Evaluation) -> list[Row]:
    classifier = needed_classifier(evaluation, "class agreement")
    predicted = classifier.predict(evaluation.fake.images)
    found = class_agreement(predicted, needed_labels(evaluation, "class agreement")[: len(predicted)])
    worst = min(found.per_class, key=found.per_class.get)
    return [
        Row(
            "class agreement",
            found.share,
            "higher",
            num=len(predicted),
            floor=classifier.accuracy,
            note=f"floor: the classifier on unseen reals; worst class {worst}: {found.per_class[worst]:.3f}",
        )
    ]


@MEASURES.register("per_class")
def per_class(evaluation: Evaluation) -> list[Row]:
    fake_labels = needed_labels(evaluation, "the per-class distance")
    if evaluation.real.labels is None:
        raise UsageError("the per-class distance needs labels=... of the real pictures")
    found = per_class_distance(
        evaluation.real.features, evaluation.real.labels, evaluation.fake.features, fake_labels
    )
    worst = max(found.per_class, key=found.per_class.get)
    note = f"mean over {len(found.per_class)} classes, worst {worst}: {found.per_class[worst]:.4g}"
    if found.left_out:
        note += f"; {len(found.left_out)} classes have too few samples"
    floor = per_class_distance(
        evaluation.half.features, evaluation.half.labels, evaluation.other.features, evaluation.other.labels
    )
    if not evaluation.full_floor:
        note += f"; floor at N = {len(evaluation.half)} in all, too small a number to divide by"
    return [
        Row(
            f"class FD-{evaluation.space.name}",
            found.mean,
            num=len(fake_labels),
            floor=floor.mean,
            num_floor=len(evaluation.half),
            ratio=found.mean / floor.mean if floor.mean and evaluation.full_floor else None,
            repeats=len(found.per_class),
            note=note,
        )
    ]


def needed_classifier(evaluation: Evaluation, what: str):
    if evaluation.classifier is None:
        raise UsageError(f"{what} needs labels=... of the real pictures, to train a classifier on")
    return evaluation.classifier


def needed_labels(evaluation: Evaluation, what: str) -> np.ndarray:
    if evaluation.fake.labels is None:
        raise UsageError(
            f"{what} needs fake_labels=..., the labels that the generated pictures were asked for"
        )
    return evaluation.fake.labels
