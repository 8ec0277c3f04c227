"""Distances between the two sets: Frechet, kernel, sliced Wasserstein of features and of patches."""

from collections.abc import Callable

from ganzoo.errors import UsageError
from ganzoo.metrics.frechet import frechet_distance, frechet_infinity
from ganzoo.metrics.kernel import kernel_distance
from ganzoo.metrics.measures.named import MEASURES
from ganzoo.metrics.report import Row
from ganzoo.metrics.sample import Evaluation
from ganzoo.metrics.sliced import sliced_wasserstein, sliced_wasserstein_patches, sliced_wasserstein_test

# What keeps the default measures within a third of the feature extraction's time at N = 10,000.
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
