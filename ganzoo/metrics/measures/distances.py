"""Distances between the two sets: Frechet, kernel, sliced Wasserstein of features and of patches."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from ganzoo.base.errors import UsageError
from ganzoo.metrics.frechet import frechet_distance, frechet_infinity
from ganzoo.metrics.kernel import kernel_distance
from ganzoo.metrics.measures.register import MEASURES, joined, mean_of_rounds
from ganzoo.metrics.report import Row
from ganzoo.metrics.sliced import sliced_wasserstein, sliced_wasserstein_patches, sliced_wasserstein_test
from ganzoo.metrics.subsets import Evaluation, Sample

# What keeps the default measures within a third of the feature extraction's time at N = 10,000.
FEW_REALS = 1000  # pictures a side of the permutation test
PATCH_PICTURES, PATCHES_EACH, PATCH_PROJECTIONS = 500, 32, 128


def ratio_row(evaluation: Evaluation, name: str, distance: Callable[[Sample, Sample], float], **more) -> Row:
    """A biased distance of two samples with its floor and their ratio, all three at the rounds' N."""
    value, floor = mean_of_rounds(evaluation, distance)
    note = ""
    if not evaluation.drawn and evaluation.num < len(evaluation.fake):
        note = (
            f"too few reals for a floor at N = {len(evaluation.fake)}: value and floor are taken at "
            f"N = {evaluation.num}; with {2 * len(evaluation.fake)} reals, each a picture of its own, they "
            "would be at that N"
        )
    return Row(
        name,
        value,
        **evaluation.of_rounds,
        floor=floor,
        ratio=value / floor if floor else None,
        note=joined(note, evaluation.drawn_note),
        **more,
    )


@MEASURES.register("frechet")
def frechet(evaluation: Evaluation) -> list[Row]:
    """The distance beside its floor and, where that is at a smaller N, the distance of all pictures.

    The second compares models on the same data more closely; it has no floor and no ratio.
    """

    def distance(ours: Sample, theirs: Sample) -> float:
        return frechet_distance(ours.gaussian, theirs.gaussian)

    name, dim = f"FD-{evaluation.space.name}", evaluation.fake.features.shape[1]
    singular = f"N is not above the {dim} dimensions: the covariances are singular, the distance mostly bias"
    row = ratio_row(evaluation, name, distance)
    row.note = joined(row.note, singular if evaluation.num <= dim else "")
    if not evaluation.drawn and evaluation.num == len(evaluation.fake):
        return [row]
    note = joined(
        "of all pictures, for models on the same data: no floor stands at this N",
        singular if len(evaluation.fake) <= dim else "",
    )
    whole = Row(f"{name} of all", distance(evaluation.real, evaluation.fake), **evaluation.of_all, note=note)
    return [row, whole]


@MEASURES.register("frechet_infinity")
def infinity(evaluation: Evaluation) -> list[Row]:
    found = frechet_infinity(
        evaluation.real.features,
        evaluation.fake.features,
        seed=evaluation.seed,
        real_groups=evaluation.real.groups,
        fake_groups=evaluation.fake.groups,
    )
    return [
        Row(
            f"FD-infinity-{evaluation.space.name}",
            found.value,
            **evaluation.of_all,
            floor=0.0,
            z=found.z,
            standard_error=found.standard_error,
            repeats=len(found.points),
        )
    ]


@MEASURES.register("kernel")
def kernel(evaluation: Evaluation) -> list[Row]:
    found = kernel_distance(
        evaluation.real.features,
        evaluation.fake.features,
        seed=evaluation.seed,
        real_groups=evaluation.real.groups,
        fake_groups=evaluation.fake.groups,
    )
    apart = ", which share no original" if evaluation.drawn else ""
    return [
        Row(
            f"KID-{evaluation.space.name}",
            found.value,
            **evaluation.of_all,
            floor=0.0,
            z=found.z,
            standard_error=found.standard_error,
            repeats=found.blocks,
            note="unbiased: its floor is 0 in expectation; standard error over blocks of "
            f"{found.block_size}{apart}",
        )
    ]


@MEASURES.register("sliced")
def sliced(evaluation: Evaluation) -> list[Row]:
    # One draw: a test of several at once would need to know how they hang together.
    ours, theirs = (evaluation.some(side, FEW_REALS) for side in evaluation.pairs[0])
    test = sliced_wasserstein_test(ours.features, theirs.features, seed=evaluation.seed)
    row = ratio_row(
        evaluation,
        f"SWD-{evaluation.space.name}",
        lambda a, b: sliced_wasserstein(a.features, b.features, seed=evaluation.seed),
        p_value=test.p_value,
        repeats=128,
    )
    what = "originals, a crop of each" if evaluation.drawn else "pictures"
    row.note = joined(row.note, f"p by {test.permutations} permutations of {len(ours)} {what}, a side")
    return [row]


@MEASURES.register("patches")
def patch_distance(evaluation: Evaluation) -> list[Row]:
    # No more draws than it takes to see so many pictures: of all measures it takes longest by the picture.
    rounds = evaluation.rounds[: max(1, PATCH_PICTURES // evaluation.num)]
    evaluation = replace(evaluation, rounds=rounds)
    num = min(
        PATCH_PICTURES,
        *(len(side.images) for each in evaluation.rounds for side in (each.half, each.other, each.fake)),
    )
    if num < 2:
        raise UsageError(
            "the patch distance needs pictures of 2 reals in either half, for its floor: add data"
        )
    levels: list[int] = []

    def some(side: Sample) -> np.ndarray:
        return side.images[np.random.default_rng([evaluation.seed, 6]).permutation(len(side.images))[:num]]

    def distance(ours: Sample, theirs: Sample) -> np.ndarray:
        found = sliced_wasserstein_patches(
            some(ours),
            some(theirs),
            patches_per_image=PATCHES_EACH,
            projections=PATCH_PROJECTIONS,
            seed=evaluation.seed,
        )
        levels[:] = found
        return np.array(list(found.values()))

    values, floors = mean_of_rounds(evaluation, distance)
    note = f"{PATCHES_EACH} patches of 7x7 a picture at that level of the pyramid; not times 1000"
    return [
        Row(
            f"SWD-patches-{level}",
            float(value),
            **{**evaluation.of_rounds, "num": num},
            floor=float(floor),
            ratio=float(value / floor) if floor else None,
            repeats=PATCH_PROJECTIONS,
            note=joined(note, evaluation.drawn_note),
        )
        for level, value, floor in zip(levels, values, floors, strict=True)
    ]
