"""`log.csv`: one line per period of training, each period once whatever happened."""

import contextlib
import csv
import io
import math
import os
from pathlib import Path

from ganzoo.base.errors import RunError
from ganzoo.disk.files import write_text

WHEN = ("step", "images_seen", "epoch")
TIMES = ("images_per_second", "seconds")  # the only columns that differ between equal runs


class Log:
    """The rows of `log.csv`, appended to as training goes."""

    def __init__(self, path: Path, readings: tuple[str, ...]):
        self.path, ours = path, (*WHEN, *readings, *TIMES)
        rows = read_rows(path) if path.exists() else []
        others = dict.fromkeys(name for row in rows for name in row if name not in ours)
        self.columns = (*WHEN, *readings, *others, *TIMES)
        self.rows: list[dict] = [_completed(row, ours) for row in rows]

    def rewind(self, step: int) -> None:
        """Forgets what came after `step`: training goes on from there."""
        self.rows = [row for row in self.rows if row["step"] <= step]
        write_text(self.path, self._text(self.rows, header=True))

    def append(self, row: dict) -> None:
        """Adds a row to the file and makes sure it is on disk. Raises RunError if it cannot be."""
        self.rows.append(row)
        try:
            with open(self.path, "a", encoding="utf-8", newline="") as file:
                file.write(self._text([row], header=file.tell() == 0))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise RunError(f"{self.path} could not be written: {error.strerror}") from None

    def _text(self, rows: list[dict], header: bool) -> str:
        text = io.StringIO()
        writer = csv.DictWriter(text, self.columns, "nan", "ignore", lineterminator="\n")
        if header:
            writer.writeheader()
        writer.writerows({k: _shown(v) for k, v in row.items()} for row in rows)
        return text.getvalue()


def read_rows(path: Path) -> list[dict]:
    """The rows of a log, numbers as numbers, without a line that a crash cut short or filled with zeros.

    Columns that a version after or before this one wrote, or a user, stay as they are.

    Raises:
        RunError: if its first line is not that of a log: rather than forget what it holds.
    """
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        lines = [line for line in file if line.endswith("\n") and "\0" not in line]
    reader = csv.reader(lines)
    names = next(reader, list(WHEN))
    missing = [name for name in WHEN if name not in names]
    if missing:
        raise RunError(
            f"{path} has no column {missing[0]!r}; its first line should begin with {','.join(WHEN)}: "
            "mend it, or move the file away to begin a new log"
        )
    rows = []
    with contextlib.suppress(
        csv.Error
    ):  # a quotation mark without its other: what follows is no line of ours
        for values in reader:
            row = {name: _read(value) for name, value in zip(names, values, strict=False)}
            if len(values) == len(names) and not any(isinstance(row[name], str) for name in WHEN):
                rows.append(row)
    return rows


def _completed(row: dict, ours: tuple[str, ...]) -> dict:
    """A row with all columns of this version: NaN where there is no number."""
    return {**row, **{name: math.nan for name in ours if isinstance(row.get(name, ""), str)}}


def _read(value: str):
    try:
        return float(value) if "." in value or "n" in value else int(value)
    except ValueError:
        return value


def _shown(value):
    return f"{value:.6f}" if isinstance(value, float) else value
