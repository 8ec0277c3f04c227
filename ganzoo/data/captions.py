"""Captions where people keep them: side-cars, tables, COCO files, Reed's text_c10, file names.

name.txt beside name.jpg                 a caption a line
metadata.csv, metadata.jsonl             a column file_name, and text, caption or prompt (Hugging Face)
any other .csv or .tsv of two columns    file, caption; several lines a file (Flickr8k, also name.jpg#0)
captions_*.json                          COCO: images[].id, file_name; annotations[].image_id, caption
text_c10/CLASS/name.txt                  ten lines a picture (CUB-200, Oxford flowers)
"""

import csv
import io
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data.data_config import CAPTIONS
from ganzoo.data.row_names import partners_of, stem
from ganzoo.disk import regular
from ganzoo.kinds.sentence import Sentence, words_of

FILE_COLUMNS = ("file_name", "filename", "file", "image", "path", "image_name", "img")
TEXT_COLUMNS = ("text", "caption", "captions", "prompt", "description", "sentence", "comment", "raw_caption")
MOST = 10  # captions of a picture that are kept
WORDS = 5_000  # of a vocabulary, the commonest


def captions_of(folder: Path, names: list[str], way: str | None) -> tuple[list[list[str]], str]:
    """The captions of pictures, in the order of `names`, and a sentence about where they were found.

    Args:
        folder: the source.
        names: of the pictures, without ending, as `ganzoo.data.row_names` has them.
        way: one of CAPTIONS; None takes that of them, file names apart, which most pictures have.

    Raises:
        UsageError: for a source without captions.
        DataError: for pictures of which some have no caption; one is named.
    """
    if not folder.is_dir():
        raise UsageError(f"captions are looked for beside pictures, but {folder} is no folder: unpack it")
    tried = [way] if way else [each for each in CAPTIONS if each != "filename"]
    ways = []
    for each in tried:
        found = _READERS[each](folder) if each != "filename" else {n: [_spelt(n)] for n in names}
        partners, _ = partners_of(list(dict.fromkeys(names)), list(found))
        ways.append((each, found, partners))
    each, found, partners = max(ways, key=lambda way: len(way[2]))  # of equal ones the first
    if partners:
        missing = next((name for name in names if name not in partners), None)
        if missing:
            raise DataError(
                f"{missing} has no caption, though {len(partners):,} others have one ({each}); write it one, "
                "or take the picture out"
            )
        texts = [[text for text in found[partners[name]] if words_of(text)][:MOST] for name in names]
        if empty := next((name for name, own in zip(names, texts, strict=True) if not own), None):
            raise DataError(f"the caption of {empty} has no word in it ({each}); write one")
        return texts, f"captions by {each}: {len(partners):,} pictures, {sum(map(len, texts)):,} captions"
    raise UsageError(
        f"no caption was found beside the pictures of {folder}: write name.txt beside name.jpg, a table "
        "metadata.csv with the columns file_name and text, or give --set data.caption=filename"
    )


def column_of(texts: list[list[str]], kind: Sentence) -> tuple[np.ndarray, Sentence]:
    """Captions as numbers, int32 `(num, several, length)`, and their kind, its vocabulary made if missing.

    A picture with fewer captions than another has its own again and again.
    """
    if not kind.vocabulary:
        counts = Counter(word for own in texts for text in own for word in words_of(text))
        ordered = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
        kind = Sentence(tuple(ordered), kind.length)
    several = max(map(len, texts))
    numbers = [[kind.encode(own[i % len(own)]) for i in range(several)] for own in texts]
    return np.asarray(numbers, np.int32), kind


# ---- where they are -------------------------------------------------------------------------------


def _files(folder: Path, pattern: str) -> Iterator[Path]:
    for path in sorted(folder.rglob(pattern)):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and not hidden:
            yield path


