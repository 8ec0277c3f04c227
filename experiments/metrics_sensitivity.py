"""What every measure sees: the embedded paintings, blurred, noisy, shuffled and collapsed, as Markdown.

    python experiments/metrics_sensitivity.py --num 600 --features mobilenet

Reals and the pictures to spoil are different crops of the same paintings (other paintings would be a
difference of their own). The bracket says what a row holds: the ratio to the real-against-real floor at the
same N, a z-score, or the plain value.
Takes about three minutes on two cores for 600 crops.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

import ganzoo
from ganzoo.metrics import evaluate, feature_space, sample_of

PAINTINGS = Path(ganzoo.__file__).parent / "data" / "met_paintings"
MEASURES = (
    "frechet",
    "kernel",
    "precision_recall",
    "sliced",
    "patches",
    "ms_ssim",
    "birthday",
    "bins",
)


def crops(paths: list[Path], num: int, seed: int) -> np.ndarray:
    """`num` crops of 64x64, shrunk from 96 to 128 pixels, uint8."""
    draw, found = np.random.default_rng(seed), np.empty((num, 64, 64, 3), np.uint8)
    paintings = [Image.open(path).convert("RGB") for path in paths]
    for row in range(num):
        painting = paintings[row % len(paintings)]
        side = int(draw.integers(96, 129))
        left, top = (int(draw.integers(0, length - side + 1)) for length in painting.size)
        box = (left, top, left + side, top + side)
        found[row] = np.asarray(painting.resize((64, 64), Image.Resampling.BICUBIC, box=box))
    return found


def blur(images: np.ndarray, radius: float) -> np.ndarray:
    """Gaussian blur of `radius` pixels."""
    reach = np.arange(64)
    kernel = np.exp(-((reach[:, None] - reach[None]) ** 2) / (2 * radius**2))
    kernel = (kernel / kernel.sum(axis=1, keepdims=True)).astype(np.float32)
    return np.rint(
        np.einsum("ij,bjkc,lk->bilc", kernel, images.astype(np.float32), kernel, optimize=True)
    ).astype(np.uint8)


def noise(images: np.ndarray, spread: float) -> np.ndarray:
    """White noise of `spread`, of a range of 1."""
    drawn = np.random.default_rng(0).normal(0, 255 * spread, images.shape)
    return np.rint((images + drawn).clip(0, 255)).astype(np.uint8)


def shuffle(images: np.ndarray, patch: int) -> np.ndarray:
    """Squares of `patch` pixels in a random order, another one in every picture."""
    draw, cells = np.random.default_rng(0), 64 // patch
    tiles = images.reshape(-1, cells, patch, cells, patch, 3).transpose(0, 1, 3, 2, 4, 5)
    tiles = tiles.reshape(len(images), cells * cells, patch, patch, 3)
    tiles = np.stack([picture[draw.permutation(cells * cells)] for picture in tiles])
    tiles = tiles.reshape(-1, cells, cells, patch, patch, 3).transpose(0, 1, 3, 2, 4, 5)
    return tiles.reshape(images.shape)


def collapse(images: np.ndarray, different: int) -> np.ndarray:
    """Only `different` pictures, chosen at random, over and over."""
    left = np.random.default_rng(0).permutation(len(images))[:different]
    return images[left[np.arange(len(images)) % different]]


def spoilt(images: np.ndarray) -> dict[str, np.ndarray]:
    """Every spoilt set by the name of its column."""
    columns = {"none": images}
    columns |= {f"blur {radius:g}": blur(images, radius) for radius in (0.5, 1, 2, 4)}
    columns |= {f"noise {spread:g}": noise(images, spread) for spread in (0.025, 0.05, 0.1, 0.2)}
    columns |= {f"shuffle {patch}": shuffle(images, patch) for patch in (32, 16, 8)}
    return columns | {f"collapse {left}": collapse(images, left) for left in (100, 10, 1)}


def score(row) -> float | None:
    """The number of a row that means most: its ratio, its z-score, else its value."""
    return next((found for found in (row.ratio, row.z, row.value) if found is not None), None)


def kind(row) -> str:
    if row.ratio is not None:
        return "ratio"
    return "z" if row.z is not None else "value"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num", type=int, default=600)
    parser.add_argument("--features", default="mobilenet")
    options = parser.parse_args()
    paths = sorted(PAINTINGS.glob("*.jpg"))
    space = feature_space(options.features)
    real = sample_of(crops(paths, 2 * options.num, 1), space, 2 * options.num)
    table: dict[str, dict[str, float | None]] = {}
    columns = spoilt(crops(paths, options.num, 2))
    for column, images in columns.items():
        report = evaluate(real, images, features=space, measures=MEASURES, num=options.num)
        for row in report.rows:
            table.setdefault(f"{row.name} ({kind(row)})", {})[column] = score(row)
    print(f"Features {space.name} ({space.checksum}), {space.resize}, {options.num} crops of 64x64 a side.\n")
    print("| measure | " + " | ".join(columns) + " |")
    print("|---" * (len(columns) + 1) + "|")
    for name, found in table.items():
        cells = ("-" if found.get(column) is None else f"{found[column]:.3g}" for column in columns)
        print(f"| {name} | " + " | ".join(cells) + " |")


if __name__ == "__main__":
    main()
