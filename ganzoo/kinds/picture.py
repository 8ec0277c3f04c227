"""Pictures as a column: uint8 at rest, float32 `(height, width, channels)` in [-1, 1] in training."""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import UsageError
from ganzoo.kinds.kind import Kind, check_number


@dataclass(frozen=True)
class Picture(Kind):
    """A picture of one size.

    Attributes:
        height, width: pixels.
        channels: 1 or 3 can be shown; others, such as depth beside colour, only be trained on.
    """

    word: ClassVar[str] = "picture"
    stored: ClassVar[str] = "uint8"
    ending: ClassVar[str] = ".png"
    is_plain: ClassVar[bool] = False

    height: int
    width: int
    channels: int = 3

    @property
    def shape(self):
        return (self.height, self.width, self.channels)

    def describe(self):
        colour = {1: "grey ", 3: ""}.get(self.channels, f"{self.channels}-channel ")
        return f"a {colour}picture of {self.width}x{self.height}: a file, or an array in [-1, 1] or uint8"

    def read(self, name, asked, num):
        import numpy as np

        try:
            values = np.asarray(asked)
        except ValueError:  # of pictures of different sizes
            raise UsageError(f"{name} is of several shapes, but this model takes {self.describe()}") from None
        if values.dtype.kind not in "uif":
            raise UsageError(f"{name} is {asked!r}, but this model takes {self.describe()}")
        if values.ndim == 3:
            values = values[None]
        if values.shape[1:] != self.shape:
            raise UsageError(f"{name} has the shape {values.shape}, but this model takes {self.describe()}")
        check_number(name, len(values), num)
        if values.dtype == np.uint8:
            values = values / np.float32(127.5) - 1
        values = values.astype(np.float32)
        if not np.isfinite(values).all() or np.abs(values).max() > 1.001:
            raise UsageError(f"{name} reaches beyond [-1, 1]; give uint8 in [0, 255] or float in [-1, 1]")
        return np.broadcast_to(values, (num, *self.shape))

    @property
    def can_be_shown(self):
        return self.channels in (1, 3)

    def as_pictures(self, values):
        return values if self.can_be_shown else super().as_pictures(values)

    def write(self, value, path):
        from ganzoo.pictures.layout import to_uint8
        from ganzoo.pictures.picture_files import save

        save(path, to_uint8(self.as_pictures(value[None]))[0])