def _sidecars(folder: Path) -> dict[str, list[str]]:
    found = {}
    for path in _files(folder, "*.txt"):
        lines = [line.strip() for line in _text(path).splitlines() if line.strip()]
        relative = path.relative_to(folder).as_posix()
        found[stem(re.sub(r"^text_c10/", "", relative))] = lines
    return {name: lines for name, lines in found.items() if lines}


def _tables(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in [p for pattern in ("*.jsonl", "*.csv", "*.tsv") for p in _files(folder, pattern)]:
        beside = path.parent.relative_to(folder).as_posix().removeprefix(".").strip("/")
        for file, texts in _rows(path):
            name = re.sub(r"#\d+$", "", str(file).strip()).replace("\\", "/").removeprefix("./")
            if not name:
                continue
            key = stem(os.path.join(beside, name) if beside else name)
            found.setdefault(key, []).extend(str(text).strip() for text in texts)
    return found


def _rows(path: Path) -> Iterator[tuple[str, list[str]]]:
    """File and captions of each line of a table; of a table without such columns none."""
    lines = _json_lines(path) if path.suffix == ".jsonl" else _csv_lines(path)
    columns = {str(name).strip().lower(): name for name in (lines[0][1] if lines else {}) if name}
    file = next((columns[name] for name in FILE_COLUMNS if name in columns), None)
    caption = next((columns[name] for name in TEXT_COLUMNS if name in columns), None)
    if file is None or caption is None:
        return
    for number, line in lines:
        texts = line.get(caption)
        texts = [text for text in (texts if isinstance(texts, list) else [texts]) if text is not None]
        if wrong := next((text for text in texts if not isinstance(text, str)), None):
            raise DataError(f"{path}, line {number}: the caption {wrong!r} is no text")
        if line.get(file) and texts:
            yield str(line[file]), texts


def _json_lines(path: Path) -> list[tuple[int, dict]]:
    found = []
    for number, text in enumerate(_text(path).split("\n"), 1):  # not at other breaks, which texts may hold
        if not text.strip():
            continue
        try:
            line = json.loads(text)
        except ValueError as error:
            raise DataError(f"{path}, line {number}, is no JSON ({error}): mend or remove it") from None
        if not isinstance(line, dict):
            raise DataError(
                f'{path}, line {number}: expected {{"file_name": ..., "text": ...}}, not {text[:60]!r}'
            )
        found.append((number, line))
    return found


def _csv_lines(path: Path) -> list[tuple[int, dict]]:
    rows = csv.DictReader(
        io.StringIO(_text(path), newline=""), delimiter="\t" if path.suffix == ".tsv" else ","
    )
    try:
        return [(rows.line_num, row) for row in rows]
    except csv.Error as error:
        raise DataError(f"{path}, line {rows.line_num}, cannot be read as a table: {error}") from None


def _coco(folder: Path) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    origin: dict[str, Path] = {}
    for path in [*_files(folder, "*captions*.json"), *_files(folder.parent, "annotations/captions*.json")]:
        try:
            tables = json.loads(_text(path))
            names = {image["id"]: stem(image["file_name"]) for image in tables["images"]}
            for annotation in tables["annotations"]:
                name = names[annotation["image_id"]]
                if origin.setdefault(name, path) != path:
                    raise DataError(
                        f"{origin[name]} and {path} both have captions of {name}, and which are this "
                        "picture's cannot be told: leave the file of the other pictures out"
                    )
                found.setdefault(name, []).append(str(annotation["caption"]))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataError(f"{path} is no COCO file of captions ({type(error).__name__}: {error})") from None
    return found


def _text(path: Path) -> str:
    try:
        return regular.read(path).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise DataError(f"{path} is not UTF-8; save it so") from None


def _spelt(name: str) -> str:
    return re.sub(r"[_\-.]+|\d+$", " ", name.rpartition("/")[2]).strip()


_READERS = {"sidecar": _sidecars, "table": _tables, "coco": _coco}
