"""manifest.csv: a line for every file found, in the order of the listing, then one for all that is no data.

A program for tables takes a cell that begins with = + - or @ for a formula, and works it out: such
a cell is written with an apostrophe before it, which `read` takes away again.
"""

import csv
import io
import re
from pathlib import Path
from typing import BinaryIO

from ganzoo.data.chunks import Record
from ganzoo.data.listing import Entry

COLUMNS = (
    "path", "sha256", "verdict", "reason", "format", "width", "height", "mode",
    "label", "class", "split", "row",
)  # fmt: skip
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # of these, with or without apostrophes, one is added or taken


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
        self._put([entry.path, record.sha256, verdict, record.reason, *facts, label, kind, split, row])

    def skipped(self, path: str, reason: str) -> None:
        """What is passed over: a folder, or files in one."""
        self._put([path, "", "skipped", reason])

    def _put(self, cells: list) -> None:
        texts = [str(cell) for cell in cells] + [""] * (len(COLUMNS) - len(cells))
        self._rows.writerow([f"'{text}" if _FORMULA.match(text) else text for text in texts])

    def close(self) -> None:
        self._text.flush()
        self._text.detach()


def read(path: Path) -> list[dict[str, str]]:
    """All lines, as dicts by column."""
    with open(path, encoding="utf-8", newline="") as file:
        return [{name: _unquoted(cell) for name, cell in line.items()} for line in csv.DictReader(file)]


def _unquoted(cell):
    return cell[1:] if isinstance(cell, str) and cell[:1] == "'" and _FORMULA.match(cell) else cell
