"""Labels of files: from a CSV, from the folder a file lies in, or from what the source itself says."""

import csv
from collections.abc import Callable
from pathlib import Path

from ganzoo.data.config import DataConfig
from ganzoo.data.labels import century
from ganzoo.data.listing import Entry
from ganzoo.errors import DataError, UsageError

_NAME_COLUMNS = ("new_filename", "filename", "file_name", "file", "path", "image", "name")
_LONGEST = 2**20  # characters of one field; the default of 128 KiB is an error for some tables


def labeller(config: DataConfig, table: Path | None) -> Callable[[Entry], str] | None:
    """A function from a file to its label ("" if unknown), or None where no label is asked for.

    Raises:
        UsageError: a column that the CSV has not, or a label that needs a CSV where there is none.
        DataError: the CSV cannot be read.
    """
    label = config.label
    if label is None:
        return None
    if label == "folder":
        return lambda entry: entry.path.rpartition("/")[0].rpartition("/")[2]
    if table is None:
        raise UsageError(
            f"data.label {label!r} needs a CSV: give data.labels_csv, put all_data_info.csv beside the "
            "pictures, or use label 'folder'"
        )
    by_name = _read(table, label)
    return lambda entry: by_name.get(entry.path) or by_name.get(entry.name) or ""


def _read(table: Path, label: str) -> dict[str, str]:
    previous = csv.field_size_limit(_LONGEST)
    try:
        with open(table, encoding="utf-8-sig", errors="replace", newline="") as file:
            rows = csv.reader(file)
            columns = [name.strip() for name in next(rows, [])]
            column, convert = _column(table, columns, label)
            key = next((columns.index(name) for name in _NAME_COLUMNS if name in columns), 0)
            result: dict[str, str] = {}
            for row in rows:
                if len(row) > max(key, column):
                    result.setdefault(
                        row[key].strip(), convert(row[column].strip())
                    )  # of two lines the first counts
            return result
    except (csv.Error, OSError) as error:
        raise DataError(f"{table} cannot be read as a CSV of labels: {error}") from None
    finally:
        csv.field_size_limit(previous)


def _column(table: Path, columns: list[str], label: str) -> tuple[int, Callable[[str], str]]:
    if label in columns:
        return columns.index(label), str
    if label == "century" and "date" in columns:
        return columns.index("date"), century
    raise UsageError(f"{table} has no column {label!r}: it has {', '.join(columns)[:300] or 'no columns'}")
