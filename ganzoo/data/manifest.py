"""manifest.csv: a line for every file found, in the order of the listing."""

import csv
import io
from pathlib import Path
from typing import BinaryIO

from ganzoo.data.chunks import Record
from ganzoo.data.listing import Entry

COLUMNS = (
    "path", "sha256", "verdict", "reason", "format", "width", "height", "mode",
    "label", "class", "split", "row",
)  # fmt: skip


class Writer:
    """Writes lines; names that are not UTF-8 appear with their odd bytes as `\\xNN`."""

    def __init__(self, file: BinaryIO):
        self._text = io.TextIOWrapper(
            file, "utf-8", errors="backslashreplace", newline="", write_through=True
        )
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def line(
        self, entry: Entry, record: Record, label: str = "", kind: str = "", split: str = "", row=""
    ) -> None:
        """`row` is where the picture's first copy stands in images.npy."""
        verdict = "accepted" if record.accepted else "rejected"
        facts = [record.format, record.width or "", record.height or "", record.mode]
        self._rows.writerow(
            [entry.path, record.sha256, verdict, record.reason, *facts, label, kind, split, row]
        )

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


def read(path: Path) -> list[dict[str, str]]:
    """All lines, as dicts by column."""
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
