"""Label maps as a column: the class of every pixel, uint8 at rest, int32 in training."""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.lazy import tf
from ganzoo.kinds.kind import Kind

MOST = 256  # classes that uint8 can tell apart


@dataclass(frozen=True)
class LabelMap(Kind):
    """A class for each pixel.

    Attributes:
        height, width: pixels.
        num_classes: their values are 0 to num_classes - 1.
        names: of the classes.
        colours: (red, green, blue) of each in drawn maps, 0 to 255; default a fixed palette.
    """

    word: ClassVar[str] = "label map"
    dtype: ClassVar[str] = "int32"
    stored: ClassVar[str] = "uint8"
    ending: ClassVar[str] = ".png"
    is_plain: ClassVar[bool] = False

    height: int
    width: int
    num_classes: int
    names: tuple[str, ...] = ()
    colours: tuple[tuple[int, int, int], ...] = ()

    def __post_init__(self):
        if not 2 <= self.num_classes <= MOST:
            raise UsageError(f"a label map has {self.num_classes} classes; expected 2 to {MOST}")
        for what, given in (("names", self.names), ("colours", self.colours)):
            if given and (len(given) != self.num_classes or len(set(given)) != len(given)):
                raise UsageError(
                    f"a label map of {self.num_classes} classes has {len(given)} {what} "
                    f"({len(set(given))} different ones); give each class one of its own"
                )

    @property
    def shape(self):
        return (self.height, self.width)

    def describe(self):
        named = f": {', '.join(self.names)}" if self.names else ""
        size = f"{self.width}x{self.height}"
        return f"a label map of {size}, a PNG of classes 0 to {self.num_classes - 1}{named}"

    @property
    def palette(self) -> "numpy.ndarray":  # noqa: F821
        """The colour of each class, uint8 `(num_classes, 3)`; class 0 is black where none are given."""
        import numpy as np

        if self.colours:
            return np.asarray(self.colours, np.uint8)
        number = np.arange(self.num_classes)
        # Each bit of a class's number is a high bit of one colour, so that neighbours differ strongly.
        channels = [sum(((number >> (3 * i + c)) & 1) << (7 - i) for i in range(3)) for c in range(3)]
        return np.stack(channels, axis=-1).astype(np.uint8)

    def check_batch(self, name, values):
        if not values.dtype.is_integer:
            raise DataError(
                f"the data's {name} is {values.dtype.name}, but a label map holds whole numbers from 0 to "
                f"{self.num_classes - 1}; cast it to int32"
            )
        values = tf.cast(values, tf.int32)
        inside = tf.debugging.Assert(
            tf.reduce_all((values >= 0) & (values < self.num_classes)),
            [f"{name} holds a class outside 0 to {self.num_classes - 1}; greatest:", tf.reduce_max(values)],
        )
        with tf.control_dependencies([inside] if inside is not None else []):
            return tf.identity(values)

    def decode(self, path, size: tuple[int, int] | None = None, crop: str = "none", part: str = "whole"):
        """The classes of a map in a file, uint8 `(height, width)`: numbers, or the palette's colours.

        Args:
            path: PNG, GIF or BMP; not JPEG, which blurs classes into each other.
            size: (height, width) to be brought to, by nearest neighbours; default this kind's.
            crop: "center" takes the square in the middle, "top" the upper one, "none" the whole.
            part: "left" or "right" takes that half first, "whole" all.

        Raises:
            DataError: for a file that is no such map; the first wrong value is named.
        """
        import io

        import numpy as np
        from PIL import Image, ImageOps

        from ganzoo.disk import regular

        try:
            with Image.open(io.BytesIO(regular.read(path))) as picture:
                if picture.format == "JPEG":
                    raise DataError(f"{path} is a JPEG, which mixes classes at their borders; give a PNG")
                flat = picture if picture.mode in ("L", "P", "1", "I;16", "I") else picture.convert("RGB")
                flat = _part_of(ImageOps.exif_transpose(flat), part)
                width, height = flat.size
                short = min(width, height) if crop in ("center", "top") else 0
                left, top = ((width - short) / 2, (height - short) / 2) if short else (0, 0)
                top = 0 if crop == "top" else top
                box = (left, top, left + (short or width), top + (short or height))
                flat = flat.resize((size or self.shape)[::-1], Image.Resampling.NEAREST, box=box)
                values = np.asarray(flat)
        except (OSError, SyntaxError, ValueError) as error:
            raise DataError(f"{path} is no label map that can be read: {error}") from None
        if values.ndim == 3:
            values = self._by_colour(values, path)
        values = values.astype(np.int64)
        if values.min() < 0 or values.max() >= self.num_classes:
            wrong = values[(values < 0) | (values >= self.num_classes)][0]
            raise DataError(
                f"{path} holds the class {wrong}, but the {self.num_classes} are 0 to {self.num_classes - 1}"
            )
        return values.astype(np.uint8)

    @staticmethod
    def aspect(path, part: str = "whole") -> float:
        """Width by height of a map in a file, upright, or of a half of it."""
        from PIL import Image, ImageOps

        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture)
            return upright.width / upright.height / (1 if part == "whole" else 2)

    def _by_colour(self, pixels, path):
        import numpy as np

        key = pixels.astype(np.int64) @ [65536, 256, 1]
        palette = self.palette.astype(np.int64) @ [65536, 256, 1]
        order = np.argsort(palette)
        place = np.clip(np.searchsorted(palette[order], key), 0, len(palette) - 1)
        found = order[place]
        unknown = palette[found] != key
        if unknown.any():
            wrong = tuple(int(v) for v in pixels[unknown][0])
            raise DataError(f"{path} holds the colour {wrong}, which is no class's; give the map's own")
        return found

    def as_values(self, name, asked):
        import numpy as np

        values = np.asarray(asked)
        if values.dtype.kind not in "ui" or (values.size and not 0 <= values.min() <= values.max() < MOST):
            raise UsageError(f"{name} is {asked!r}, but this model takes {self.describe()}")
        if values.size and values.max() >= self.num_classes:
            raise UsageError(f"{name} holds the class {values.max()}; this model takes {self.describe()}")
        return values.astype(np.int32)

    @property
    def shown_shape(self):
        return (self.height, self.width, 3)

    def as_pictures(self, values):
        import numpy as np

        return self.palette[np.asarray(values)].astype(np.float32) / 127.5 - 1

    def write(self, value, path):
        """A PNG in the palette's colours."""
        import numpy as np

        from ganzoo.pictures.picture_files import save

        save(path, self.palette[np.asarray(value)])


def _part_of(picture, part: str):
    """A picture, or its left or right half."""
    half = picture.width // 2
    boxes = {
        "left": (0, 0, half, picture.height),
        "right": (picture.width - half, 0, picture.width, picture.height),
    }
    return picture.crop(boxes[part]) if part in boxes else picture
