"""Does another version of the code end in the same bits? Every recipe, tiny, for 20 steps.

    python -m tools same_bits --write before      (in a checkout of the one version)
    python -m tools same_bits --against before    (in one of the other; prints a table)

Each recipe of `zoo_configs/` keeps its losses, penalties, rates and augmentation; pictures, widths and
batches are small. On one device and on two, in float32 and in bfloat16.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

SMALL = {"width": 4, "latent_dim": 8, "d_width": 8, "num_classes": 3, "stable_images": 48, "fade_images": 32}
STEPS, BATCH = 20, 8
DEVICES, PRECISIONS = (1, 2), ("float32", "mixed_bfloat16")


def small(recipe: str):
    """The recipe's family and objective at a small size."""
    import dataclasses

    from ganzoo.base.arguments import field_names
    from ganzoo.config import read_recipe, resolve

    config = resolve(read_recipe(recipe), recipe)
    own, family = field_names(type(config.family)), config.family
    changes = {name: value for name, value in SMALL.items() if name in own}
    if not getattr(family, "conditional", True):
        changes.pop("num_classes", None)
    changes |= {"image_size": 16} if "image_size" in own else {}
    changes |= {"class_names": None} if "class_names" in own else {}
    changes |= {"start_size": 4, "batch_sizes": {}} if "start_size" in own else {}
    objective = config.objective
    later = {name: 100 for name in ("decay_until", "instance_noise_until") if getattr(objective, name)}
    earlier = {"decay_from": 40} if objective.decay_from else {}
    return dataclasses.replace(family, **changes), dataclasses.replace(objective, **later, **earlier)


def state_after(recipe: str, devices: int, precision: str) -> dict:
    """The arrays of `gan.state()` after 20 steps."""
    import contextlib

    import numpy as np
    import tensorflow as tf

    from ganzoo.data import stream
    from ganzoo.data.store import Store
    from ganzoo.gan import GAN
    from ganzoo.training import strategies
    from ganzoo.training.checkpoints import values

    strategy = None
    if devices > 1:
        cpu = tf.config.list_physical_devices("CPU")[0]
        tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * devices)
        strategy = strategies.make("mirrored")
    family, objective = small(recipe)
    rng = np.random.default_rng(0)
    shape = family.batch_spec["image"]
    labels = np.arange(40, dtype=np.int32) % 3
    store = Store.of_pictures(rng.integers(0, 256, (40, *shape), np.uint8), labels, ("a", "b", "c"))
    with strategy.scope() if strategy else contextlib.nullcontext():
        gan = GAN(family, seed=1, precision=precision)
        gan.compile(objective)
    execute, team = gan.make_train_function(), strategies.Team(strategy)
    batches = team.batches(lambda shard: gan.prepared(stream(store, BATCH, seed=0, shard=shard)))
    for _ in range(STEPS):
        execute(batches)
    return values(gan.state())


def largest_difference(ours: dict, theirs: dict) -> float:
    """Of any number of two states; infinite where their names differ."""
    import numpy as np

    if set(ours) != set(theirs):
        return float("inf")
    return max(float(np.max(np.abs(ours[k].astype(np.float64) - theirs[k]), initial=0.0)) for k in ours)


def main() -> None:
    """Writes the states, or compares with those written."""
    import numpy as np

    from ganzoo.config import list_recipes

    flags = argparse.ArgumentParser(description=__doc__)
    flags.add_argument("--write", type=Path)
    flags.add_argument("--against", type=Path)
    flags.add_argument("--one", nargs=4)  # a recipe, devices, precision and the file: a process of its own
    options = flags.parse_args()
    if options.one:
        recipe, devices, precision, file = options.one
        np.savez(file, **state_after(recipe, int(devices), precision))
        return
    folder = options.write or options.against / "now"
    folder.mkdir(parents=True, exist_ok=True)
    cases = [(d, p) for d in DEVICES for p in PRECISIONS]
    print("| recipe | " + " | ".join(f"{d} device{'s' * (d > 1)}, {p}" for d, p in cases) + " |")
    print("|---" * (1 + len(cases)) + "|")
    for recipe in list_recipes():
        cells = []
        for devices, precision in cases:
            name = f"{recipe}-{devices}-{precision}.npz"
            words = [recipe, str(devices), precision, str(folder / name)]
            run = [sys.executable, "-m", "tools", "same_bits", "--one", *words]
            subprocess.run(run, check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})
            if options.write:
                cells.append("written")
                continue
            with np.load(folder / name) as now, np.load(options.against / name) as before:
                cells.append(f"{largest_difference(dict(now), dict(before)):.3g}")
        print(f"| {recipe} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
