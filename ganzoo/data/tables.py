"""Labels of files: from a CSV, from the folder a file lies in, or from what the source itself says."""

import contextlib
import csv
from collections.abc import Callable, Iterator
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
    with _opened(table) as (columns, lines):
        column, convert = _column(table, columns, label)
        key = _name_column(columns)
        result: dict[str, str] = {}
        for line in lines:
            if len(line) > max(key, column):
                result.setdefault(
                    line[key].strip(), convert(line[column].strip())
                )  # of two lines the first counts
        return result


def rows(table: Path) -> dict[str, dict[str, str]]:
    """Every line of a CSV by the file it names. Raises DataError if it cannot be read."""
    with _opened(table) as (columns, lines):
        key = _name_column(columns)
        return {
            line[key].strip(): dict(zip(columns, line, strict=False)) for line in lines if len(line) > key
        }


def _name_column(columns: list[str]) -> int:
    return next((columns.index(name) for name in _NAME_COLUMNS if name in columns), 0)


@contextlib.contextmanager
def _opened(table: Path) -> Iterator[tuple[list[str], Iterator[list[str]]]]:
    previous = csv.field_size_limit(_LONGEST)
    try:
        with open(table, encoding="utf-8-sig", errors="replace", newline="") as file:
            lines = csv.reader(file)
            yield [name.strip() for name in next(lines, [])], lines
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
