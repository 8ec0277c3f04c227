"""Whether real pictures are told from real pictures: the embedded paintings, split at random, as Markdown.

    python experiments/metrics_truth.py --splits 40

Eight crops of every painting. Some paintings stand for generated pictures, so that every measure has to
say "as good as real": ratios about 1, values at the floor, z above 3 in about 1 % of the splits, p of 0.05
or less in 5 %, and memorisation a share of 0.5 on average. Halves: half the paintings against the other
half, all crops of each. Perfect generator: one crop of each of three quarters of the paintings, independent
of each other, against all crops of the other quarter. Memorisation: all crops of a fifth of the paintings,
of which nothing was trained on, beside three fifths as training pictures and a fifth held out. "Crops as
pictures" does not tell the measures which crops are of one painting. Takes about ten minutes on two cores.
"""

import argparse

import numpy as np

from ganzoo import data
from ganzoo.data.data_config import DataConfig
from ganzoo.metrics import MEASURES, Sample, feature_space, sample_of
from ganzoo.metrics.subsets import arrange, part

OF_FEATURES = ("frechet", "kernel", "precision_recall", "sliced", "bins")
OF_PICTURES = ("patches", "ms_ssim")


def paintings(space) -> Sample:
    """All crops of all embedded paintings, with their features."""
    store = data.load(DataConfig(crop="random:8", split="all"), 64, 3)
    return sample_of(np.asarray(store.images), space, len(store), groups=store.groups)


def alone(sample: Sample) -> Sample:
    """The same crops, each said to be a picture of its own."""
    return Sample(sample.features, sample.images)


def measured(evaluation, names) -> dict[str, tuple]:
    """Value, floor, ratio, z and p of each row."""
    found = {}
    for name in names:
        for row in MEASURES[name](evaluation):
            columns = (row.value, row.floor, row.ratio, row.z, row.p_value)
            found[row.name] = [np.nan if column is None else column for column in columns]
    return found


def designs(sample: Sample, seed: int) -> dict[str, tuple[Sample, Sample, Sample | None]]:
    """Reals, stand-ins for generated pictures and held-out ones, by name, all of different paintings."""
    draw = np.random.default_rng(seed)
    place = draw.permutation(sample.num_groups)[sample.groups] / sample.num_groups
    single = np.array(
        [draw.choice(np.flatnonzero(sample.groups == group)) for group in np.unique(sample.groups)]
    )

    def between(low: float, high: float, rows: np.ndarray | None = None) -> Sample:
        rows = np.arange(len(sample)) if rows is None else rows
        return part(sample, rows[(place[rows] >= low) & (place[rows] < high)])

    return {
        "halves": (between(0, 0.5), between(0.5, 1), None),
        "perfect generator": (between(0, 0.25), alone(between(0.25, 1, single)), None),
        "memorisation": (between(0.4, 1), between(0.2, 0.4), between(0, 0.2)),
    }


def splits(sample: Sample, space, count: int, names) -> dict[tuple[str, str, str], np.ndarray]:
    """The rows of all splits by design, measure and way of counting."""
    found: dict[tuple[str, str, str], list] = {}
    for seed in range(count):
        for design, (real, fake, held_out) in designs(sample, seed).items():
            for way, told in (("by paintings", lambda whole: whole), ("crops as pictures", alone)):
                evaluation = arrange(space, told(real), told(fake), seed)
                evaluation.held_out = None if held_out is None else told(held_out)
                wanted = names if held_out is None else ["memorisation"]
                for name, columns in measured(evaluation, wanted).items():
                    found.setdefault((design, name, way), []).append(columns)
    return {key: np.array(rows, float) for key, rows in found.items()}


def in_words(rows: np.ndarray) -> str:
    """What the splits say, in the number that means most."""
    value, floor, ratio, z, p = rows.T
    error = value.std() / np.sqrt(len(value))
    if not np.isnan(z).any():
        text = f"{value.mean():.3f} +- {error:.3f}, z {z.mean():.1f}, above 3: {np.mean(z > 3):.1%}"
    elif not np.isnan(ratio).any():
        text = f"ratio {value.mean() / floor.mean():.2f}"
    else:
        text = f"{value.mean():.3f}, floor {floor.mean():.3f}"
    return text if np.isnan(p).any() else f"{text}; p {p.mean():.2f}, at most 0.05: {np.mean(p <= 0.05):.1%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--splits", type=int, default=40)
    parser.add_argument("--features", default="pixels,mobilenet")
    options = parser.parse_args()
    for at, name in enumerate(options.features.split(",")):
        space = feature_space(name)
        found = splits(paintings(space), space, options.splits, (*OF_FEATURES, *OF_PICTURES * (at == 0)))
        print(f"\n{options.splits} splits, features {space.name} ({space.checksum})\n")
        print("| | measure | by paintings | crops as pictures |\n|---|---|---|---|")
        for design, measure in dict.fromkeys(key[:2] for key in found):
            if not measure.endswith(" of all"):  # which has no floor to be compared with
                told = [
                    in_words(found[design, measure, way]) for way in ("by paintings", "crops as pictures")
                ]
                print(f"| {design} | {measure} | {' | '.join(told)} |", flush=True)


if __name__ == "__main__":
    main()
