"""Classes as a column: a whole number, or a name, for each example."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.lazy import tf
from ganzoo.kinds.kind import Kind, check_number

MOST_LISTED = 12  # names of classes in --help


@dataclass(frozen=True)
class Label(Kind):
    """One of a number of classes.

    Attributes:
        num_classes: how many; None as long as no data said so.
        names: their names, in the order of their numbers; None where they have none.
        counts: how often each is in the data: they are drawn in these proportions, else all alike.
    """

    word: ClassVar[str] = "class"
    dtype: ClassVar[str] = "int32"
    stored: ClassVar[str] = "int32"

    num_classes: int | None = None
    names: tuple[str, ...] | None = None
    counts: tuple[int, ...] | None = None

    def __post_init__(self):
        names, counts = self.names, self.counts
        if names is not None and (len(names) != self.num_classes or len(set(names)) != len(names)):
            raise UsageError(
                f"class_names holds {len(names)} names ({len(set(names))} different ones) for "
                f"num_classes = {self.num_classes}; give each class a name of its own"
            )
        if counts is None:
            return
        if len(counts) != self.num_classes or min(counts) < 0 or not 0 < sum(counts) < 2**31:
            raise UsageError(
                f"class_counts holds {len(counts)} numbers, {sum(counts)} in sum, for num_classes = "
                f"{self.num_classes}; give one from 0 on for each class, not all 0, or leave it out"
            )

    @property
    def shape(self):
        return ()

    def describe(self):
        if self.num_classes is None:
            return "a class"
        if not self.names:
            return f"a class, 0 to {self.num_classes - 1}"
        rest = f", ... ({self.num_classes:,} in all)" if self.num_classes > MOST_LISTED else ""
        return "a class: " + ", ".join(self.names[:MOST_LISTED]) + rest

    def check_batch(self, name, values):
        """The batch's classes as int32, with a check in the pipeline that they are in the range."""
        num_classes = self.known()
        if not values.dtype.is_integer:
            raise DataError(
                f"the data's {name}s are {values.dtype.name}, but classes are whole numbers from 0 "
                f"to {num_classes - 1}; cast them to int32"
            )
        # An embedding looked up outside its table is an error on a CPU and silently 0 on a GPU.
        inside = tf.debugging.Assert(
            tf.reduce_all((values >= 0) & (values < num_classes)),
            [f"a {name} is outside the model's {num_classes} classes, 0 to {num_classes - 1}:", values],
        )
        with tf.control_dependencies([inside] if inside is not None else []):
            return tf.cast(values, tf.int32)

    def draw(self, draws, name, num):
        """Random classes, int32 `(num,)`: in the proportions of `counts`, all alike without them."""
        purpose = f"{name}s"
        if self.counts is None:
            return draws.integers(purpose, [num], self.known())
        edges = tf.constant(list(itertools.accumulate(self.counts)), tf.int32)
        return tf.searchsorted(edges, draws.integers(purpose, [num], sum(self.counts)), side="right")

    def read(self, name, asked, num):
        """Class numbers, int32 `(num,)`, that names or numbers ask for, one for all or one each.

        Raises:
            UsageError: for an unknown name (the nearest is named), a number outside, a float, a wrong count.
        """
        import numpy as np

        each = [asked] if isinstance(asked, str) or np.ndim(asked) == 0 else list(asked)
        check_number(name, len(each), num)
        return np.broadcast_to(np.asarray([self.number(one) for one in each], np.int32), (num,))

    def number(self, asked) -> int:
        """The number of one class, asked for by its name or number."""
        import numpy as np

        num_classes = self.known()
        if isinstance(asked, str):
            if self.names is None:
                raise UsageError(
                    f"this model's classes have no names, so {asked!r} says nothing; "
                    f"give a number from 0 to {num_classes - 1}"
                )
            if asked not in self.names:
                raise unknown("class", asked, self.names)
            return self.names.index(asked)
        if isinstance(asked, bool | np.bool_) or not isinstance(asked, int | np.integer):
            raise UsageError(
                f"the label {asked!r} is a {type(asked).__name__}, but classes are asked for by name "
                f"or by a whole number from 0 to {num_classes - 1}"
            )
        if not 0 <= asked < num_classes:
            raise UsageError(
                f"the label {asked} is outside the model's classes, 0 to {num_classes - 1}; it takes "
                f"{self.describe()}"
            )
        return int(asked)

    def read_word(self, name, word):
        """The number of a class as a command line gives it: its name, or a number that is none."""
        return self.number(int(word) if word.isdigit() and word not in (self.names or ()) else word)

    @property
    def spoken(self) -> Sequence[str]:
        """What each class is called: its name, or its number."""
        return self.names or tuple(map(str, range(self.known())))

    def plain(self, value):
        """The class's name, or its number where it has none."""
        return self.names[int(value)] if self.names else int(value)

    def known(self) -> int:
        """`num_classes`. Raises UsageError as long as no data said how many."""
        if self.num_classes is None:
            raise UsageError(
                "num_classes is not known: ganzoo-train takes it from the data, elsewhere give it, "
                "e.g. ganzoo.build('cgan', num_classes=10)"
            )
        return self.num_classes
