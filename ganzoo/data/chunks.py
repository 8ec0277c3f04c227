"""A chunk: the verdicts and stored pictures of some consecutive files, in one file written whole.

Chunks are what an interrupted preparation keeps. The first line is JSON, the rest raw pixels.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganzoo.data import atomic
from ganzoo.data.picture import Verdict

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
    with atomic.replacing(path) as file:
        file.write(json.dumps(rows).encode() + b"\n")
        for image in images:
            file.write(np.ascontiguousarray(image).data)


def read(path: Path, side: int, channels: int) -> tuple[list[Record], np.ndarray]:
    """Records, and pictures uint8 `(copies of all, side, side, channels)`."""
    with open(path, "rb") as file:
        records = [Record(*row) for row in json.loads(file.readline())]
        pixels = np.frombuffer(file.read(), np.uint8)
    return records, pixels.reshape(-1, side, side, channels)


def read_records(path: Path) -> list[Record]:
    with open(path, "rb") as file:
        return [Record(*row) for row in json.loads(file.readline())]
