"""Plain numbers as a column: points, attributes, landmarks, chords."""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.kinds.kind import Kind


@dataclass(frozen=True)
class Numbers(Kind):
    """Numbers of no range and no picture.

    Attributes:
        size: the shape of one example.
        names: of the numbers, where `size` is one axis and they have some.
    """

    word: ClassVar[str] = "vector"

    size: tuple[int, ...]
    names: tuple[str, ...] = ()

    @property
    def shape(self):
        return tuple(self.size)

    def describe(self):
        named = f" ({', '.join(self.names)})" if self.names else ""
        return f"numbers of shape {self.shape}{named}, separated by commas"

    def as_values(self, name, asked):
        if isinstance(asked, str):
            asked = [part for part in asked.replace(",", " ").split()]
        return super().as_values(name, asked)
