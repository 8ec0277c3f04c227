"""The register of measures: name -> a function of an evaluation that returns its rows."""

from collections.abc import Callable

from ganzoo.metrics.report import Row
from ganzoo.metrics.sample import Evaluation
from ganzoo.registry import Registry

MEASURES: Registry[Callable[[Evaluation], list[Row]]] = Registry("measure")

BALLS = 5000  # pictures a side whose neighbours are sought: keeps them within the extraction's time
