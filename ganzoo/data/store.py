"""A store: named columns of examples at rest, ready to be drawn in any order."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field

from ganzoo.base.errors import DataError
from ganzoo.kinds import Kind, Label, Picture


@dataclass(frozen=True)
class Store:
    """Prepared examples of one split: row i of all columns belongs together.

    Attributes:
        columns: arrays or read-only memory maps by name, `(num, ...)`: pictures uint8 `(num, height,
            width, channels)`, classes int32 `(num,)`, others as their kind stores them. A column with an
            axis more, `(num, several, ...)`, has several values an example, e.g. captions.
        kinds: of the columns.
        class_names: name of each class; empty without classes. The same for all splits.
        fingerprint: sha256 (hex) of the columns, names and settings.
        report: counts: found, accepted, rejected, reasons, notes, pictures, classes, folded.
        copies: so many consecutive rows are cut from one and the same picture (`crop = "random:N"`).
    """

    columns: "dict[str, numpy.ndarray]"  # noqa: F821  NumPy is not imported for a configuration error
    kinds: dict[str, Kind]
    class_names: tuple[str, ...] = ()
    fingerprint: str = ""
    report: dict = field(default_factory=dict)
    copies: int = 1

    def __post_init__(self):
        numbers = {name: len(column) for name, column in self.columns.items()}
        if len(set(numbers.values())) > 1:
            said = ", ".join(f"{number} of {name}" for name, number in numbers.items())
            raise DataError(f"the columns differ in their number of examples: {said}")

    @classmethod
    def of_pictures(cls, images, labels=None, class_names=(), **about) -> "Store":
        """A store of the columns "image", uint8 `(num, height, width, channels)`, and "label", if given."""
        columns, kinds = {"image": images}, {"image": Picture(*images.shape[1:])}
        if labels is not None:
            names = tuple(class_names)
            columns["label"] = labels
            kinds["label"] = Label(len(names), names) if names else Label()
        return cls(columns, kinds, tuple(class_names), **about)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    @property
    def images(self) -> "numpy.ndarray":  # noqa: F821
        """The column "image", else the last of pictures: what is made, not what it is made from."""
        if "image" in self.columns:
            return self.columns["image"]
        pictures = [name for name, kind in self.kinds.items() if isinstance(kind, Picture)]
        return self.columns[pictures[-1]]

    @property
    def labels(self) -> "numpy.ndarray | None":  # noqa: F821
        """The column "label"; None without one."""
        return self.columns.get("label")

    def with_labels(self, labels, class_names) -> "Store":
        """The same examples with other numbers or names of classes."""
        names = tuple(class_names)
        return dataclasses.replace(
            self,
            columns={**self.columns, "label": labels},
            kinds={**self.kinds, "label": Label(len(names), names)},
            class_names=names,
        )

    @property
    def groups(self) -> "numpy.ndarray | None":  # noqa: F821
        """The number of the picture `(num,)` that each row is cut from; None where each has its own."""
        import numpy as np

        return np.arange(len(self)) // self.copies if self.copies > 1 else None


@dataclass(frozen=True)
class Sides:
    """Stores whose examples do not belong together: each is drawn in an order of its own (CycleGAN's two).

    Attributes:
        stores: by name; each has one column of that name.
    """

    stores: dict[str, Store]

    def __len__(self) -> int:
        return max(map(len, self.stores.values()))

    @property
    def columns(self) -> "dict[str, numpy.ndarray]":  # noqa: F821
        """All columns by name; their numbers of rows may differ."""
        return {name: column for store in self.stores.values() for name, column in store.columns.items()}

    @property
    def kinds(self) -> dict[str, Kind]:
        """Of all columns."""
        return {name: kind for store in self.stores.values() for name, kind in store.kinds.items()}

    @property
    def images(self) -> "numpy.ndarray":  # noqa: F821
        """The pictures of the last side: what is made, where the first is what it is made from."""
        return list(self.stores.values())[-1].images

    labels, class_names, copies, groups = None, (), 1, None

    @property
    def fingerprint(self) -> str:
        """sha256 (hex) of the sides' own."""
        return fingerprint({name: store.fingerprint for name, store in self.stores.items()})

    @property
    def report(self) -> dict:
        """The sums of the sides' counts; what is told of each."""
        reports = [store.report for store in self.stores.values()]
        counts = {k: sum(r.get(k, 0) for r in reports) for k in ("found", "accepted", "rejected", "pictures")}
        return {**counts, "told": [said for report in reports for said in report.get("told", [])]}


def fingerprint(*parts: object) -> str:
    """sha256 (hex) of arrays, bytes and anything JSON can write."""
    digest = hashlib.sha256()
    for part in parts:
        if hasattr(part, "dtype"):
            digest.update(f"{part.dtype}{part.shape}".encode())
            digest.update(
                memoryview(part).cast("B") if part.flags.c_contiguous and part.size else part.tobytes()
            )
        else:
            digest.update(part if isinstance(part, bytes) else json.dumps(part, sort_keys=True).encode())
        digest.update(b"\0")
    return digest.hexdigest()
