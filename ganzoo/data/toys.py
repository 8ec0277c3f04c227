"""Toy problems whose truth is known: mixtures of Gaussians in the plane, the Swiss roll, V = xy.

    from ganzoo import toys
    points = toys.ring().sample(1000, seed=0)          # (1000, 2)
    gan = ganzoo.build("vanilla", data_shape=(2,), ...)
    gan.fit(toys.stream(toys.ring(), batch_size=256), steps_per_epoch=10_000)
    toys.ring().modes(gan.sample(2500))                # modes covered, share of good samples

And what theory says about them, for tests and figures to be held against.
"""

from dataclasses import dataclass

import numpy as np

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf


@dataclass(frozen=True)
class Modes:
    """Of `num_modes` modes, how many are covered, and the share of samples near any of them."""

    covered: int
    num_modes: int
    high_quality: float


@dataclass(frozen=True)
class Mixture:
    """Round Gaussians of equal weight.

    Attributes:
        centres: `(modes, dim)`.
        sigma: standard deviation of each, along every axis.
    """

    centres: tuple[tuple[float, ...], ...]
    sigma: float

    def sample(self, num: int, seed: int = 0) -> np.ndarray:
        """Points, float32 `(num, dim)`."""
        rng = np.random.default_rng(seed)
        centres = np.asarray(self.centres)
        chosen = centres[rng.integers(len(centres), size=num)]
        return (chosen + self.sigma * rng.standard_normal(chosen.shape)).astype(np.float32)

    def log_density(self, points: np.ndarray) -> np.ndarray:
        """log p at points `(num, dim)`, float64 `(num,)`."""
        centres, points = np.asarray(self.centres), np.asarray(points, np.float64)
        squares = ((points[:, None] - centres[None]) ** 2).sum(axis=2) / self.sigma**2
        normaliser = np.log(len(centres)) + centres.shape[1] * np.log(self.sigma * np.sqrt(2 * np.pi))
        least = squares.min(axis=1)
        return np.log(np.exp(-0.5 * (squares - least[:, None])).sum(axis=1)) - 0.5 * least - normaliser

    def modes(self, points: np.ndarray, at_least: int = 20, within: float = 3.0) -> Modes:
        """Which modes points `(num, dim)` reach.

        A mode is covered when at least `at_least` points lie within `within` sigma of its
        centre; a point is of high quality when it lies that near to any centre.

        Raises:
            DataError: for points that are not finite, or of another dimension.
        """
        centres, points = np.asarray(self.centres), np.asarray(points, np.float64)
        if points.ndim != 2 or points.shape[1] != centres.shape[1] or not np.isfinite(points).all():
            raise DataError(
                f"points of shape {points.shape} cannot be counted: expected finite numbers of shape "
                f"(num, {centres.shape[1]})"
            )
        distances = np.linalg.norm(points[:, None] - centres[None], axis=2)
        near = distances <= within * self.sigma
        return Modes(int((near.sum(axis=0) >= at_least).sum()), len(centres), float(near.any(axis=1).mean()))


def ring(num_modes: int = 8, radius: float = 1.0, sigma: float = 0.01) -> Mixture:
    """Gaussians evenly spaced on a circle."""
    angles = 2 * np.pi * np.arange(num_modes) / num_modes
    return Mixture(tuple((radius * np.cos(a), radius * np.sin(a)) for a in angles), sigma)


def grid(side: int = 5, spacing: float = 2.0, sigma: float = 0.05) -> Mixture:
    """`side` x `side` Gaussians around the origin."""
    axis = spacing * (np.arange(side) - (side - 1) / 2)
    return Mixture(tuple((float(x), float(y)) for x in axis for y in axis), sigma)


@dataclass(frozen=True)
class SwissRoll:
    """The spiral (t cos t, t sin t) / scale, t from 1.5 pi to 4.5 pi, with noise: one curved piece."""

    sigma: float = 0.02
    scale: float = 15.0

    def sample(self, num: int, seed: int = 0) -> np.ndarray:
        """Points, float32 `(num, 2)`, within about [-1, 1]."""
        rng = np.random.default_rng(seed)
        t = 1.5 * np.pi * (1 + 2 * rng.random(num))
        points = np.stack([t * np.cos(t), t * np.sin(t)], axis=1) / self.scale
        return (points + self.sigma * rng.standard_normal(points.shape)).astype(np.float32)


def swiss_roll(sigma: float = 0.02) -> SwissRoll:
    """The Swiss roll."""
    return SwissRoll(sigma)


TOYS = {"ring": ring, "grid": grid, "swiss_roll": swiss_roll}


def stream(toy, batch_size: int, seed: int = 0, num: int = 100_000) -> "tf.data.Dataset":
    """An endless set of batches `{"image": float32 (batch_size, 2)}` out of `num` points of `toy`."""
    if batch_size < 1:
        raise UsageError(f"batch_size is {batch_size}, but must be at least 1")
    points = tf.constant(toy.sample(num, seed))

    def batch(step):
        rows = tf.random.stateless_uniform([batch_size], tf.stack([seed, step]), 0, num, tf.int32, "philox")
        return {"image": tf.gather(points, rows)}

    return tf.data.Dataset.counter().map(batch).prefetch(2)


# ---- V(x, y) = xy -------------------------------------------------------------------------------


def bilinear_game(
    eta: float, steps: int, start: tuple[float, float] = (1.0, 0.0), alternating: bool = False
) -> np.ndarray:
    """min_x max_y V(x, y) = xy by gradient steps of size `eta`: the path, `(steps + 1, 2)`.

    The only Nash equilibrium is (0, 0). Simultaneous steps (x, y) <- (x - eta y, y + eta x)
    multiply the distance from it by sqrt(1 + eta^2) each (Goodfellow 2016, arXiv 1701.00160,
    section 8.2, exercise); alternating ones, where y answers the new x, stay on an ellipse.
    """
    path = [np.asarray(start, np.float64)]
    for _ in range(steps):
        x, y = path[-1]
        new_x = x - eta * y
        path.append(np.array([new_x, y + eta * (new_x if alternating else x)]))
    return np.stack(path)


# ---- the optimal discriminator -------------------------------------------------------------------


def optimal_discriminator(log_data: np.ndarray, log_generated: np.ndarray) -> np.ndarray:
    """D*(x) = p_data / (p_data + p_g), from log densities (Goodfellow 2014, proposition 1)."""
    return 1.0 / (1.0 + np.exp(np.asarray(log_generated) - np.asarray(log_data)))


def jensen_shannon(p: np.ndarray, q: np.ndarray, dx: float = 1.0) -> float:
    """JS(p, q) in nats, of densities at points `dx` apart: from 0 (equal) to log 2 (apart)."""
    p, q = np.asarray(p, np.float64), np.asarray(q, np.float64)
    middle = (p + q) / 2
    return float(sum(0.5 * np.sum(r[r > 0] * np.log(r[r > 0] / middle[r > 0])) * dx for r in (p, q)))
