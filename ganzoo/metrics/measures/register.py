"""The register of measures: name -> a function of an evaluation that returns its rows."""

from collections.abc import Callable

import numpy as np

from ganzoo.base.registry import Registry
from ganzoo.metrics.report import Row
from ganzoo.metrics.subsets import Evaluation, Sample

MEASURES: Registry[Callable[[Evaluation], list[Row]]] = Registry("measure")
LABELS, HELD_OUT = "labels", "held-out pictures"  # what some measures need besides pictures

BALLS = 5000  # pictures a side whose neighbours are sought: keeps them within the extraction's time


def needs(*what: str) -> Callable:
    """Declares what a measure needs besides pictures of both sides: LABELS, HELD_OUT."""

    def declared(measure: Callable) -> Callable:
        measure.needs = what
        return measure

    return declared


def needs_of(name: str) -> tuple[str, ...]:
    """What a measure needs besides pictures. Raises UsageError for an unknown name."""
    return getattr(MEASURES[name], "needs", ())


def mean_of_rounds(evaluation: Evaluation, measure: Callable[[Sample, Sample], float]) -> tuple:
    """`measure` of a half of the reals with the fakes, and with the other half: the means over the rounds."""
    found = [(measure(each.half, each.fake), measure(each.half, each.other)) for each in evaluation.rounds]
    values, floors = (np.mean(side, axis=0) for side in zip(*found, strict=True))
    return (values, floors) if np.ndim(values) else (float(values), float(floors))


def joined(*notes: str) -> str:
    """Notes as one."""
    return "; ".join(note for note in notes if note)
