"""Variety and honesty: what is reached, repeated, collapsed or copied."""

import numpy as np

from ganzoo.errors import UsageError
from ganzoo.metrics.diversity import birthday, ms_ssim
from ganzoo.metrics.images import need
from ganzoo.metrics.measures.named import BALLS, MEASURES
from ganzoo.metrics.memory import memorisation
from ganzoo.metrics.modes import different_bins, kmeans
from ganzoo.metrics.neighbours import precision_recall
from ganzoo.metrics.report import Row
from ganzoo.metrics.sample import NEAREST_K, Evaluation, Sample, part


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
