"""The recipe for few pictures beside a plain PyTorch DCGAN: same paintings, same number of images seen.

    python -m experiments few_pictures [--images 50000] [--seeds 0,1,2] [--kinds torch,ganzoo] [--out FOLDER]

Both learn the 134 embedded paintings of split train at 64x64. The plain one is the DCGAN tutorial's recipe:
width 64, batch 64, Adam 2e-4 (0.5, 0.999), labels 1 and 0, N(0, 0.02), centre crops, no augmentation, no
average of weights. The other is the recipe `painting_dcgan_small_data` as it is. 1,000 pictures of each stand
against the centre crops of all 168 paintings and their mirror images (MobileNet's features), and beside the
34 paintings held out: does a generated picture lie nearer to a training picture than a painting that was
not trained on? A training that is in the folder already is not repeated. FOLDER/IMAGES/rows.png has a row
of pictures for each.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np

from benchmarks.alternate import machine
from experiments.progan_grown import paintings

NUM, BATCH, STRIP = 1_000, 64, 12
RECIPE = "painting_dcgan_small_data"
LABELS = {
    ("torch", "pictures"): "plain PyTorch DCGAN, batches normalised by themselves",
    ("torch", "by_averages"): "the same, by averages",
    ("ganzoo", "pictures"): f"`{RECIPE}`",
}
COLUMNS = {  # of the table: name in the report, decimals
    "FD-mobilenet": 1,
    "KID-mobilenet": 4,
    "precision": 2,
    "recall": 2,
    "nearer to training": 2,
}


def mirrored(images: np.ndarray) -> np.ndarray:
    """Each picture followed by its mirror image."""
    return np.stack([images, images[:, :, ::-1]], axis=1).reshape(-1, *images.shape[1:])


def train_torch(seed: int, images: int, folder: Path) -> dict[str, np.ndarray]:
    """The plain DCGAN's pictures: each batch normalised by itself, as the tutorial does, and by averages."""
    import torch

    from benchmarks.torch_dcgan import TorchStep, initialise
    from ganzoo.pictures.layout import to_uint8

    step = TorchStep(BATCH, seed=seed, real_label=1.0, channels_last=True)  # its faster layout
    initialise(step.g)
    initialise(step.d)
    reals = torch.from_numpy(paintings("train")).permute(0, 3, 1, 2).float() / 127.5 - 1
    order = torch.empty(0, dtype=torch.long)
    for _ in range(images // BATCH):
        while len(order) < BATCH:
            order = torch.cat([order, torch.randperm(len(reals))])
        step.real, order = reals[order[:BATCH]], order[BATCH:]
        step()
    drawn = {}
    for mode, name in ((True, "pictures"), (False, "by_averages")):
        step.g.train(mode)
        with torch.no_grad():
            batches = [step.g(torch.randn(BATCH, 100, 1, 1)) for _ in range(-(-NUM // BATCH))]
        pictures = torch.cat(batches)[:NUM].permute(0, 2, 3, 1)
        drawn[name] = to_uint8(pictures.numpy())
    return drawn


def train_ganzoo(seed: int, images: int, folder: Path) -> dict[str, np.ndarray]:
    """The recipe's pictures, from the averaged weights; the run is in the folder and can be gone on with."""
    import ganzoo
    from ganzoo.config import read_recipe, resolve, with_budget
    from ganzoo.pictures.layout import to_uint8
    from ganzoo.training.loop import train

    recipe = with_budget(read_recipe(RECIPE), images)
    recipe["train"]["seed"] = seed
    run = folder / f"run-{seed}"
    summary = train(resolve(recipe), run)
    pictures = to_uint8(ganzoo.load(run, "last").sample(NUM, seed=1))
    return {"pictures": pictures, "seconds": summary["seconds"]}


TRAINERS = {"torch": train_torch, "ganzoo": train_ganzoo}


def scores(pictures: np.ndarray) -> dict[str, float]:
    """What the table shows of 1,000 pictures."""
    from ganzoo.metrics import evaluate

    shared = {"num": NUM, "seed": 0}
    everything, train, held_out = (mirrored(paintings(split)) for split in ("all", "train", "test"))
    report = evaluate(
        everything,
        pictures,
        measures=("frechet", "kernel", "precision_recall"),
        groups=np.arange(len(everything)) // 2,
        **shared,
    )
    copies = evaluate(
        train,
        pictures,
        measures=("memorisation",),
        groups=np.arange(len(train)) // 2,
        held_out=held_out,
        held_out_groups=np.arange(len(held_out)) // 2,
        **shared,
    )
    return {row.name: row.value for row in (*report.rows, *copies.rows)}


def main() -> None:
    """Trains what is missing, measures and prints a table and JSON."""
    from ganzoo.disk.files import write_atomically
    from ganzoo.training.run_pictures import grid, save_png

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--kinds", default="torch,ganzoo")
    parser.add_argument("--out", type=Path, default=Path("runs/few_pictures"))
    options = parser.parse_args()
    folder = options.out / f"{options.images}"
    folder.mkdir(parents=True, exist_ok=True)
    rows, strips = [], {}
    for seed in map(int, options.seeds.split(",")):
        for kind in options.kinds.split(","):
            path = folder / f"{kind}-{seed}.npz"
            if not path.exists():
                began = time.monotonic()
                drawn = TRAINERS[kind](seed, options.images, folder)
                drawn = {"seconds": time.monotonic() - began, **drawn}
                write_atomically(path, lambda file, drawn=drawn: np.savez_compressed(file, **drawn))
            with np.load(path) as done:
                sets = {name: done[name] for name in done.files if name != "seconds"}
                strips[kind, seed] = sets["pictures"][:STRIP]
                for name, pictures in sets.items():
                    row = {"kind": kind, "drawn": name, "seed": seed, "seconds": float(done["seconds"])}
                    rows.append({**row, "scores": scores(pictures)})
                    print(json.dumps(rows[-1]), flush=True)
    ordered = sorted(strips, key=lambda key: (key[0] == "ganzoo", key[1]))
    save_png(folder / "rows.png", grid(np.concatenate([strips[key] for key in ordered]), STRIP))
    report(rows, options.images)


def report(rows: list[dict], images: int) -> None:
    """Prints the table, the ratios of the means, and JSON."""
    print(f"\n{images:,} images seen by each run; {machine()}")
    print(f"| | seeds | seconds | {' | '.join(COLUMNS)} |")
    print("|---" * (3 + len(COLUMNS)) + "|")
    means = {}
    for kind, drawn in dict.fromkeys((row["kind"], row["drawn"]) for row in rows):
        mine = [row for row in rows if (row["kind"], row["drawn"]) == (kind, drawn)]
        columns = {name: [row["scores"][name] for row in mine] for name in COLUMNS}
        means[kind, drawn] = {name: statistics.mean(column) for name, column in columns.items()}
        cells = [
            f"{statistics.mean(column):.{COLUMNS[name]}f} ± {statistics.pstdev(column):.{COLUMNS[name]}f}"
            for name, column in columns.items()
        ]
        seconds = statistics.mean(row["seconds"] for row in mine)
        print(f"| {LABELS[kind, drawn]} | {len(mine)} | {seconds:.0f} | {' | '.join(cells)} |")
    ours = means.get(("ganzoo", "pictures"))
    for name in ("FD-mobilenet", "KID-mobilenet"):
        theirs = [each[name] for (kind, _), each in means.items() if kind == "torch"]
        if ours and theirs:
            print(f"{name}: {ours[name] / min(theirs):.2f} of the plain DCGAN's better way of drawing")
    print(json.dumps({"machine": machine(), "images": images, "rows": rows}))


if __name__ == "__main__":
    main()
