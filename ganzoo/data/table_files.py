"""Tables as people have them: CSV with commas, semicolons or tabs, in UTF-8, UTF-16 or what Windows wrote."""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError

_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "upright strokes"}
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_LONGEST = 2**20  # characters of one field; the default of 128 KiB is an error for some tables


@dataclass(frozen=True)
class Table:
    """The head and the lines of a table; `notes` says what of its form is unusual."""

    path: Path
    columns: list[str]
    lines: list[list[str]]
    notes: tuple[str, ...] = ()


def read(path: Path) -> Table:
    """Reads a whole table. Raises DataError if that is not possible."""
    previous = csv.field_size_limit(_LONGEST)
    try:
        data = path.read_bytes()
        _refuse_others(path, data)
        text, encoding = _decoded(data)
        declared = re.match(r"sep=(.)\r?\n", text)  # a line of Excel's own
        text = text[declared.end() :] if declared else text
        separator = declared[1] if declared else _separator(text)
        columns, *lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator) or [[]]
    except (csv.Error, OSError) as error:
        raise DataError(f"{path} cannot be read as a CSV of labels: {error}") from None
    except ValueError:  # not one line
        raise DataError(f"{path} is empty: expected a CSV file with labels") from None
    finally:
        csv.field_size_limit(previous)
    notes = [f"read as {encoding}"] if encoding else []
    notes += [f"separated by {_SEPARATORS.get(separator, separator)}"] if separator != "," else []
    return Table(path, [name.strip() for name in columns], lines, tuple(notes))


def _refuse_others(path: Path, data: bytes) -> None:
    if data.startswith((b"PK\3\4", b"\xd0\xcf\x11\xe0")):
        raise DataError(f"{path} is a workbook (Excel, OpenOffice), no CSV: save it as CSV (UTF-8)")
    if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in (b"{", b"["):
        raise DataError(f"{path} is JSON, no CSV: write a CSV with a column of file names and one of labels")


def _decoded(data: bytes) -> tuple[str, str]:
    """The text, and the encoding where it is worth a word."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):  # it says itself what it is: odd bytes in it are damage
            return data.decode(encoding, "replace"), "" if encoding == "utf-8-sig" else "UTF-16"
    if data[:200].count(b"\0") > len(data[:200]) // 4:
        little = data[1:200:2].count(b"\0") > data[:200:2].count(b"\0")
        return data.decode("utf-16-le" if little else "utf-16-be", "replace"), "UTF-16"
    try:
        return data.decode("utf-8"), ""
    except UnicodeDecodeError:
        # Every sequence of bytes is some text in it, so this is a guess, and is said.
        return data.decode("cp1252", "replace"), "Windows-1252 (it is not UTF-8)"


def _separator(text: str) -> str:
    """The one that makes most columns of the head; commas where nothing speaks against them."""
    head = next((line for line in text.splitlines() if line.strip()), "")
    counts = {each: len(next(csv.reader([head], delimiter=each), [])) for each in _SEPARATORS}
    return max(counts, key=lambda each: counts[each])
