"""How the cost of training grows with picture size, width, batch, number of pictures and replicas.

    python -m benchmarks cost [--rounds 5] [--out docs/images/cost.png]

The DCGAN's step; all points of a curve take turns. Replicas are logical devices of one CPU that share
its cores, at the same global batch: what is seen is the price of sharing, not a gain. Writes one
picture with a panel for each curve and prints the numbers.
"""

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

from benchmarks.alternate import alternate, machine

SIZES, WIDTHS, BATCHES, REPLICAS = (16, 32, 64, 128), (16, 32, 64, 128), (8, 32, 64, 128, 256), (1, 2)
PICTURES = (1_000, 10_000, 100_000)
PLAIN = {"image_size": 64, "width": 32, "batch": 32}


def step(image_size: int, width: int, batch: int, replicas: int = 1):
    """One training step of a DCGAN, on one device or several."""
    import tensorflow as tf

    import ganzoo

    devices = [f"CPU:{i}" for i in range(replicas)]
    strategy = tf.distribute.MirroredStrategy(devices) if replicas > 1 else tf.distribute.get_strategy()
    with strategy.scope():
        gan = ganzoo.build("dcgan", image_size=image_size, width=width)
    pictures = tf.random.uniform((batch, image_size, image_size, 3), -1, 1)
    dataset = gan.prepared(tf.data.Dataset.from_tensors({"image": pictures}).repeat(), replicas)
    batches = iter(strategy.experimental_distribute_dataset(dataset))
    execute = gan.make_train_function()
    return lambda: float(execute(batches)["d_loss"])


def stream_of(num: int):
    """128 batches of the training stream of `num` stored pictures."""
    from ganzoo import data

    store = data.Store.of_pictures(np.full((num, 64, 64, 3), 128, np.uint8))
    batches = iter(data.stream(store, PLAIN["batch"], seed=0))

    def take():
        for _ in range(128):
            next(batches)

    return take


def curves(rounds: int) -> dict[str, tuple[str, dict[int, float]]]:
    """For each curve: the label of its y axis and its points."""

    def points(contestants, unit=1.0):
        return {x: statistics.median(s) / unit for x, s in alternate(contestants, rounds).items()}

    def steps(name, values, **changes):
        return points({x: step(**{**PLAIN, **changes, name: x}) for x in values})

    sizes, widths = steps("image_size", SIZES), steps("width", WIDTHS)
    batches, replicas = steps("batch", BATCHES), steps("replicas", REPLICAS)
    pictures = points({x: stream_of(x) for x in PICTURES}, 128 * PLAIN["batch"])
    per = PLAIN["batch"]
    return {
        "picture size (pixels)": ("ms an image", {x: 1e3 * s / per for x, s in sizes.items()}),
        "width (channels)": ("ms an image", {x: 1e3 * s / per for x, s in widths.items()}),
        "batch": ("ms an image", {x: 1e3 * s / x for x, s in batches.items()}),
        "replicas on the same cores": ("ms an image", {x: 1e3 * s / per for x, s in replicas.items()}),
        "pictures in the set": ("ms an image, reading alone", {x: 1e3 * s for x, s in pictures.items()}),
    }


def draw(found: dict, path: Path) -> None:
    """A panel for each curve."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from ganzoo.disk.files import write_atomically

    figure = Figure(figsize=(13, 6.5), layout="constrained")
    panels = figure.subplots(2, 3).ravel()
    for axes, (name, (unit, points)) in zip(panels, found.items(), strict=False):
        axes.plot(list(points), list(points.values()), marker="o")
        axes.set_xscale("log", base=10 if name.startswith("pictures") else 2)
        axes.set_xticks(list(points), [f"{x:,}" for x in points])
        axes.minorticks_off()
        grows = max(points.values()) > 4 * min(points.values())
        axes.set(xlabel=name, ylabel=unit)
        if grows:
            axes.set_yscale("log")
            axes.set_yticks(list(points.values()), [f"{y:.3g}" for y in points.values()])
            axes.minorticks_off()
        else:
            axes.set_ylim(0, 1.1 * max(points.values()))
        axes.grid(alpha=0.3)
    panels[-1].axis("off")
    plain = ", ".join(f"{key.replace('_', ' ')} {value}" for key, value in PLAIN.items())
    panels[-1].text(0, 0.6, f"The DCGAN's training step.\nUnless varied: {plain}.\nFloat32, two CPU cores.")
    FigureCanvasAgg(figure)
    write_atomically(path, lambda file: figure.savefig(file, format="png", dpi=80))


def main() -> None:
    """Measures, draws and prints."""
    import tensorflow as tf

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path("docs/images/cost.png"))
    options = parser.parse_args()
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * max(REPLICAS))
    found = curves(options.rounds)
    print(f"{machine()}; DCGAN, {PLAIN}")
    for name, (unit, points) in found.items():
        print(f"| {name} | " + " | ".join(f"{x:,}" for x in points) + " |")
        print("|---" * (len(points) + 1) + "|")
        print(f"| {unit} | " + " | ".join(f"{y:.3g}" for y in points.values()) + " |\n")
    draw(found, options.out)
    print(json.dumps({"machine": machine(), "plain": PLAIN, "curves": found}))


if __name__ == "__main__":
    main()
