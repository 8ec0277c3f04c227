"""Weights tuned to a hundred pictures beside a training from nothing: same pictures, same minutes.

    python -m experiments fine_tuning --data FOLDER [--minutes 2] [--seeds 0,1,2] [--num 100] [--out RUNS]

A hundred pictures of FOLDER, drawn once, are trained on by the quick DCGAN at 64x64; the others are held
out, and what is made is judged by them alone. Four ways to begin: from nothing; with `dcgan/paintings`,
generator and discriminator; with its generator alone; with both and the discriminator's first two layers
frozen (FreezeD). Every run has the same minutes. A run that is in the folder already is not repeated.

RESULTS.md has it for the 169 smileys of npm's emoji-datasource-google@16.0.0 (Apache 2.0): the files
img/google/64/IMAGE of the category "Smileys & Emotion" in its emoji.json.
"""

import argparse
import json
import shutil
import statistics
from pathlib import Path

import numpy as np

from benchmarks.alternate import machine

SIZE, DRAWN = 64, 1_000
WEIGHTS = "dcgan/paintings"
WAYS = {
    "from nothing": {},
    "tuned": {"begin_with": WEIGHTS},
    "tuned, new discriminator": {"begin_with": "HALF"},
    "tuned, two layers frozen": {"begin_with": WEIGHTS, "freeze_d": 2},
}
COLUMNS = {"KID-mobilenet": 4, "precision": 2, "recall": 2, "coverage": 2}


def split(source: Path, folder: Path, num: int) -> tuple[Path, Path]:
    """Folders with `num` of a source's pictures and with all others; made once."""
    parts = folder / "train", folder / "held_out"
    if not parts[1].exists():
        found = sorted(path for path in source.iterdir() if path.is_file())
        order = np.random.default_rng(0).permutation(len(found))
        for part, rows in zip(parts, (order[:num], order[num:]), strict=True):
            part.mkdir(parents=True, exist_ok=True)
            for row in rows:
                shutil.copy(found[row], part)
    return parts


def config_of(way: str, seed: int, data: Path, minutes: float, folder: Path):
    """The quick recipe for some minutes, begun in a way."""
    from ganzoo.config import read_recipe, resolve
    from ganzoo.export.weights_folder import pack

    tables = read_recipe("dcgan")
    begins = dict(WAYS[way])
    if begins.get("begin_with") == "HALF":
        half = folder / "generator-alone"
        begins["begin_with"] = str(half if half.exists() else pack(WEIGHTS, half, discriminator=False))
    tables["train"] |= {"images": 100_000_000, "minutes": minutes, "seed": seed, **begins}
    tables["data"] = {"source": str(data), "flip": True}
    return resolve(tables)


def scores(fakes: np.ndarray, reals: np.ndarray) -> dict[str, float]:
    """What the table shows of generated pictures against those held out."""
    from ganzoo.metrics import evaluate

    report = evaluate(reals, fakes, measures=("kernel", "precision_recall"), num=len(reals), seed=0)
    return {row.name: row.value for row in report.rows} | {
        f"{row.name} floor": row.floor for row in report.rows if row.floor is not None
    }


def main() -> None:
    """Trains what is missing, measures and prints a table and JSON."""
    import ganzoo
    from ganzoo import data
    from ganzoo.pictures.layout import to_uint8
    from ganzoo.training.loop import train
    from ganzoo.training.run_pictures import grid, save_png
    from ganzoo.training.runs import is_finished

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--num", type=int, default=100)
    parser.add_argument("--out", type=Path, default=Path("runs/fine_tuning"))
    options = parser.parse_args()
    folder = options.out.resolve()
    taught, held_out = split(options.data, folder, options.num)
    reals, known = (
        data.load(data.DataConfig(source=str(part)), image_size=SIZE).images for part in (held_out, taught)
    )
    rows, strips = [], []
    for seed in map(int, options.seeds.split(",")):
        for way in WAYS:
            run = folder / f"{way.replace(', ', '-').replace(' ', '_')}-{seed}"
            config = config_of(way, seed, taught, options.minutes, folder)
            if not is_finished(run, config):
                train(config, run)
            gan = ganzoo.load(run, "last")
            fakes = to_uint8(gan.sample(DRAWN, seed=1))
            seen = int(gan.images_seen.numpy())
            rows.append({"way": way, "seed": seed, "images_seen": seen, **scores(fakes, reals)})
            print(json.dumps(rows[-1]), flush=True)
            strips.append(fakes[:12])
    save_png(folder / "rows.png", grid(np.concatenate(strips), 12))
    ceiling = scores(known, reals)
    print(f"{len(known)} pictures learned, {len(reals)} held out, {options.minutes:g} minutes; {machine()}\n")
    print(table(rows, ceiling))


def table(rows: list[dict], ceiling: dict[str, float]) -> str:
    """Means and spreads over seeds, beside what the hundred pictures themselves score."""
    lines = [f"| begun | images seen | {' | '.join(COLUMNS)} |", "|---|---|" + "---|" * len(COLUMNS)]
    for way in WAYS:
        own = [row for row in rows if row["way"] == way]
        cells = [f"{statistics.mean(row['images_seen'] for row in own):,.0f}"]
        for name, digits in COLUMNS.items():
            values = [row[name] for row in own]
            spread = statistics.stdev(values) if len(values) > 1 else float("nan")
            cells.append(f"{statistics.mean(values):.{digits}f} ± {spread:.{digits}f}")
        lines.append(f"| {way} | {' | '.join(cells)} |")
    known = [f"{ceiling[name]:.{digits}f}" for name, digits in COLUMNS.items()]
    return "\n".join([*lines, f"| the pictures learned from | - | {' | '.join(known)} |"])


if __name__ == "__main__":
    main()
