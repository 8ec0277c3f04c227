"""Variety and honesty: what is reached, repeated, collapsed or copied."""

import numpy as np

from ganzoo.base.errors import UsageError
from ganzoo.metrics.diversity import birthday, ms_ssim
from ganzoo.metrics.doubts import of_shares
from ganzoo.metrics.images import need
from ganzoo.metrics.measures.register import BALLS, HELD_OUT, MEASURES, joined, mean_of_rounds, needs
from ganzoo.metrics.memorisation import PERMUTATIONS, memorisation
from ganzoo.metrics.modes import different_bins, kmeans
from ganzoo.metrics.neighbours import precision_recall
from ganzoo.metrics.report import Row
from ganzoo.metrics.subsets import NEAREST_K, Evaluation, Sample

SHARES = ("precision", "recall", "density", "coverage")


@MEASURES.register("precision_recall")
def precision(evaluation: Evaluation) -> list[Row]:
    # All pairs are compared, so the number is held down; value and floor always stand at the same one.
    num = min(BALLS, evaluation.num)

    def shares(ours: Sample, theirs: Sample) -> np.ndarray:
        ours, theirs = evaluation.some(ours, num), evaluation.some(theirs, num)
        found = precision_recall(
            ours.features,
            theirs.features,
            nearest_k=NEAREST_K,
            real_radii=radii(ours),
            fake_radii=radii(theirs),
        )
        return np.array([getattr(found, name) for name in SHARES])

    values, floors = mean_of_rounds(evaluation, shares)
    value, floor = (dict(zip(SHARES, each, strict=True)) for each in (values, floors))
    doubts = of_shares(evaluation, lambda *pair: dict(zip(SHARES, shares(*pair), strict=True)), value, floor)
    note = f"balls to the {NEAREST_K}th neighbour, among {num} pictures a side"
    return [
        Row(
            name,
            float(value),
            better="higher",
            **{**evaluation.of_rounds, "num": num},
            floor=float(floor),
            note=joined(note, evaluation.drawn_note),
            doubt=doubts.get(name, ""),
        )
        for name, value, floor in zip(SHARES, values, floors, strict=True)
    ]


def radii(sample: Sample) -> np.ndarray | None:
    """To the last neighbour of each; None where there are too few, which the measure says better."""
    return sample.nearest[0][:, -1] if len(sample) > NEAREST_K else None


@MEASURES.register("ms_ssim")
def similarity(evaluation: Evaluation) -> list[Row]:
    fake, real = (
        ms_ssim(
            side.images,
            seed=evaluation.seed,
            groups=None if side.groups is None else side.groups[: len(side.images)],
        )
        for side in (evaluation.fake, evaluation.real)
    )
    error = np.hypot(fake.standard_error, real.standard_error)
    num = min(len(evaluation.fake.images), len(evaluation.real.images))
    apart = "; no pair is of one original" if evaluation.drawn else ""
    return [
        Row(
            "MS-SSIM",
            fake.value,
            better="near floor",
            **{**evaluation.of_all, "num": num},
            floor=real.value,
            z=float((fake.value - real.value) / error) if error else None,
            standard_error=float(error),
            repeats=fake.pairs,
            note=f"{fake.scales} of 5 scales fit the pictures; floor: pairs of reals; above it is collapse"
            + apart,
        )
    ]


@MEASURES.register("birthday")
def duplicates(evaluation: Evaluation) -> list[Row]:
    # It has no floor to make of halves; only where these are large enough, their neighbours are known.
    sides = [(each.half, each.fake) for each in evaluation.rounds]
    sides = sides if evaluation.num >= 100 else evaluation.pairs
    num = min(BALLS, len(sides[0][0]))
    kind = "originals" if evaluation.drawn else "pictures"
    need(num, 100, "the birthday test", f"{kind} among the reals and among the generated")
    sides = [tuple(evaluation.some(side, num) for side in pair) for pair in sides]
    # One threshold for all draws: of few pictures in each, the rarest percent is hardly one.
    of_reals = np.concatenate([real.nearest[0][:, 0] for real, _ in sides])
    found = [
        birthday(fake.features, real.features, fake_nearest=fake.nearest, real_nearest=of_reals)
        for real, fake in sides
    ]
    share, pairs = float(np.mean([each.share for each in found])), sum(len(each.pairs) for each in found)
    # Without a duplicate among them: with fewer different pictures there would be one, 19 times in 20.
    tried = num * (num - 1) / 2
    support = f"about {len(found) * tried / pairs:.3g}" if pairs else f"more than {tried / 3:.3g}"
    note = (
        f"speaks for {support} different pictures; a pair no further apart than the nearest 1 % of "
        "the reals is a duplicate"
    )
    return [
        Row(
            "birthday duplicates",
            share,
            num=num,
            num_groups=num if evaluation.drawn else None,
            floor=found[0].expected,
            ratio=share / found[0].expected,
            note=joined(note, evaluation.drawn_note),
        )
    ]


@MEASURES.register("bins")
def bins(evaluation: Evaluation) -> list[Row]:
    count = min(100, evaluation.num // 10)
    if count < 2:
        kind = "originals" if evaluation.drawn else "pictures"
        raise UsageError(f"NDB needs 20 {kind} in either half of the reals, {evaluation.num} given: add data")

    def share(ours: Sample, theirs: Sample) -> float:
        # Bins of one half: its own pictures sit in them too well, which the floor shows as it is.
        if id(ours) not in centres:
            centres[id(ours)] = kmeans(ours.features, count, seed=evaluation.seed)
        known = centres[id(ours)]
        return different_bins(ours.features, theirs.features, bins=count, centres=known).share

    centres: dict[int, np.ndarray] = {}
    value, floor = mean_of_rounds(evaluation, share)
    note = f"{count} bins of features, significance 0.05, made of the reals they are counted with"
    return [
        Row(
            "NDB/K",
            value,
            **evaluation.of_rounds,
            floor=floor,
            repeats=count,
            note=joined(note, evaluation.drawn_note),
        )
    ]


@MEASURES.register("memorisation")
@needs(HELD_OUT)
def copies(evaluation: Evaluation) -> list[Row]:
    train, held_out = evaluation.reals, evaluation.held_out
    if held_out is None:
        raise UsageError("the memorisation share needs held_out=..., real pictures the generator never saw")
    found = memorisation(
        evaluation.fake.features,
        train.features,
        held_out.features,
        train_groups=train.groups,
        held_out_groups=held_out.groups,
        seed=evaluation.seed,
    )
    apart = train.groups is not None or held_out.groups is not None
    what = f"originals of each, {found.crops} crops of each original" if apart else "of each"
    return [
        Row(
            "nearer to training",
            found.share,
            "near 0.5",
            num=found.num_compared * found.crops,
            num_groups=found.num_compared if apart else None,
            floor=0.5,
            z=found.z,
            p_value=found.p_value,
            standard_error=found.standard_error,
            repeats=PERMUTATIONS,
            note=f"than to held-out pictures, {found.num_compared} {what}; nothing but copies would give "
            f"{found.most:.2f}; error and p by pictures that change sides",
        )
    ]
