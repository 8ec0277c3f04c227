"""The measures `evaluate` knows by name: how each turns an evaluation into rows.

The plain functions are in the files of `ganzoo.metrics`; here they meet their floors.
"""

from ganzoo.metrics.measures import distances, of_classes, variety  # noqa: F401  importing them registers theirs
from ganzoo.metrics.measures.register import HELD_OUT, LABELS, MEASURES, needs_of

DEFAULT = ("frechet", "kernel", "precision_recall", "sliced", "patches", "ms_ssim", "birthday", "bins")

__all__ = ["DEFAULT", "HELD_OUT", "LABELS", "MEASURES", "needs_of"]
