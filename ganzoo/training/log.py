"""`log.csv`: one line per period of training, each period once whatever happened."""

import csv
import io
import os
from pathlib import Path

from ganzoo.errors import RunError
from ganzoo.training.files import write_text

WHEN = ("step", "images_seen", "epoch")
TIMES = ("images_per_second", "seconds")  # the only columns that differ between equal runs


class Log:
    """The rows of `log.csv`, appended to as training goes."""

    def __init__(self, path: Path, readings: tuple[str, ...]):
        self.path, self.columns = path, (*WHEN, *readings, *TIMES)
        self.rows: list[dict] = read_rows(path) if path.exists() else []

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
    """The rows of a log as numbers; a line that a crash cut short is left out.

    Raises:
        RunError: if its first line is not that of a log: rather than forget what it holds.
    """
    rows = []
    with open(path, encoding="utf-8", errors="replace", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in WHEN if name not in (reader.fieldnames or WHEN)]
        if missing:
            raise RunError(
                f"{path} has no column {missing[0]!r}; its first line should begin with {','.join(WHEN)}: "
                "mend it, or move the file away to begin a new log"
            )
        for row in reader:
            try:
                rows.append({k: float(v) if "." in v or "n" in v else int(v) for k, v in row.items()})
            except (TypeError, ValueError, csv.Error):
                continue
    return rows


def _shown(value):
    return f"{value:.6f}" if isinstance(value, float) else value
