"""Losses: what the two sides of a contest minimise, penalties of a gradient, augmentation of what D sees."""

from ganzoo.losses.adversarial import (
    LOSSES,
    Hinge,
    LeastSquares,
    Loss,
    Minimax,
    NonSaturating,
    Relativistic,
    Wasserstein,
)
from ganzoo.losses.augment import Augment
from ganzoo.losses.likelihoods import LIKELIHOODS, Likelihood
from ganzoo.losses.penalties import PENALTIES, GradientPenalty, Penalty

__all__ = [
    "LIKELIHOODS",
    "LOSSES",
    "PENALTIES",
    "Augment",
    "GradientPenalty",
    "Hinge",
    "LeastSquares",
    "Likelihood",
    "Loss",
    "Minimax",
    "NonSaturating",
    "Penalty",
    "Relativistic",
    "Wasserstein",
]
