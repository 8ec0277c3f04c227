"""The same budget for progressive growing and for the same networks at full size from the start.

    python -m experiments progan_grown [--minutes 10] [--seeds 0,1,2] [--out FOLDER]

Trains both on the embedded paintings at 64x64 (networks, loss, penalty and rates of the recipe `progan`),
for each seed once, and prints the sliced Wasserstein distance per Laplacian level (Karras et al. 2018,
section 5; times 1000, lower is better) of as many generated pictures as there are real ones, and of the
held-out paintings for comparison. In the second half of the budget the learning rates of both fall to 0,
as the recipe's do. The budget is processor time, two minutes of it for a minute on two cores, so that
other work on the machine takes little away; a run that is in the folder already is not trained again.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.alternate import machine

CORES = 2
LEVELS = (64, 32, 16)


def settings(kind: str) -> dict:
    """The arguments of a contestant: those of the recipe, from 4x4 or at full size."""
    from ganzoo.config import read_recipe

    recipe = read_recipe("progan")
    arguments = {key: value for key, value in recipe["model"].items() if key != "name"}
    arguments |= {"loss": recipe["loss"]}
    arguments |= {key: recipe["train"][key] for key in ("penalties", "learning_rate", "ema_decay")}
    return {**arguments, "start_size": 4 if kind == "grown" else arguments["image_size"]}


def paintings(split: str) -> np.ndarray:
    """The embedded paintings of a split, uint8."""
    from ganzoo import data

    return data.load(data.DataConfig(split=split), 64).images


def train(kind: str, seed: int, minutes: float, plan: dict) -> dict:
    """Trains until the processor time is used up; returns what was reached and the generated pictures."""
    import ganzoo
    from ganzoo import data
    from ganzoo.pictures.layout import to_uint8

    gan = ganzoo.build("progan", seed=seed, **{**settings(kind), **plan})
    config = data.DataConfig(crop="random:8", flip=True)
    store = data.load(config, 64)
    batches = iter(gan.prepared(data.stream(store, 16, seed=seed, config=config)))
    execute = gan.make_train_function()
    began, share = (time.process_time(), time.perf_counter()), 0.0
    while share < 1.0:
        gan.scale_rates(min(1.0, 2.0 * (1.0 - share)))  # an assignment; the traced step goes on
        for _ in range(10):
            execute(batches)
        share = (time.process_time() - began[0]) / (60.0 * minutes * CORES)
    seen = int(gan.images_seen)
    return {
        "images_seen": seen,
        "level": gan.family.schedule.describe(seen),
        "wall_seconds": time.perf_counter() - began[1],
        "pictures": to_uint8(gan.sample(134, seed=1)),
    }


def distances(pictures: np.ndarray) -> list[float]:
    """Sliced Wasserstein distances to the training pictures, times 1000, by LEVELS, and their mean."""
    from ganzoo.metrics import sliced_wasserstein_patches

    found = sliced_wasserstein_patches(paintings("train"), pictures)
    each = [1000 * found[level] for level in LEVELS]
    return [*each, statistics.mean(each)]


def main() -> None:
    """Trains what is missing, measures and prints a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument(
        "--stable", type=int, help="images at each size, and to fade it in; default the recipe's"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/progan_grown"))
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    plan = {"stable_images": options.stable, "fade_images": options.stable} if options.stable else {}
    rows = []
    for seed in map(int, options.seeds.split(",")):
        for kind in ("grown", "fixed"):
            path = options.out / f"{kind}-{seed}.npz"
            if not path.exists():
                done = train(kind, seed, options.minutes, plan)
                np.savez_compressed(path, **done)
            with np.load(path) as done:
                row = {"kind": kind, "seed": seed, "level": str(done["level"])}
                row |= {name: float(done[name]) for name in ("images_seen", "wall_seconds")}
                rows.append({**row, "distances": distances(done["pictures"])})
            print(json.dumps(rows[-1]), flush=True)
    report(rows, options.minutes)


def report(rows: list[dict], minutes: float) -> None:
    """Prints the table and, as the last line, JSON."""
    print(f"\n{minutes:g} minutes on {CORES} cores (as processor time), 64x64; {machine()}")
    print("| | images seen | " + " | ".join(f"{level}x{level}" for level in LEVELS) + " | mean |")
    print("|---|---|---|---|---|---|")
    for kind in ("grown", "fixed"):
        mine = [row for row in rows if row["kind"] == kind]
        if mine:
            columns = zip(*(row["distances"] for row in mine), strict=True)
            cells = [f"{statistics.mean(c):.1f} ± {statistics.pstdev(c):.1f}" for c in columns]
            seen = statistics.mean(row["images_seen"] for row in mine)
            print(f"| {kind} ({len(mine)} seeds) | {seen:,.0f} | {' | '.join(cells)} |")
    held_out = distances(paintings("test"))
    print(f"| held-out paintings ({len(paintings('test'))}) | | {' | '.join(f'{d:.1f}' for d in held_out)} |")
    print(json.dumps({"machine": machine(), "minutes": minutes, "rows": rows, "held_out": held_out}))


if __name__ == "__main__":
    main()
