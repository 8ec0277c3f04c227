"""Sliced Wasserstein distances: of features, and of Laplacian pyramid patches level by level."""

from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics.frechet import check_finite
from ganzoo.metrics.images import check_images, need

SMALLEST_LEVEL = 16  # pixels; where Karras et al. stop the pyramid
PATCH = 7  # pixels a side


def directions(dim: int, count: int, seed: int) -> np.ndarray:
    """`count` random directions of length 1, `(dim, count)`."""
    found = np.random.default_rng(seed).normal(size=(dim, count))
    return found / np.linalg.norm(found, axis=0)


def sliced_wasserstein(real: np.ndarray, fake: np.ndarray, *, projections: int = 128, seed: int = 0) -> float:
    """Sliced Wasserstein-1 distance of features `(num, dim)`; lower is better, 0 or more.

    The mean over random directions of the distance between sorted projections (Rabin et al. 2011;
    Karras et al. 2018, arXiv:1710.10196, section 5). Falls with N even for equal distributions:
    compare at equal N, beside a floor. Raises UsageError for fewer than 2 samples, DataError for NaN.
    """
    if len(real) != len(fake):
        return float(np.mean(projected(real, fake, projections, seed)[0]))
    ours, theirs = onto_directions(real, fake, projections, seed)
    return float(np.mean(np.abs(np.sort(ours, axis=1) - np.sort(theirs, axis=1))))


@dataclass(frozen=True)
class PermutationTest:
    """`value` and how rarely relabelled samples reach it: `p_value` in (0, 1], small is different."""

    value: float
    p_value: float
    permutations: int


def sliced_wasserstein_test(
    real: np.ndarray, fake: np.ndarray, *, projections: int = 128, permutations: int = 200, seed: int = 0
) -> PermutationTest:
    """`sliced_wasserstein` with the p-value of a permutation test; a p-value below 0.05 says the sets differ.

    Labels real and fake are shuffled over the pooled samples; the p-value is (1 + those at least as
    far) / (1 + permutations), its smallest value 1 / (1 + permutations). All samples have to be
    independent of each other: one crop of each painting.
    """
    distances, order, gaps = projected(real, fake, projections, seed)
    draw = np.random.default_rng([seed, 1])
    weights = np.concatenate([np.full(len(real), 1 / len(real)), np.full(len(fake), -1 / len(fake))])
    weights = weights.astype(np.float32)  # a test statistic, compared with its like
    gaps = gaps.astype(np.float32)
    value = distances.mean()
    reached = sum(
        between(draw.permutation(weights), order, gaps).mean() >= value * (1 - 1e-6)
        for _ in range(permutations)
    )
    return PermutationTest(float(value), (1 + int(reached)) / (1 + permutations), permutations)


