"""Modes of the toy problems: how many are covered, and the share of good samples.

    python -m experiments toys_modes [--toys ring grid] [--recipes stated minimax] [--seeds 0 1 2] [--steps N]

The stated recipe of each toy and the plain minimax game with the same networks, budget and
learning rate; a mode is covered by 20 of 2,500 samples within 3 standard deviations. Prints a
Markdown row as each training ends, and a line of JSON.
"""

import argparse
import json
import time

import tensorflow as tf

import ganzoo
from ganzoo.data import toys

BATCH = 256
NETWORKS = dict(
    data_shape=(2,), latent_dim=2, width=256, depth=3, d_width=256, d_depth=3,
    activation="leaky_relu", d_activation="leaky_relu", dropout=0.0,
    learning_rate=1e-3, beta_2=0.99,
)  # fmt: skip
STEPS = {"ring": 16_000, "grid": 14_000}
GAMMA = {"ring": 0.001, "grid": 0.02}  # falls with the square of the toy's size


def stated(toy: str, steps: int) -> dict:
    """Each fake is compared with a real: RpGAN with R1 and R2 (Huang et al. 2024, arXiv 2501.05441).

    A missed mode then always has somebody to pull; fading instance noise lost up to 14 of the grid's 25.
    """
    images = steps * BATCH
    return dict(
        loss="relativistic", beta_1=0.0, decay_from=4 * images // 7, decay_until=images,
        penalties=[{"name": "r1", "weight": GAMMA[toy]}, {"name": "r2", "weight": GAMMA[toy]}],
    )  # fmt: skip


def recipe(name: str, toy: str, steps: int) -> dict:
    """The arguments of `ganzoo.build` for one of the two recipes."""
    return {**NETWORKS, **(stated(toy, steps) if name == "stated" else {"loss": "minimax", "beta_1": 0.5})}


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--toys", nargs="+", choices=sorted(STEPS), default=["ring", "grid"])
    flags.add_argument("--recipes", nargs="+", choices=["stated", "minimax"], default=["stated", "minimax"])
    flags.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    flags.add_argument("--steps", type=int, default=None)
    given = flags.parse_args()
    # Networks this small lose by threads.
    tf.config.threading.set_intra_op_parallelism_threads(1)
    print("| toy | recipe | seed | steps | modes | high quality | seconds |\n|---|---|---|---|---|---|---|")
    rows = []
    for toy in given.toys:
        for name in given.recipes:
            for seed in given.seeds:
                rows.append(measure(toy, name, seed, given.steps or STEPS[toy]))
    print(json.dumps(rows))


def measure(name: str, recipe_name: str, seed: int, steps: int) -> dict:
    """One training and its row."""
    toy = toys.TOYS[name]()
    gan = ganzoo.build("vanilla", seed=seed, **recipe(recipe_name, name, steps))
    began = time.monotonic()
    gan.fit(toys.stream(toy, BATCH, seed), steps_per_epoch=steps, verbose=0)
    seconds = time.monotonic() - began
    modes = toy.modes(gan.sample(2_500, seed=1))
    print(
        f"| {name} | {recipe_name} | {seed} | {steps:,} | {modes.covered}/{modes.num_modes} "
        f"| {modes.high_quality:.1%} | {seconds:.0f} |",
        flush=True,
    )
    return {
        "toy": name,
        "recipe": recipe_name,
        "seed": seed,
        "steps": steps,
        "covered": modes.covered,
        "num_modes": modes.num_modes,
        "high_quality": modes.high_quality,
        "seconds": round(seconds, 1),
    }


if __name__ == "__main__":
    main()
