"""A kind of column, of batches, requests and outputs: shape, checks, random draw, reading, showing."""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import UsageError


@dataclass(frozen=True)
class Kind:
    """A kind of column: override `shape` and what differs below.

    A family names its columns (`Family.columns`); everything else asks the kind: the input pipeline
    checks batches by it, sampling draws or reads what is asked for, grids show it, files keep it.

    Attributes:
        word: what one value is called in a sentence.
        dtype: of a batch that training sees.
        stored: of values at rest, in a `ganzoo.data.Store`.
        ending: of the files that `write` makes.
        is_plain: whether a value is short enough for JSON, see `plain`; pictures are not.
    """

    word: ClassVar[str] = "value"
    dtype: ClassVar[str] = "float32"
    stored: ClassVar[str] = "float32"
    ending: ClassVar[str] = ".json"
    is_plain: ClassVar[bool] = True

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of one example, without the batch."""
        raise TypeError(f"{type(self).__name__} must say the shape of an example: define shape")

    @property
    def stored_shape(self) -> tuple[int, ...]:
        """The shape of one example at rest, where it is kept in another form than training sees."""
        return self.shape

    def describe(self) -> str:
        """What may be given, for `--help` and messages, e.g. "a class, 0 to 9"."""
        return f"a {self.word} of shape {self.shape}"

    # ---- in the input pipeline ---------------------------------------------------------------

    def check_batch(self, name: str, values):
        """A tensor `(batch, *shape)` as training takes it; checked when the pipeline runs.

        Raises DataError, as the pipeline is built, for a type that no value of this kind has.
        """
        return values

    # ---- what is asked for -------------------------------------------------------------------

    @property
    def can_be_drawn(self) -> bool:
        """Whether `draw` can make values up."""
        return type(self).draw is not Kind.draw

    def draw(self, draws, name: str, num: int):
        """Random values, a tensor `(num, *shape)`. Raises UsageError where nothing can be made up."""
        raise UsageError(f"{name} is a {self.word}, which cannot be drawn at random; give one: {name}=...")

    def read(self, name: str, asked, num: int):
        """What is asked for under `name`, an array `(num, *shape)`: one for all or one for each.

        Args:
            name: the column.
            asked: a word, a number, an array, or a list of one of them for each example.
            num: examples.

        Raises:
            UsageError: for what is no such value, or another number of them.
        """
        import numpy as np

        values = self.as_values(name, asked)
        if values.shape == self.shape:
            values = values[None]
        if values.shape[1:] != self.shape:
            raise UsageError(f"{name} has the shape {values.shape}, but this model takes {self.describe()}")
        check_number(name, len(values), num)
        return np.broadcast_to(values, (num, *self.shape))

    def read_word(self, name: str, word: str):
        """What a word of a command line means, for `read`."""
        return word

    def as_values(self, name: str, asked):
        """`asked` as an array `(*shape,)` or `(n, *shape)`, of the type that training sees."""
        import numpy as np

        try:
            values = np.asarray(asked, self.dtype)
        except (TypeError, ValueError):
            raise UsageError(f"{name} is {asked!r}, but this model takes {self.describe()}") from None
        if not np.isfinite(values).all():
            raise UsageError(f"{name} holds numbers that are not finite; this model takes {self.describe()}")
        return values

    # ---- for people ---------------------------------------------------------------------------

    @property
    def can_be_shown(self) -> bool:
        """Whether `as_pictures` makes pictures of it."""
        return type(self).as_pictures is not Kind.as_pictures

    @property
    def shown_shape(self) -> tuple[int, int, int]:
        """(height, width, 1 or 3) of what `as_pictures` makes of one value."""
        return self.shape

    def as_pictures(self, values):
        """Values `(num, *shape)` as pictures, float32 `(num, height, width, 1 or 3)` in [-1, 1]."""
        raise UsageError(f"a {self.word} of shape {self.shape} is nothing that can be shown as a picture")

    def plain(self, value):
        """One value as JSON keeps it: numbers, words, lists."""
        return value.tolist()

    def write(self, value, path) -> None:
        """Writes one value to a file, whole or not at all; its name's ending is `ending`."""
        import json

        from ganzoo.disk.files import write_atomically

        write_atomically(path, lambda file: file.write(json.dumps(self.plain(value)).encode() + b"\n"))


def check_number(name: str, given: int, num: int) -> None:
    """Raises UsageError unless there is one value for all or one for each."""
    if given not in (1, num):
        raise UsageError(f"{given} {name}s are given for {num} pictures; give one for all or one for each")
