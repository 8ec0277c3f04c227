"""What a number among the arguments may be, said once, in the field that it belongs to.

    learning_rate: float = ranged(2e-4, above=0, most=1)

`check(instance)` then refuses what is outside, whoever makes the dataclass: a recipe, keywords or a file.
A field that says nothing still has to be a number: finite, and not larger than anything here can count to.
"""

import dataclasses
import math
import numbers
from dataclasses import dataclass
from typing import Any

from ganzoo.base.errors import UsageError

MOST = 10**12  # images seen fit an int64, and what becomes a float32 stays finite, its square too


@dataclass(frozen=True)
class Range:
    """An interval: `least` and `most` belong to it, `above` and `below` do not; `off` says that 0 is off."""

    least: float | None = None
    above: float | None = None
    most: float | None = None
    below: float | None = None
    off: bool = False

    def holds(self, value: float) -> bool:
        """Whether `value` is a number within; nan is not."""
        return (
            math.isfinite(value)
            and (self.least is None or value >= self.least)
            and (self.above is None or value > self.above)
            and (self.most is None or value <= self.most)
            and (self.below is None or value < self.below)
        )

    def __str__(self) -> str:
        """In words: at least 0 (off) and below 1."""
        off = " (off)" if self.off else ""
        edges = [
            f"at least {self.least:,}{off}" if self.least is not None else "",
            f"above {self.above:,}" if self.above is not None else "",
            f"at most {self.most:,}" if self.most is not None else "",
            f"below {self.below:,}" if self.below is not None else "",
        ]
        return " and ".join(edge for edge in edges if edge) or "a finite number"


ANY = Range(least=-MOST, most=MOST)


def ranged(default: Any, *, least=None, above=None, most=None, below=None, off=False) -> Any:
    """A dataclass field for a number within a `Range`."""
    return dataclasses.field(default=default, metadata={"range": Range(least, above, most, below, off)})


def check(instance: Any, prefix: str = "") -> None:
    """Raises UsageError for the first number of a dataclass instance that its field does not allow.

    Args:
        instance: a dataclass instance; numbers within tuples and tables count as numbers, too.
        prefix: what stands before the field's name in the sentence, e.g. "train.".
    """
    for field in dataclasses.fields(instance):
        limits = field.metadata.get("range")
        for value in _numbers(getattr(instance, field.name)):
            for each in (limits, ANY):
                if each is not None and not each.holds(value):
                    raise UsageError(f"{prefix}{field.name} is {value}, but must be {each}")


def _numbers(value: Any) -> list:
    if isinstance(value, tuple | list):
        return [number for each in value for number in _numbers(each)]
    if isinstance(value, dict):
        return [number for each in value.values() for number in _numbers(each)]
    return [value] if isinstance(value, numbers.Real) and not isinstance(value, bool) else []
