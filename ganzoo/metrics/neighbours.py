"""Nearest neighbours, blockwise, exact, and what is counted with them.

Distances are screened in float32 (a matrix product), and whatever lies within rounding of
a decision is computed again in float64: the speed of the one, the answers of the other,
in memory for a few hundred rows at a time.
"""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.metrics.frechet import check_finite
from ganzoo.metrics.images import need

ROWS = 512  # of the distance matrix held at a time
WORKERS = min(os.cpu_count() or 1, 8)
ROUNDING = 8e-6  # of float32 squared distances, relative to the squared norms


class Screen:
    """Two sets of points `(num, dim)` with their squared distances: float32 by blocks, exact by pairs."""

    def __init__(self, left: np.ndarray, right: np.ndarray):
        if left.shape[1] != right.shape[1]:
            raise DataError(
                f"the features have {left.shape[1]} and {right.shape[1]} dimensions; take one space"
            )
        self.left, self.right = left, right
        centre = right.mean(
            axis=0, dtype=np.float64
        )  # centring shrinks the norms, and with them the rounding
        self._right = (right - centre).astype(np.float32)
        self._left = self._right if left is right else (left - centre).astype(np.float32)
        self._left_norm = np.einsum("ij,ij->i", self._left, self._left)
        self._right_norm = np.einsum("ij,ij->i", self._right, self._right)

    def each_block(self, work: Callable[[int, np.ndarray, float], Any]) -> list[Any]:
        """What `work` returns for every block, given its first row, its squared distances `(rows, num right)`
        in float32, and how far these may be off.
        """

        def block(at: int) -> Any:
            rows = slice(at, at + ROWS)
            squared = self._left[rows] @ self._right.T
            squared *= -2
            squared += self._left_norm[rows, None]
            squared += self._right_norm
            return work(at, squared, ROUNDING * float(self._left_norm[rows].max() + self._right_norm.max()))

        # Selecting and comparing run on one core each, and release the interpreter: threads share them.
        with ThreadPoolExecutor(WORKERS) as pool:
            return list(pool.map(block, range(0, len(self.left), ROWS)))

    def exact(self, left: np.ndarray, right: np.ndarray) -> np.ndarray:
        """Squared distances of the pairs of rows `left` and `right`, in float64."""
        found = np.empty(len(left))
        for at in range(0, len(left), 2048):
            pairs = slice(at, at + 2048)
            difference = np.subtract(self.left[left[pairs]], self.right[right[pairs]], dtype=np.float64)
            found[pairs] = np.einsum("ij,ij->i", difference, difference)
        return found


def nearest(points: np.ndarray, among: np.ndarray | None = None, k: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Distances and rows `(num, k)`, nearest first, of every point's `k` neighbours.

    `among` None: within `points` itself, a point not counting as its own neighbour.
    Raises UsageError where there are no `k` neighbours, DataError for NaN.
    """
    own = among is None
    check_finite(points)
    screen = Screen(points, points if own else check_finite(among))
    need(len(screen.right) - own, k, f"{k} nearest neighbours", "other pictures" if own else "pictures")
    distances, rows = np.empty((len(points), k)), np.empty((len(points), k), np.int64)
    spare = min(k + own + 4, len(screen.right)) - 1

    def take(at: int, squared: np.ndarray, _) -> None:
        count = len(squared)
        # A few more candidates than asked for: all that rounding could have put out of order.
        best = np.argpartition(squared, spare, axis=1)[:, : spare + 1]
        left = np.repeat(np.arange(at, at + count), spare + 1)
        exact = screen.exact(left, best.ravel()).reshape(count, spare + 1)
        if own:
            exact[best == np.arange(at, at + count)[:, None]] = np.inf
        order = np.argsort(exact, axis=1, kind="stable")[:, :k]
        distances[at : at + count] = np.sqrt(np.take_along_axis(exact, order, 1))
        rows[at : at + count] = np.take_along_axis(best, order, 1)

    screen.each_block(take)
    return distances, rows


@dataclass(frozen=True)
class PrecisionRecall:
    """Shares in [0, 1] (density may exceed 1); higher is better for all four."""

    precision: float
    recall: float
    density: float
    coverage: float


def precision_recall(
    real: np.ndarray,
    fake: np.ndarray,
    *,
    nearest_k: int = 5,
    real_radii: np.ndarray | None = None,
    fake_radii: np.ndarray | None = None,
) -> PrecisionRecall:
    """Precision and recall, density and coverage of features `(num, dim)`; higher is better.

    Kynkaanniemi et al. 2019 (arXiv:1904.06991, equations 1 and 2) and Naeem et al. 2020
    (arXiv:2002.09797, equations 3 to 5): balls around every sample, to its `nearest_k`-th neighbour.
    The radii `(num,)` may be given where `nearest` has found them already.
    Raises UsageError for fewer than nearest_k + 1 samples, DataError for NaN.
    """
    real, fake = check_finite(real), check_finite(fake)
    for features in (real, fake):
        need(len(features), nearest_k + 1, "precision and recall")
    real_radii = nearest(real, k=nearest_k)[0][:, -1] if real_radii is None else real_radii
    fake_radii = nearest(fake, k=nearest_k)[0][:, -1] if fake_radii is None else fake_radii
    screen = Screen(real, fake)
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)

    def count(at: int, squared: np.ndarray, slack: float) -> np.ndarray:
        rows, columns = within(screen, at, squared, real_radii[at : at + len(squared), None], slack)
        covered[at + rows] = True
        recalled[at + within(screen, at, squared, fake_radii[None, :], slack)[0]] = True
        return np.bincount(columns, minlength=len(fake))

    inside_real = sum(screen.each_block(count))  # the number of real balls around every fake sample
    return PrecisionRecall(
        precision=float((inside_real > 0).mean()),
        recall=float(recalled.mean()),
        density=float(inside_real.mean() / nearest_k),
        coverage=float(covered.mean()),
    )


def within(screen: Screen, at: int, squared: np.ndarray, radius: np.ndarray, slack: float):
    """The pairs (row of the block, column) nearer than `radius`, decided exactly: samples sit on rims."""
    rows, columns = np.nonzero(squared < (radius**2 + slack).astype(np.float32))
    distance = np.broadcast_to(radius, squared.shape)[rows, columns]
    margin = distance**2 - squared[rows, columns]
    unsure = np.flatnonzero(margin <= slack)
    sure = margin > 0
    sure[unsure] = np.sqrt(screen.exact(at + rows[unsure], columns[unsure])) < distance[unsure]
    return rows[sure], columns[sure]
