"""What each penalty and regulariser costs: its training step's time as a ratio to the bare step's.

    python benchmarks/penalties.py [--width 32] [--batch 32] [--rounds 5] [--steps 10]

The 64x64 DCGAN without BatchNorm in its discriminator (norm = "none"), all variants in one
process, measured in turn in each round; the median over the rounds. Prints a Markdown
table and a line of JSON.
"""

import argparse
import json
import statistics
import time

import numpy as np
import tensorflow as tf

import ganzoo

VARIANTS = {
    "bare": {},
    "gradient_penalty": {"penalties": ["gradient_penalty"]},
    "gradient_penalty, one-sided": {"penalties": [{"name": "gradient_penalty", "one_sided": True}]},
    "r1": {"penalties": ["r1"]},
    "r1, interval 16": {"penalties": [{"name": "r1", "interval": 16}]},
    "r2": {"penalties": ["r2"]},
    "r1 + r2": {"penalties": ["r1", "r2"]},
    "dragan": {"penalties": ["dragan"]},
    "weight_clip": {"weight_clip": 0.01},
    "spectral_norm": {"spectral_norm": True},
    "instance_noise": {"instance_noise": 0.1},
    "decaying rates": {"decay_until": 10_000_000},
    "augment (colour, translation, cutout)": {
        "augment": {
            "translation": 0.125, "brightness": 0.2, "saturation": 0.5, "contrast": 0.5, "cutout": 0.5,
        }
    },
    "loss relativistic": {"loss": "relativistic"},
}  # fmt: skip


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--width", type=int, default=32)
    flags.add_argument("--batch", type=int, default=32)
    flags.add_argument("--rounds", type=int, default=5)
    flags.add_argument(
        "--steps", type=int, default=16, help="of a round; a multiple of 16 is fair to lazy ones"
    )
    given = flags.parse_args()
    images = np.random.default_rng(0).integers(0, 256, (given.batch, 64, 64, 3), np.uint8)
    data = tf.data.Dataset.from_tensors(images).repeat()
    steps = {}
    for name, arguments in VARIANTS.items():
        gan = ganzoo.build("dcgan", width=given.width, norm="none", **arguments)
        execute, batches = gan.make_train_function(), iter(gan.prepared(data))
        execute(batches)  # traced before any clock runs
        steps[name] = (execute, batches)
    seconds = {name: [] for name in steps}
    for _ in range(given.rounds):
        for name, (execute, batches) in steps.items():
            began = time.perf_counter()
            for _ in range(given.steps):
                logs = execute(batches)
            float(logs["d_loss"])
            seconds[name].append((time.perf_counter() - began) / given.steps)
    ratios = {
        name: statistics.median(
            mine / bare for mine, bare in zip(seconds[name], seconds["bare"], strict=True)
        )
        for name in seconds
    }
    print("| what | ms a step | ratio to the bare step |\n|---|---|---|")
    for name, ratio in ratios.items():
        print(f"| {name} | {1000 * statistics.median(seconds[name]):.0f} | {ratio:.2f} |")
    print(json.dumps({"width": given.width, "batch": given.batch, "ratios": ratios}))


if __name__ == "__main__":
    main()
