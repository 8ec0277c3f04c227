"""Does the conditional GAN draw the digit it is asked for?

    python experiments/mnist_cgan.py --data mnist.npz [--run_dir DIR] [--images N] [--seed S]

Trains the recipe `mnist_cgan` as `ganzoo-train` does (or goes on with the run in --run_dir),
asks it for 10,000 digits, 1,000 of each class, and has them read by a classifier that was
trained on MNIST's training pictures and is tested on its test pictures. The Frechet distance
is taken in that classifier's features, 10,000 against 10,000: of generated digits, their classes in
the real ones' proportions, of other real ones (the floor), and of those shifted by one pixel.
Prints a Markdown table and a line of JSON.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path

import numpy as np

import ganzoo
from ganzoo import data
from ganzoo.config import read_recipe, resolve, with_budget
from ganzoo.data.data_config import DataConfig
from ganzoo.data.drawn import drawn_like
from ganzoo.metrics.classifier import train_classifier
from ganzoo.metrics.conditional import class_agreement
from ganzoo.metrics.extract import extract
from ganzoo.metrics.frechet import frechet_distance
from ganzoo.pictures.layout import to_uint8
from ganzoo.training.loop import train
from ganzoo.training.run_pictures import grid, save_png

SIZE, EACH, CLASSIFIER_STEPS = 32, 1_000, 6_000


def judge(source: str):
    """The separate classifier and its accuracy on MNIST's own test pictures."""
    reals = data.load(DataConfig(source=source), SIZE, 1)
    held_out = data.load(DataConfig(source=source, split="test"), SIZE, 1)
    classifier = train_classifier(reals.images, reals.labels, steps=CLASSIFIER_STEPS)
    return classifier, float((classifier.predict(held_out.images) == held_out.labels).mean())


def distances(classifier, source: str, generated: np.ndarray) -> dict[str, float]:
    """Frechet distances to 10,000 training pictures, in the classifier's features."""
    reals = np.asarray(data.load(DataConfig(source=source), SIZE, 1).images)
    reals = reals[np.random.default_rng(0).permutation(len(reals))[: 2 * len(generated)]]
    half, other = np.split(reals, 2)
    shifted = np.pad(other, ((0, 0), (0, 0), (1, 0), (0, 0)))[:, :, :-1]
    space = classifier.space()
    half = extract(half, space)
    sets = {"floor": other, "shifted": shifted, "generated": generated}
    return {name: frechet_distance(half, extract(images, space)) for name, images in sets.items()}


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--data", required=True, help="mnist.npz as published with Keras")
    flags.add_argument("--run_dir", default=None)
    flags.add_argument("--images", type=int, default=None, help="default the recipe's")
    flags.add_argument("--seed", type=int, default=0)
    flags.add_argument("--config", default="mnist_cgan")
    given = flags.parse_args()

    recipe = with_budget(read_recipe(given.config), given.images)
    recipe["data"]["source"] = given.data
    recipe["train"]["seed"] = given.seed
    run_dir = Path(given.run_dir or tempfile.mkdtemp())
    began = time.monotonic()
    summary = train(resolve(recipe), run_dir)
    wall = time.monotonic() - began

    classifier, accuracy = judge(given.data)
    gan = ganzoo.load(run_dir)
    asked = np.repeat(np.arange(10), EACH)
    images = to_uint8(gan.sample(len(asked), seed=1, labels=asked))
    agreement = class_agreement(classifier.predict(images), asked)
    # A distance is of classes as the real digits have them; agreement of as many of each.
    labels = data.load(DataConfig(source=given.data), SIZE, 1).labels
    drawn = drawn_like(labels, len(asked), seed=1)
    found = distances(classifier, given.data, to_uint8(gan.sample(len(drawn), seed=2, labels=drawn)))
    rows = images.reshape(10, EACH, *images.shape[1:])[:, :16]
    save_png(run_dir / "asked.png", grid(rows.reshape(-1, *images.shape[1:]), 16))

    print("\n| what | value |\n|---|---|")
    print(f"| images seen | {summary['images_seen']:,} |")
    print(f"| training, seconds of the run (this process {wall:.0f}) | {summary['seconds']:.0f} |")
    print(f"| the classifier on MNIST's test pictures | {accuracy:.2%} |")
    print(f"| read as the class asked for, of {len(asked):,} | {agreement.share:.2%} |")
    for label, share in agreement.per_class.items():
        print(f"| class {label} | {share:.2%} |")
    for name, value in found.items():
        print(f"| Frechet distance, {name} | {value:.4f} ({value / found['floor']:.1f} times the floor) |")
    result = {
        "seed": given.seed,
        "distances": found,
        "images_seen": summary["images_seen"],
        "seconds": summary["seconds"],
        "classifier": accuracy,
        "agreement": agreement.share,
        "per_class": agreement.per_class,
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
