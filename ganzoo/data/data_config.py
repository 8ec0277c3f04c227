"""The `[data]` table of a recipe: which pictures, how they are cleaned and cut, how they are varied.

The same keys are the flags of `ganzoo-prepare` and the keyword arguments of `ganzoo.data.prepare`.
"""

import dataclasses
import re
from dataclasses import dataclass, field

from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.paths import expand, expand_source
from ganzoo.base.ranges import check

SPLITS = ("train", "test", "all")
CENTER, TOP, PAD, NONE = CROPS = ("center", "top", "pad", "none")  # or random:N
NO_JOIN, NAME, SIDE_BY_SIDE = JOINS = ("none", "name", "side_by_side")
CAPTIONS = ("sidecar", "table", "coco", "filename")
WHOLE, LEFT, RIGHT = PARTS = ("whole", "left", "right")


def _key(default, about: str):
    return field(default=default, metadata={"about": about})


@dataclass(frozen=True)
class DataConfig:
    """What to learn from. Raises UsageError when a value makes no sense.

    Keys above the line decide what is stored (they enter the cache's key), keys below it only
    what the stream does with stored pictures, so changing those never prepares anything again.
    """

    source: str = _key(
        "paintings",
        "where it is: paintings, digits, mnist, a folder, zip files (comma-separated), tfds:NAME or an .npz",
    )
    split: str = _key("train", "which part: train, test or all")
    label: str | None = _key(
        None, "what classes are: style, genre, artist, century, folder or a column; default: the source's own"
    )
    labels_csv: str | None = _key(None, "a CSV with labels; default: all_data_info.csv beside the pictures")
    min_per_class: int = _key(0, "classes with fewer pictures than this are folded into 'other'")
    top_classes: int = _key(
        0, "only this many largest classes are kept, the rest is folded into 'other'; 0: all"
    )
    test_share: float = _key(0.0, "share of a folder's pictures that is held out as split 'test', e.g. 0.1")
    crop: str = _key(
        CENTER,
        "what becomes square: center, top (of portraits), pad (all of it, on the mean colour of its rim), "
        "none (all of it, squeezed) or random:N (N stored squares)",
    )
    upscale: bool = _key(False, "enlarge pictures smaller than the target instead of rejecting them")
    max_pixels: int = _key(100_000_000, "pictures with more pixels than this are rejected unread")
    max_aspect: float = _key(8.0, "pictures longer than this many times their short side are rejected")
    bits: int = _key(
        0, "of grey pictures with more than 8 bits, how many are used, e.g. 12 of a camera's 16; 0: all"
    )
    near_duplicates: bool = _key(False, "reject near duplicates (by a perceptual hash) as well as exact ones")
    cache_dir: str | None = _key(
        None, "where raw sources are kept prepared; default: the user's cache folder"
    )
    part: str = _key(WHOLE, "which half of each picture is taken: left or right; or whole")
    caption: str | None = _key(
        None, "where captions are: sidecar, table, coco or filename; default: where most pictures have one"
    )
    # ---- two sides, of models that learn from pictures to pictures ----
    a: dict | None = _key(None, "[data.a], side a: its source, and what differs from [data]")
    b: dict | None = _key(None, "[data.b], side b")
    join: str = _key(NO_JOIN, "how a and b belong together: none, name or side_by_side (in one picture)")
    # ---- the stream's own ----
    flip: bool = _key(False, "mirror half of the pictures, drawn anew each epoch")
    random_crop: int = _key(0, "store this many pixels more than needed and cut at a random place each epoch")
    brightness: float = _key(0.0, "largest change of brightness, as a share of the range, e.g. 0.1")
    contrast: float = _key(0.0, "largest change of contrast, e.g. 0.1 for factors from 0.9 to 1.1")
    saturation: float = _key(0.0, "largest change of saturation, e.g. 0.1 for factors from 0.9 to 1.1")

    def __post_init__(self):
        for key in dataclasses.fields(self):
            value = getattr(self, key.name)
            if not _fits(value, key.type):
                raise UsageError(
                    f"data.{key.name} is {value!r}: expected {_spelled(key.type)} ({key.metadata['about']})"
                )
        check(self, "data.")
        for name, expanding in (("source", expand_source), ("labels_csv", expand), ("cache_dir", expand)):
            if getattr(self, name):
                object.__setattr__(self, name, expanding(getattr(self, name)))
        for name, known in (("split", SPLITS), ("join", JOINS), ("part", PARTS)):
            if getattr(self, name) not in known:
                raise unknown(f"data.{name}", getattr(self, name), known)
        if self.caption is not None and self.caption not in CAPTIONS:
            raise unknown("data.caption", self.caption, CAPTIONS)
        self._check_sides()
        if not self.source.strip():
            raise UsageError(
                "data.source is empty: give a folder, zip files, tfds:NAME, an .npz or 'paintings'"
            )
        crop_copies(self.crop)
        for name in ("min_per_class", "top_classes", "random_crop"):
            if getattr(self, name) < 0:
                raise UsageError(f"data.{name} is {getattr(self, name)}: expected 0 or more")
        for name in ("test_share", "brightness", "contrast", "saturation"):
            if not 0 <= getattr(self, name) < 1:
                raise UsageError(
                    f"data.{name} is {getattr(self, name)}: expected a share from 0 up to, not including, 1"
                )
        if self.bits != 0 and not 8 <= self.bits <= 16:
            raise UsageError(f"data.bits is {self.bits}: expected 8 to 16, e.g. 12, or 0 for all")
        if self.max_pixels < 1 or self.max_aspect < 1:
            raise UsageError("data.max_pixels and data.max_aspect have to be 1 or more")
        if self.min_per_class and self.top_classes:
            raise UsageError("data.min_per_class and data.top_classes are both given: give one of them")

    @property
    def sources(self) -> tuple[str, ...]:
        """Where the pictures are: one source, or those of both sides."""
        return (self.source,) if self.a is None else (self.a["source"], self.b["source"])

    @property
    def has_sides(self) -> bool:
        """Whether it names two sides, not one set of pictures."""
        return self.a is not None or self.join != NO_JOIN

    def _check_sides(self) -> None:
        if (self.a is None) != (self.b is None):
            missing = "a" if self.a is None else "b"
            raise UsageError(f"[data.{missing}] is missing: give both sides their source, or one [data]")
        if self.join == SIDE_BY_SIDE and self.a is not None:
            raise UsageError(
                "data.join is side_by_side, which is of one source: leave [data.a], [data.b] out"
            )
        if self.join == NAME and self.a is None:
            raise UsageError("data.join is name, but there are no [data.a] and [data.b]: give each a source")
        for name in "ab":
            if self.a is not None and "source" not in getattr(self, name):
                raise UsageError(f"[data.{name}] has no source: give a folder, e.g. source = 'photos'")
            if self.has_sides:
                side_of(self, name)

    def plain(self, split: str | None = None) -> "DataConfig":
        """The same pictures as they are, not varied: what metrics and held-out checks want."""
        still = dict(flip=False, random_crop=0, brightness=0.0, contrast=0.0, saturation=0.0)
        return dataclasses.replace(self, split=split or self.split, **still)


