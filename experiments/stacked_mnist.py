"""StackedMNIST: how many of its 1,000 modes does the recipe find, and how evenly?

    python -m experiments stacked_mnist --data mnist.npz [--seeds 0,1,2] [--out FOLDER]
    python -m experiments stacked_mnist --data mnist.npz --configs vanilla,dcgan,progan --images 100000

Three random digits of MNIST's training pictures, one as each colour channel (Metz et al. 2017, arXiv
1611.02163, section 3.3.1): 128,000 pictures, written once to FOLDER/stacked_mnist.npz. Trains the recipe
`stacked_mnist_dcgan`, or others, on them for each seed (a run that is there is gone on with, a finished one
is not repeated), draws 26,000 pictures and has every channel read by a classifier that was trained on MNIST's
training pictures and is tested on its test pictures. A mode is reached by one picture; KL of the modes drawn
against those of the data, in nats. The same is counted of 26,000 pictures of the data: the floor. Prints a
Markdown table and a line of JSON.
"""

import argparse
import itertools
import json
from pathlib import Path

import numpy as np

import ganzoo
from experiments.mnist_cgan import judge
from ganzoo import data
from ganzoo.compare.variations import applied
from ganzoo.config import read_recipe, resolve, with_budget
from ganzoo.disk.files import write_atomically
from ganzoo.metrics.modes import count_modes, stacked_labels
from ganzoo.pictures.layout import to_uint8
from ganzoo.training.loop import train

SHAPE = ("model.image_size=32", "model.channels=3", "data.flip=false", "data.crop=center")
RECIPE, NUM_STACKED, NUM_DRAWN, NUM_MODES = "stacked_mnist_dcgan", 128_000, 26_000, 1_000


def stack(images: np.ndarray, labels: np.ndarray, num: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Pictures uint8 `(num, height, width, 3)` of three random digits each, and their modes `(num,)`."""
    rows = np.random.default_rng(seed).integers(0, len(images), (num, 3))
    return np.stack([images[rows[:, at]] for at in range(3)], axis=-1), stacked_labels(labels[rows])


def written(mnist: str, path: Path) -> Path:
    """The data set as a file that every command takes; made once."""
    if not path.exists():
        with np.load(mnist) as arrays:
            images, _ = stack(arrays["x_train"], arrays["y_train"], NUM_STACKED, seed=0)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(path, lambda file: np.savez_compressed(file, image=images))
    return path


def counted(classifier, images: np.ndarray, shares: np.ndarray):
    """Modes reached by pictures and their KL from the data's."""
    return count_modes(stacked_labels(classifier.predict_stacked(images)), NUM_MODES, shares)


def drawn(run: Path, seed: int = 1) -> np.ndarray:
    """26,000 pictures of the run's last state, uint8."""
    gan = ganzoo.load(run, "last")
    parts = [gan.sample(1_000, seed=seed * 1_000_000 + at) for at in range(0, NUM_DRAWN, 1_000)]
    return to_uint8(np.concatenate(parts))


def main() -> None:
    """Trains what is missing, counts and prints."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", required=True, help="mnist.npz as published with Keras")
    parser.add_argument("--seeds", default="0,1,2")
    parser.add_argument("--images", type=int, default=None, help="default each recipe's own")
    parser.add_argument("--configs", default=RECIPE, help="recipes, by name or path")
    parser.add_argument("--out", type=Path, default=Path("runs/stacked_mnist"))
    options = parser.parse_args()
    source = written(options.data, options.out / "stacked_mnist.npz")
    classifier, accuracy = judge(options.data)
    with np.load(options.data) as arrays:
        share = np.bincount(arrays["y_train"], minlength=10) / len(arrays["y_train"])
    shares = np.einsum("a,b,c->abc", share, share, share).ravel()
    rows = []
    for name, seed in itertools.product(options.configs.split(","), map(int, options.seeds.split(","))):
        recipe, _ = applied(with_budget(read_recipe(name), options.images), SHAPE)
        recipe["data"]["source"] = str(source)
        recipe["train"]["seed"] = seed
        run = options.out / f"{Path(name).stem}-{recipe['train']['images']}-{seed}"
        summary = train(resolve(recipe), run)
        rows.append({"recipe": Path(name).stem, "seed": seed})
        rows[-1] |= {"seconds": summary["seconds"], "images": summary["images_seen"]}
        found = counted(classifier, drawn(run), shares)
        rows[-1] |= {"modes": found.modes, "kl": found.kl}
        print(json.dumps(rows[-1]), flush=True)
    store = data.load(data.DataConfig(source=str(source)), 32, 3)
    some = np.sort(np.random.default_rng(0).permutation(len(store))[:NUM_DRAWN])
    floor = counted(classifier, store.images[some], shares)

    print(f"\nthe classifier on MNIST's test pictures: {accuracy:.2%}")
    print("\n| recipe | seed | images seen | seconds | modes of 1,000 | KL |\n|---|---|---|---|---|---|")
    for row in rows:
        ran = f"{row['recipe']} | {row['seed']} | {row['images']:,} | {row['seconds']:.0f}"
        print(f"| {ran} | {row['modes']} | {row['kl']:.3f} |")
    print(f"| the data itself | | | | {floor.modes} | {floor.kl:.3f} |")
    print(json.dumps({"classifier": accuracy, "runs": rows, "floor": floor.__dict__}))


if __name__ == "__main__":
    main()
