"""Measuring things against each other: alternately, in one process, medians and spread."""

import platform
import statistics
import time
from collections.abc import Callable

from ganzoo.base.machine import num_cores, processor


def alternate(
    contestants: dict[str, Callable[[], None]], rounds: int, warm_up: int = 2
) -> dict[str, list[float]]:
    """Seconds per call of each contestant, measured in turns: a, b, c, a, b, c, ...

    A machine's speed drifts by the minute; what is compared must share the minutes.
    """
    for call in contestants.values():
        for _ in range(warm_up):
            call()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, call in contestants.items():
            began = time.perf_counter()
            call()
            seconds[name].append(time.perf_counter() - began)
    return seconds


def ratios(seconds: dict[str, list[float]], ours: str, theirs: str) -> tuple[float, float, float]:
    """Speed of `ours` over `theirs`: the median of the rounds' ratios and their quartiles."""
    each = [b / a for a, b in zip(seconds[ours], seconds[theirs], strict=True)]
    low, median, high = statistics.quantiles(each, n=4) if len(each) > 1 else each * 3
    return median, low, high


def machine() -> dict[str, str | int]:
    """What the figures were measured on."""
    return {"cpu": processor(), "cores": num_cores(), "python": platform.python_version()}