def side_of(config: DataConfig, name: str) -> DataConfig:
    """What side a or b is to be loaded by: `[data]` with what its own table changes, all splits.

    Raises UsageError for an unknown key or a wrong value of the table.
    """
    own = getattr(config, name)
    common = {key.name: getattr(config, key.name) for key in dataclasses.fields(config)}
    common |= {"a": None, "b": None, "join": NO_JOIN}
    if config.join != NO_JOIN:
        common |= {"split": "all", "test_share": 0.0}  # pairs are parted together
    if config.join == SIDE_BY_SIDE:
        return DataConfig(**{**common, "part": LEFT if name == "a" else RIGHT})
    known = sorted(common.keys() - {"a", "b", "join", "split", *_VARIED})
    for key in own:
        if key in _VARIED:
            raise UsageError(
                f"[data.{name}] has {key}, which varies both sides alike: give it in [data] itself"
            )
        if key not in known:
            raise unknown(f"key in [data.{name}]", key, known)
    return DataConfig(**{**common, **own})


_VARIED = ("flip", "random_crop", "brightness", "contrast", "saturation")  # what the stream does
LAYOUT = 1  # of a prepared folder; raised when the same settings would give other bytes
# What `ganzoo-prepare` takes and what the key of the cache is made of: all but where from and how varied.
STORED = (
    "label", "labels_csv", "min_per_class", "top_classes", "test_share", "crop", "upscale", "max_pixels",
    "max_aspect", "near_duplicates", "bits", "part",
)  # fmt: skip
_LATER = ("bits", "part")  # came after LAYOUT 1: at their defaults they change no key and no fingerprint


def stored_settings(config: DataConfig, without: tuple[str, ...] = ()) -> dict:
    """The settings that decide what is stored, as keys and fingerprints are made of them."""
    default = DataConfig()
    values = {key: getattr(config, key) for key in STORED if key not in without}
    return {
        key: value for key, value in values.items() if key not in _LATER or value != getattr(default, key)
    }


def crop_copies(crop: str) -> int:
    """How many stored pictures one picture gives: N for `random:N`, else 1. Raises UsageError."""
    if crop in CROPS:
        return 1
    match = re.fullmatch(r"random:([1-9]\d{0,3})", crop)
    if not match and crop.startswith("random"):
        raise UsageError(f"data.crop is {crop!r}: expected random:N with N from 1 to 9999, e.g. random:8")
    if not match:
        raise unknown("data.crop", crop, [*CROPS, "random:N"])
    return int(match[1])


def _fits(value, kind) -> bool:
    if kind in (int, float):
        numbers = (int,) if kind is int else (int, float)
        return isinstance(value, numbers) and not isinstance(value, bool)
    return isinstance(value, kind)


def _spelled(kind) -> str:
    names = {bool: "true or false", int: "a whole number", float: "a number"}
    return names.get(kind, "a string")
