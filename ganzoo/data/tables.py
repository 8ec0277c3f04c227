"""Labels of files: from a CSV, from the folder a file lies in, or from what the source itself says."""

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import names, table_files
from ganzoo.data.data_config import DataConfig
from ganzoo.data.hidden import has_picture_ending
from ganzoo.data.label_columns import century
from ganzoo.data.listing import Entry, Listing

# What columns of file names are called, as `_plain` spells them; the first of those that fits is taken.
_NAME_COLUMNS = (
    "newfilename", "filename", "file", "path", "image", "name", "filepath", "imagepath", "imgpath",
    "imagename", "imgname", "imagefile", "imagefilename", "imageid", "imgid", "img", "picture", "photo", "id",
)  # fmt: skip


@dataclass(frozen=True)
class Labeller:
    """Knows the label of a file ("" if none).

    Attributes:
        of: from an entry to its label.
        told: sentences that the person should read: what was guessed, what has no label.
        how: what was guessed, and so decides what the labels are; "" where nothing was.
    """

    of: Callable[[Entry], str]
    told: tuple[str, ...] = ()
    how: str = ""


def labeller(config: DataConfig, found: Listing) -> Labeller | None:
    """What knows the labels of the files found, or None where none is asked for.

    Raises:
        UsageError: a column that the CSV has not, or a label that needs a CSV where there is none.
        DataError: the CSV cannot be read, or names none of the files.
    """
    label = config.label
    if label is None:
        return None
    if label == "folder":
        return Labeller(folder_label)
    if found.table is None:
        raise UsageError(_no_table(label, found))
    table = table_files.read(found.table)
    column, convert = _label_column(table, label)
    key, row_of, guesses = _name_column(table, column, found.entries)
    texts = [convert(_cell(line, column)) for line in table.lines]
    label_of = {path: texts[row] for path, row in row_of.items()}
    told = [f"{table.path}: {', '.join([*table.notes, *guesses])}"] if table.notes or guesses else []
    told += _missing(table, key, row_of, found.entries)
    how = "; ".join([*table.notes, *guesses])
    return Labeller(lambda entry: label_of.get(entry.path, ""), tuple(told), how)


def folder_label(entry: Entry) -> str:
    """The name of the folder that a file lies in; a name that is not UTF-8 as Windows would read it."""
    name = entry.folder
    try:
        name.encode("utf-8")
        return name
    except UnicodeEncodeError:
        data = name.encode("utf-8", "surrogateescape")
        return data.decode("cp1252", "replace")


def rows(path: Path) -> dict[str, dict[str, str]]:
    """Every line of a CSV by the file it names. Raises DataError if it cannot be read."""
    table = table_files.read(path)
    key = _known_columns(table)[0] if _known_columns(table) else 0
    return {
        line[key].strip(): dict(zip(table.columns, line, strict=False))
        for line in table.lines
        if len(line) > key
    }


def _no_table(label: str, found: Listing) -> str:
    tables = (".csv", ".tsv")
    near = [each for each in found.entries if each.member < 0 and each.name.lower().endswith(tables)]
    which = near[0].file if near else "FILE"
    return (
        f"data.label {label!r} needs a CSV: give data.labels_csv (ganzoo-prepare --labels_csv {which}, "
        f"ganzoo-train --set data.labels_csv={which}), put all_data_info.csv beside the pictures, or use "
        "label 'folder' (--label folder, --set data.label=folder)"
    )


# ---- columns ------------------------------------------------------------------------------------


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def _cell(line: list[str], column: int) -> str:
    return line[column].strip() if len(line) > column else ""


def _label_column(table: table_files.Table, label: str) -> tuple[int, Callable[[str], str]]:
    columns = table.columns
    if label in columns:
        return columns.index(label), str
    if label == "century" and "date" in columns:
        return columns.index("date"), century
    alike = [number for number, name in enumerate(columns) if _plain(name) == _plain(label)]
    if len(alike) == 1:
        return alike[0], str
    close = difflib.get_close_matches(label, columns, n=1)
    hint = f"did you mean {close[0]!r}? " if close else ""
    raise UsageError(
        f"{table.path} has no column {label!r}: {hint}it has {', '.join(columns)[:300] or 'no columns'}"
    )


def _known_columns(table: table_files.Table) -> list[int]:
    plain = [_plain(name) for name in table.columns]
    return [plain.index(name) for name in _NAME_COLUMNS if name in plain]


def _name_column(
    table: table_files.Table, label: int, entries: list[Entry]
) -> tuple[int, dict[str, int], list[str]]:
    """The column of file names: which, the row of each file by it, and what of this was guessed.

    Raises DataError if no column names a file.
    """
    known = _known_columns(table)
    others = [number for number in range(len(table.columns)) if number not in (*known, label)]
    paths = [entry.path for entry in entries]
    for candidates in (known, others):
        tried = [(number, *names.matched(_column(table, number), paths)) for number in candidates]
        number, row_of, how = max(tried, key=lambda one: (len(one[1]), -one[2]), default=(0, {}, names.EXACT))
        if row_of:
            guesses = [f"file names are taken from its column {table.columns[number]!r}"]
            guesses = guesses if candidates is others else []
            return number, row_of, guesses + ([f"names fit {names.HOW[how]}"] if how else [])
    number = (known or others or [0])[0]
    named = next((name for name in _column(table, number) if name), None)
    file = next((path for path in paths if has_picture_ending(path)), paths[0])
    if named is None:
        raise DataError(
            f"{table.path} has no row that names a file: expected a column of names like {file!r}"
        )
    raise DataError(
        f"{table.path} names none of the files: its column {table.columns[number]!r} has {named!r}, "
        f"a file is called {file!r}; expected a column (e.g. 'filename') with names of files"
    )


def _column(table: table_files.Table, number: int) -> list[str]:
    return [_cell(line, number) for line in table.lines]


def _missing(table: table_files.Table, key: int, row_of: dict[str, int], entries: list[Entry]) -> list[str]:
    """Sentences about rows without a file and files without a row."""
    wanted = [entry.path for entry in entries if not entry.reason and has_picture_ending(entry.path)]
    files = [path for path in wanted if path not in row_of]
    named = dict.fromkeys(name for name in _column(table, key) if name)
    used = {_cell(table.lines[row], key) for row in row_of.values()}
    lost = [name for name in named if name not in used]
    told = []
    if lost:
        told.append(
            f"{table.path}: {len(lost):,} of {len(named):,} names are of no file, the first is {lost[0]!r}"
        )
    if files:
        told.append(
            f"{table.path}: {len(files):,} of {len(wanted):,} files have no row and no label of their own, "
            f"the first is {files[0]!r}"
        )
    return told
