"""What a format has to say: how it is written, and how what was written is run."""

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

from ganzoo.base import extras
from ganzoo.base.errors import RunError, UsageError, unknown
from ganzoo.base.registry import Registry
from ganzoo.disk.overwrite import holds
from ganzoo.kinds.picture import Picture

FORMATS: "Registry[type[Format]]" = Registry("format")

FLOAT, UINT8 = PIXELS = ("float", "uint8")
MARK = b"exported by ganzoo"  # stands in what a file says of itself, `Subject.described`
HALF = 2e-2  # what matrices and kernels in half precision may change, in [-1, 1]


@dataclass(frozen=True)
class Format:
    """The interface of a format. Its fields are its options; override `write` and `pictures`."""

    suffix: ClassVar[str] = ""  # what its path ends with
    needs: ClassVar[tuple[str, ...]] = ()  # modules of the extra of the same name as the format
    tolerance: ClassVar[float] = 1e-4  # on pictures in [-1, 1]
    allowed: ClassVar[tuple[str, ...]] = PIXELS
    mark: ClassVar[bytes] = MARK  # what tells its files from a user's own

    def check(self, family, pixels: str) -> None:
        """Raises UsageError or RunError for what cannot be exported; imports nothing heavy."""
        if pixels not in PIXELS:
            raise unknown("kind of pixels", pixels, PIXELS)
        if pixels not in self.allowed:
            raise UsageError(f"the format {self.name} has no {pixels} pixels; leave --pixels out")
        if pixels == UINT8 and not isinstance(family.output, Picture):
            raise UsageError("this model makes vectors, not pictures; leave --pixels uint8 out")
        if not family.can_be_drawn:
            raise UsageError(
                f"the exported generator is compared with the model's own pictures, which takes inputs that "
                f"can be drawn at random; {', '.join(family.inputs)} of this model cannot"
            )
        missing = [name for name in self.needs if importlib.util.find_spec(name) is None]
        if missing:
            raise RunError(
                f"the format {self.name} needs {' and '.join(missing)}; "
                f"install with: {extras.install(self.name)}"
            )

    @property
    def name(self) -> str:
        """What it is registered as."""
        return FORMATS.name_of(self)

    def refuse_foreign(self, path: Path) -> None:
        """Raises UsageError unless all that is at `path` is an export of this format, to be replaced."""
        if not holds(path, self.mark):
            raise UsageError(
                f"{path} is not what this format writes, so --overwrite leaves it alone; name another"
            )

    def write(self, subject, path: Path) -> None:
        """Writes a `ganzoo.export.subject.Subject` to `path`, which does not exist."""
        raise TypeError(f"{type(self).__name__} must define write(subject, path)")

    def pictures(self, subject, path: Path):
        """The pictures that what is at `path` makes of `subject.inputs`, run as its users run it."""
        raise TypeError(f"{type(self).__name__} must define pictures(subject, path)")

    def notes(self, subject, path: Path) -> Iterator[str]:
        """Sentences for the user: how it is loaded."""
        return iter(())


def chosen(name: str, **options) -> Format:
    """The format of a name, with options. Raises UsageError, with the nearest, for a wrong name."""
    form = FORMATS[name]
    for option in options:
        if option not in [field.name for field in fields(form)]:
            having = [each for each in FORMATS if option in [field.name for field in fields(FORMATS[each])]]
            raise UsageError(
                f"the format {name} has no option {option!r}"
                + (f"; it is for {' and '.join(having)}" if having else "")
            )
    return form(**options)
