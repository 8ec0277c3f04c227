"""A chunk: the verdicts and stored pictures of some consecutive files, in one file written whole.

Chunks are what an interrupted preparation keeps. The first line is the checksum of what follows, the
second JSON, the rest raw pixels. A chunk that a disk or a person has changed is made again.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ganzoo.data.cleaning import Verdict
from ganzoo.disk import files

FILES = 64  # in one chunk: what an interruption loses at most, times the number of workers


@dataclass(frozen=True, slots=True)
class Record:
    """What the manifest says of a file and how many pictures of it the chunk holds."""

    accepted: bool
    sha256: str
    reason: str
    format: str
    width: int
    height: int
    mode: str
    hash: int
    copies: int


def path_of(folder: Path, number: int) -> Path:
    return folder / f"{number:07d}.chunk"


def record(verdict: Verdict, sha256: str) -> Record:
    copies = 0 if verdict.images is None else len(verdict.images)
    facts = (verdict.format, verdict.width, verdict.height, verdict.mode, verdict.hash)
    return Record(verdict.accepted, sha256, verdict.reason, *facts, copies)


def write(path: Path, records: list[Record], images: list[np.ndarray]) -> None:
    rows = [[getattr(record, name) for name in Record.__slots__] for record in records]
    parts = [json.dumps(rows).encode() + b"\n", *(np.ascontiguousarray(image).data for image in images)]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    with files.replacing(path) as file:
        file.write(digest.hexdigest().encode() + b"\n")
        for part in parts:
            file.write(part)


def is_whole(path: Path) -> bool:
    """Whether a chunk holds what was written into it."""
    try:
        with open(path, "rb") as file:
            known = file.readline().strip()
            return known == hashlib.file_digest(file, "sha256").hexdigest().encode()
    except OSError:
        return False


def read(path: Path, side: int, channels: int) -> tuple[list[Record], np.ndarray]:
    """Records, and pictures uint8 `(copies of all, side, side, channels)`; of a chunk that is whole."""
    with open(path, "rb") as file:
        records = _records(file)
        pixels = np.frombuffer(file.read(), np.uint8)
    return records, pixels.reshape(-1, side, side, channels)


def read_records(path: Path) -> list[Record]:
    with open(path, "rb") as file:
        return _records(file)


def _records(file: BinaryIO) -> list[Record]:
    file.readline()  # the checksum: looked at once, when preparing begins
    return [Record(*row) for row in json.loads(file.readline())]
