"""Real pictures for the tests of the measures: crops of the embedded paintings, and their features."""

import functools
from pathlib import Path

import numpy as np
from PIL import Image

import ganzoo
from ganzoo.metrics import extract, feature_space

PAINTINGS = Path(ganzoo.__file__).parent / "data" / "met_paintings"


@functools.lru_cache(maxsize=4)
def crops(num: int, size: int = 64) -> np.ndarray:
    """`num` different random crops, uint8 `(num, size, size, 3)`, shrunk where possible."""
    draw = np.random.default_rng(0)
    paintings = [Image.open(path).convert("RGB") for path in sorted(PAINTINGS.glob("*.jpg"))]
    found = np.empty((num, size, size, 3), np.uint8)
    for row in range(num):
        painting = paintings[row % len(paintings)]
        side = int(min(2 * size, *painting.size) * draw.uniform(0.75, 1))
        left, top = (int(draw.integers(0, length - side + 1)) for length in painting.size)
        box = (left, top, left + side, top + side)
        found[row] = np.asarray(painting.resize((size, size), Image.Resampling.BICUBIC, box=box))
    found.setflags(write=False)
    return found


@functools.lru_cache(maxsize=1)
def painting_features() -> np.ndarray:
    """The default space's features `(300, 1280)` of 300 crops."""
    return extract(crops(300), mobilenet())


@functools.lru_cache(maxsize=1)
def mobilenet():
    """The default space, which takes seconds to build."""
    return feature_space("mobilenet")
