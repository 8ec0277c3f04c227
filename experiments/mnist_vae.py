"""How probable does the variational autoencoder find digits that it has not seen?

    python -m experiments mnist_vae --data mnist.npz [--seeds 0,1,2] [--out DIR] [--images N]

Trains the recipe `mnist_vae` as `ganzoo-train` does (or goes on with the runs in --out), with pixels
drawn as bits anew in every step. Then the bound of the 10,000 test digits: their bits are drawn once, each
pixel white where a fixed uniform number (seed 0) is below its brightness, as in Burda et al. 2016, not
where it is above one half. The ELBO and the importance-weighted bounds are in nats a digit; that of
k = 5,000 latents, which table 1 there reports, is taken of the first --likelihood_of digits. Prints a
Markdown table and a line of JSON for each seed, and writes a sheet of digits above their reconstructions.
"""

import argparse
import json
import time
from pathlib import Path

import numpy as np

import ganzoo
from ganzoo import data
from ganzoo.config import read_recipe, resolve, with_budget
from ganzoo.data.data_config import DataConfig
from ganzoo.density.posterior import active_units
from ganzoo.pictures.layout import to_uint8
from ganzoo.training.loop import train
from ganzoo.training.run_pictures import grid, save_png

K, MANY, SHOWN = 64, 5_000, 16


def trained(source: str, root: Path, seed: int, images: int | None) -> dict:
    """The summary of the run of a seed, made or gone on with."""
    recipe = with_budget(read_recipe("mnist_vae"), images)
    recipe["data"]["source"] = source
    recipe["train"]["seed"] = seed
    return train(resolve(recipe), root)


def bounds(gan, digits: np.ndarray, num_many: int) -> dict[str, float]:
    """Means of the bounds in nats a digit."""
    weights = gan.log_weights(digits, K)
    found = {"elbo": weights.mean(), f"iwae_{K}": (np.logaddexp.reduce(weights, axis=1) - np.log(K)).mean()}
    if num_many:
        found[f"iwae_{MANY}"] = gan.bound(digits[:num_many], MANY).mean()
        found[f"iwae_{K} of those"] = gan.bound(digits[:num_many], K).mean()
    return {name: float(value) for name, value in found.items()}


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--data", required=True, help="mnist.npz as published with Keras")
    flags.add_argument("--out", default="mnist_vae")
    flags.add_argument("--seeds", default="0,1,2")
    flags.add_argument("--images", type=int, default=None, help="default the recipe's")
    flags.add_argument("--likelihood_of", type=int, default=0, help=f"digits whose bound of {MANY} is taken")
    given = flags.parse_args()

    size = resolve(read_recipe("mnist_vae")).family.image_size
    digits = np.asarray(data.load(DataConfig(source=given.data, split="test"), size, 1).images)
    results = []
    for seed in map(int, given.seeds.split(",")):
        root = Path(given.out) / f"seed{seed}"
        summary, began = trained(given.data, root, seed, given.images), time.monotonic()
        gan = ganzoo.load(root)
        means = gan.encode(digits)[0]
        found = {
            "seed": seed,
            "images_seen": summary["images_seen"],
            "epochs": summary["epochs"],
            "minutes": summary["seconds"] / 60,
            "images_per_second": summary["images_seen"] / summary["seconds"],
            **bounds(gan, digits, given.likelihood_of),
            "active_units": active_units(means),
            "latents": means.shape[1],
            "seconds_of_the_bounds": time.monotonic() - began,
        }
        results.append(found)
        rows = [to_uint8(digits[:SHOWN] / np.float32(127.5) - 1), to_uint8(gan.reconstruct(digits[:SHOWN]))]
        save_png(root / "reconstructions.png", grid(np.concatenate(rows), SHOWN))
        print(json.dumps(found), flush=True)

    print("\n| what | " + " | ".join(f"seed {found['seed']}" for found in results) + " | mean ± deviation |")
    print("|---|" + "---|" * (len(results) + 1))
    for name in list(results[0])[1:]:
        values = [found[name] for found in results]
        spread = f"{np.mean(values):,.2f} ± {np.std(values, ddof=1):.2f}" if len(values) > 1 else "-"
        print(f"| {name} | " + " | ".join(f"{value:,.2f}" for value in values) + f" | {spread} |")


if __name__ == "__main__":
    main()
