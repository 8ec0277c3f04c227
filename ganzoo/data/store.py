"""A store: pictures at rest, ready to be drawn in any order."""

import hashlib
import json
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Store:
    """Prepared pictures of one split.

    Attributes:
        images: uint8 `(num, height, width, channels)`, an array or a read-only memory map.
        labels: int32 `(num,)`, or None where the source has none.
        class_names: name of each label; empty without labels. The same for all splits.
        fingerprint: sha256 (hex) of pictures, labels, names and settings.
        report: counts: found, accepted, rejected, reasons, notes, pictures, classes, folded.
        copies: so many consecutive rows are cut from one and the same picture (`crop = "random:N"`).
    """

    images: "numpy.ndarray"  # noqa: F821  NumPy is not imported for a configuration error
    labels: "numpy.ndarray | None" = None  # noqa: F821
    class_names: tuple[str, ...] = ()
    fingerprint: str = ""
    report: dict = field(default_factory=dict)
    copies: int = 1

    def __len__(self) -> int:
        return len(self.images)

    @property
    def groups(self) -> "numpy.ndarray | None":  # noqa: F821
        """The number of the picture `(num,)` that each row is cut from; None where each has its own."""
        import numpy as np

        return np.arange(len(self)) // self.copies if self.copies > 1 else None


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
