"""How the cost of a step grows with image size, width, batch, pictures and replicas; with a picture of it.

    python -m benchmarks cost [--rounds 5] [--out docs/images/cost.png]

Of the DCGAN at 64x64, width 32, batch 32; one argument varies at a time, and each variant takes turns
with that base step. Replicas are logical devices that share the same cores: what splitting costs, not
what more devices bring.
"""

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

from benchmarks.alternate import alternate, machine

BASE = {"image_size": 64, "width": 32, "batch": 32, "pictures": 1_000, "replicas": 1}
VARIED = {
    "image_size": (16, 32, 64, 128),
    "width": (16, 32, 64, 128),
    "batch": (8, 32, 128, 256),
    "pictures": (1_000, 10_000, 100_000),
    "replicas": (1, 2),
}


def step(image_size: int, width: int, batch: int, pictures: int, replicas: int):
    """One training step of this size, data included."""
    import tensorflow as tf

    import ganzoo
    from ganzoo.data import stream
    from ganzoo.data.store import Store
    from ganzoo.training import strategies

    devices = [f"CPU:{i}" for i in range(replicas)]
    team = strategies.Team(tf.distribute.MirroredStrategy(devices) if replicas > 1 else None)
    images = np.zeros((pictures, image_size, image_size, 3), np.uint8)
    images += np.arange(pictures, dtype=np.uint8)[:, None, None, None]
    with team.scope():
        gan = ganzoo.build("dcgan", image_size=image_size, width=width)
    execute = gan.make_train_function()
    batches = team.batches(lambda shard: gan.prepared(stream(Store(images), batch, seed=0, shard=shard)))
    return lambda: float(execute(batches)["d_loss"])


def measured(rounds: int) -> dict[str, list[dict]]:
    """For each argument its values and what a picture costs, beside the base in the same turns."""
    found = {}
    for name, values in VARIED.items():
        rows = []
        for value in values:
            calls = {"this": step(**{**BASE, name: value}), "base": step(**BASE)}
            seconds = alternate(calls, rounds, warm_up=3)
            batch = value if name == "batch" else BASE["batch"]
            each = [a / batch / (b / BASE["batch"]) for a, b in zip(*seconds.values(), strict=True)]
            cost = 1000 * statistics.median(seconds["this"]) / batch
            rows.append({"value": value, "ms_per_picture": cost, "ratio": statistics.median(each)})
            print(f"| {name} | {value:,} | {cost:.2f} | {rows[-1]['ratio']:.2f} |", flush=True)
        found[name] = rows
    return found


def draw(found: dict[str, list[dict]], path: Path) -> None:
    """A panel for each argument."""
    import matplotlib

    matplotlib.use("agg")
    from matplotlib import pyplot

    figure, panels = pyplot.subplots(1, len(found), figsize=(3 * len(found), 3), layout="constrained")
    for panel, (name, rows) in zip(panels, found.items(), strict=True):
        values = [row["value"] for row in rows]
        panel.plot(values, [row["ratio"] for row in rows], "o-", color="#2b6cb0")
        panel.set(xlabel=name.replace("_", " "), xscale="log", yscale="log")
        panel.set_xticks(values, [f"{value:,}" for value in values])
        ticks = sorted({0.1, 0.25, 0.5, 1, 2, 4, 8, 16})
        panel.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
        panel.minorticks_off()
        panel.grid(alpha=0.3)
        panel.axhline(1, color="#888", linewidth=0.8)
    panels[0].set_ylabel("cost of a picture over the base's")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=120)
    pyplot.close(figure)


def main() -> None:
    """Measures, prints a table and JSON, and draws."""
    import tensorflow as tf

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/images/cost.png"))
    options = parser.parse_args()
    tf.config.set_logical_device_configuration(
        tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * 2
    )
    print(f"base: {BASE}; {machine()}\n")
    print("| argument | value | ms a picture | over the base's |\n|---|---|---|---|")
    found = measured(options.rounds)
    draw(found, options.out)
    print(json.dumps({"machine": machine(), "base": BASE, "rows": found}))


if __name__ == "__main__":
    main()
