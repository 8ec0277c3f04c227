"""A registry: names to things, with an error that names the nearest.

One small class serves families, losses, penalties and feature spaces:

    FAMILIES = Registry("model")

    @FAMILIES.register("dcgan")
    class DCGAN: ...
"""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

from ganzoo.base.errors import unknown

T = TypeVar("T")


class Registry(Generic[T]):
    """A dict whose unknown names are errors that help, and whose names cannot be taken twice."""

    def __init__(self, what: str):
        self.what = what  # the word used in error messages, e.g. "model"
        self._entries: dict[str, T] = {}

    def register(self, name: str) -> Callable[[T], T]:
        """A decorator that enters what it decorates under `name`. Raises ValueError if taken."""

        def enter(entry: T) -> T:
            if name in self._entries and self._entries[name] is not entry:
                raise ValueError(f"the {self.what} name {name!r} is taken by {self._entries[name]!r}")
            self._entries[name] = entry
            return entry

        return enter

    def __getitem__(self, name: str) -> T:
        if not isinstance(name, str) or name not in self._entries:
            raise unknown(self.what, name, self._entries)
        return self._entries[name]

    def name_of(self, entry: object) -> str:
        """The name under which `entry` (or the class of it) is registered."""
        for name, candidate in self._entries.items():
            if candidate is entry or candidate is type(entry):
                return name
        raise KeyError(f"{entry!r} is not a registered {self.what}")

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __contains__(self, name: str) -> bool:
        return name in self._entries