def onto_directions(
    real: np.ndarray, fake: np.ndarray, projections: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """Both sets projected, `(projections, num)` each."""
    real, fake = check_finite(real), check_finite(fake)
    if real.shape[1] != fake.shape[1]:
        raise DataError(f"the features have {real.shape[1]} and {fake.shape[1]} dimensions; take one space")
    need(min(len(real), len(fake)), 2, "the sliced Wasserstein distance")
    onto = directions(real.shape[1], projections, seed).T
    return onto @ real.T, onto @ fake.T


def projected(real: np.ndarray, fake: np.ndarray, projections: int, seed: int):
    """Distances `(projections,)`, and what a relabelling needs: the pooled order and the gaps in it."""
    pooled = np.concatenate(onto_directions(real, fake, projections, seed), axis=1).T
    order = np.argsort(pooled, axis=0, kind="stable")
    gaps = np.diff(np.take_along_axis(pooled, order, axis=0), axis=0)
    weights = np.concatenate([np.full(len(real), 1 / len(real)), np.full(len(fake), -1 / len(fake))])
    return between(weights, order, gaps), order, gaps


def between(weights: np.ndarray, order: np.ndarray, gaps: np.ndarray) -> np.ndarray:
    """Wasserstein-1 in every direction: the area between the two cumulative distributions.

    Equal to the mean difference of sorted projections where the sets are of equal size.
    """
    cumulative = np.cumsum(weights[order], axis=0)[:-1]
    return np.einsum("ij,ij->j", np.abs(cumulative), gaps)


def laplacian_pyramid(images: np.ndarray) -> list[np.ndarray]:
    """Float images `(num, height, width, channels)` as levels, finest first, down to 16 pixels.

    Burt and Adelson 1983, with the 1 4 6 4 1 kernel; the last level is the blurred rest.
    Raises UsageError where halving does not come out even or pictures are below 16 pixels.
    """
    levels, current = [], np.asarray(images, np.float32)
    # Blur-and-halve and double-and-blur are one matrix each per axis, which BLAS does fastest.
    while min(current.shape[1:3]) >= 2 * SMALLEST_LEVEL:
        if current.shape[1] % 2 or current.shape[2] % 2:
            raise UsageError(
                f"the patch distance halves to {SMALLEST_LEVEL} pixels, {current.shape[1:3]} is odd; "
                "resize them to a power of two"
            )
        rows, columns = (blur_matrix(size) for size in current.shape[1:3])
        smaller = on_both_axes(current, rows[::2], columns[::2])
        levels.append(current - on_both_axes(smaller, 2 * rows[:, ::2], 2 * columns[:, ::2]))
        current = smaller
    if min(current.shape[1:3]) < SMALLEST_LEVEL:
        raise UsageError(
            f"the patch distance needs pictures of {SMALLEST_LEVEL} pixels, {current.shape[1:3]} given"
        )
    return [*levels, current]


def blur_matrix(size: int) -> np.ndarray:
    """`(size, size)`: convolution with 1 4 6 4 1 / 16, mirrored at the border."""
    matrix = np.zeros((size, size), np.float32)
    for offset, weight in zip(range(-2, 3), (1, 4, 6, 4, 1), strict=True):
        source = np.abs(np.arange(size) + offset)
        source = np.where(source >= size, 2 * (size - 1) - source, source)
        np.add.at(matrix, (np.arange(size), source), weight / 16)
    return matrix


def on_both_axes(images: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
    """Images `(num, height, width, channels)` with one matrix along each axis."""
    num, height, width, channels = images.shape
    tall = (rows @ images.reshape(num, height, width * channels)).reshape(num * len(rows), width, channels)
    return (columns @ tall).reshape(num, len(rows), len(columns), channels)


def patches(level: np.ndarray, count: int, draw: np.random.Generator) -> np.ndarray:
    """`count` random 7x7 patches of every picture, flat, each channel at mean 0 and spread 1 over all."""
    num, height, width, channels = level.shape
    top = draw.integers(0, height - PATCH + 1, (num, count))
    left = draw.integers(0, width - PATCH + 1, (num, count))
    windows = np.lib.stride_tricks.sliding_window_view(level, (PATCH, PATCH), (1, 2))
    found = windows[np.arange(num)[:, None], top, left].reshape(num * count, channels, PATCH * PATCH)
    mean, spread = found.mean(axis=(0, 2), keepdims=True), found.std(axis=(0, 2), keepdims=True)
    return ((found - mean) / np.maximum(spread, 1e-8)).reshape(num * count, -1)


def sliced_wasserstein_patches(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    patches_per_image: int = 128,
    projections: int = 512,
    chunk: int = 64,
    seed: int = 0,
) -> dict[int, float]:
    """Sliced Wasserstein distance of local patches per pyramid level; lower is better, 0 or more.

    Karras et al. 2018 (arXiv:1710.10196, section 5): descriptors of 7x7 pixels from every level of a
    Laplacian pyramid, {level's height in pixels: distance}; the paper prints it times 1000. Takes
    uint8 images `(num, height, width, channels)` of one shape; of the larger set a random choice by `seed`.
    Raises DataError for other images, UsageError below 16 pixels.
    """
    real, fake = check_images(real, "real pictures"), check_images(fake, "fake pictures")
    if real.shape[1:] != fake.shape[1:]:
        raise DataError(
            f"real pictures are {real.shape[1:]}, fake ones {fake.shape[1:]}; bring them to one size"
        )
    num = min(len(real), len(fake))
    need(num, 2, "the patch distance")
    found = {}
    draw = np.random.default_rng([seed, 1_000])
    sides = (
        images if len(images) == num else images[draw.permutation(len(images))[:num]]
        for images in (real, fake)
    )
    for level, (ours, theirs) in enumerate(zip(*map(laplacian_pyramid, sides), strict=True)):
        # The same places in both sets: the difference is then the pictures' alone.
        one, other = (
            patches(pyramid, patches_per_image, np.random.default_rng([seed, level]))
            for pyramid in (ours, theirs)
        )
        onto = directions(one.shape[1], projections, seed).astype(np.float32)
        total = 0.0
        for at in range(0, projections, chunk):
            sets = [
                np.sort((descriptors @ onto[:, at : at + chunk]).T, axis=1) for descriptors in (one, other)
            ]
            total += float(np.abs(sets[0] - sets[1]).mean(axis=1, dtype=np.float64).sum())
        found[ours.shape[1]] = total / projections
    return found
