"""The last part of preparing: duplicates, labels, and the files of the finished set, from the chunks."""

import contextlib
import json
import os
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ganzoo.data import chunks, manifest, sheets, told
from ganzoo.data.data_config import LAYOUT, crop_copies, stored_settings
from ganzoo.data.duplicates import Seen
from ganzoo.data.label_columns import fold
from ganzoo.data.listing import Entry
from ganzoo.disk import files
from ganzoo.disk.sums import file_sum


@dataclass(frozen=True)
class Labels:
    """Class names; of each accepted file its label and the number of its class; what was folded."""

    names: tuple[str, ...]
    of: dict[int, tuple[str, int]]
    folded: dict[str, int]


_NAMES = ("manifest.csv", "images.npy", "labels.npy", "accepted.png", "rejected.png")


def finish(plan, partial: Path, out: Path, progress: bool) -> None:
    """Writes the set from its chunks; may be repeated, and gives the same bytes each time."""
    reasons = _second_look(plan, partial)
    accepted, split = _accepted(plan, partial, reasons)
    labels = _labels(plan, accepted)
    with contextlib.ExitStack() as stack:
        for name in _NAMES:  # what an interrupted attempt left takes space that this one needs
            (partial / name).unlink(missing_ok=True)
        stack.callback(lambda: [(partial / name).unlink(missing_ok=True) for name in _NAMES])
        store = _write(plan, partial, reasons, split, labels)
        for name in _NAMES:
            if (partial / name).exists():
                os.replace(partial / name, out / name)
    files.write_bytes(out / "store.json", json.dumps(store, indent=1).encode())


def walk(plan, partial: Path) -> Iterator[tuple[int, Entry, chunks.Record]]:
    """Number, entry and record of every file found."""
    for start in range(0, len(plan.entries), chunks.FILES):
        records = chunks.read_records(chunks.path_of(partial, start // chunks.FILES))
        for i, record in enumerate(records, start):
            yield i, plan.entries[i], record


def _second_look(plan, partial: Path) -> dict[int, str]:
    """Reasons that only show among all files: superseded by a replacement, duplicates."""
    reasons: dict[int, str] = {}
    replaced = {}
    if any(entry.replaces for entry in plan.entries):
        replaced = {e.name: e.path for _, e, record in walk(plan, partial) if e.replaces and record.accepted}
    seen = Seen(plan.config.near_duplicates)
    for i, entry, record in walk(plan, partial):
        if not entry.replaces and entry.name in replaced and not entry.reason:
            reasons[i] = f"superseded: by {replaced[entry.name]}"
        elif record.accepted and (found := seen.find(record.sha256, record.hash, i)):
            kind, earlier = found
            reasons[i] = f"{kind} duplicate: of {plan.entries[earlier].path}"
    return reasons


def _accepted(plan, partial: Path, reasons: dict[int, str]) -> tuple[list[int], np.ndarray]:
    """Numbers of the accepted files, and for each file its split: 0 train, 1 test, -1 rejected."""
    split = array("b", bytes([255]) * len(plan.entries))
    own_splits = plan.config.source.startswith("tfds:")
    for i, entry, record in walk(plan, partial):
        if record.accepted and i not in reasons and own_splits:
            split[i] = entry.file == "test"
        elif record.accepted and i not in reasons:
            # By the contents alone: a picture stays on its side when others come or go.
            split[i] = int(record.sha256[:8], 16) < plan.config.test_share * 2**32
    split = np.frombuffer(split, np.int8)
    return np.flatnonzero(split >= 0).tolist(), split


def _labels(plan, accepted: list[int]) -> Labels | None:
    if plan.label is None:
        return None
    texts = [plan.label.of(plan.entries[i]) for i in accepted]
    names, classes, folded = fold(texts, plan.config)
    return Labels(names, dict(zip(accepted, zip(texts, classes, strict=True), strict=True)), folded)


def _write(plan, partial: Path, reasons: dict[int, str], split: np.ndarray, labels: Labels | None) -> dict:
    """Writes all files into `partial`; returns what store.json says."""
    copies = crop_copies(plan.config.crop)
    counts = [int((split == part).sum()) * copies for part in (0, 1)]
    shape = (sum(counts), plan.size, plan.size, plan.channels)
    numbers = np.zeros(shape[0], np.int32)
    outcome, notes, classes = Counter(), Counter(), Counter()
    accepted, rejected = sheets.Accepted(shape[0]), sheets.Rejected()
    nexts = [0, counts[0]]  # where the next picture of each split goes
    with _Pixels(partial / "images.npy", shape) as pixels, open(partial / "manifest.csv", "wb") as table:
        lines = manifest.Writer(table)
        for i, entry, record, images in _with_images(plan, partial):
            if split[i] < 0:
                record = _rejected(record, reasons[i]) if i in reasons else record
                outcome[kind(record.reason)] += 1
                rejected.add(entry.path, record.reason, images)
                lines.line(entry, record)
                continue
            notes.update(kind(note) for note in record.reason.split("; ") if note)
            row = nexts[split[i]]
            nexts[split[i]] += copies
            pixels.put(row, images)
            text, number = labels.of[i] if labels else ("", 0)
            name = labels.names[number] if labels else ""
            numbers[row : row + copies] = number
            classes[name] += copies
            accepted.add(row, name or entry.name, images)
            lines.line(entry, record, text, name, ("train", "test")[split[i]], row)
        for path, why in plan.skipped:
            lines.skipped(path, why)
        lines.close()
        os.fsync(table.fileno())
    if labels:
        with files.replacing(partial / "labels.npy") as file:
            np.save(file, numbers)
    report = {
        "found": len(plan.entries),
        "accepted": int((split >= 0).sum()),
        "rejected": int((split < 0).sum()),
    }
    report |= {"reasons": dict(sorted(outcome.items())), "notes": dict(sorted(notes.items()))}
    report |= {"pictures": shape[0], "folded": labels.folded if labels else {}}
    report |= {"classes": {name: classes[name] for name in labels.names} if labels else {}}
    report |= {"told": told.sentences(plan, report)}
    accepted.save(partial / "accepted.png", report)
    rejected.save(partial / "rejected.png", report)
    return _about(plan, partial, counts, labels, report)


def _about(plan, partial: Path, counts: list[int], labels: Labels | None, report: dict) -> dict:
    """store.json: nothing of where and when, so that the same source gives the same bytes."""
    sums = {
        name: file_sum(partial / name) for name in ("images.npy", "labels.npy") if (partial / name).exists()
    }
    settings = stored_settings(plan.config, without=("labels_csv",))
    about = {
        "layout": LAYOUT,
        "key": plan.key,
        "size": plan.size,
        "channels": plan.channels,
        "settings": settings,
    }
    about |= {"train": counts[0], "test": counts[1], "class_names": list(labels.names) if labels else []}
    return about | {"sha256": sums, "report": report}


class _Pixels:
    """images.npy, written row by row without being in memory."""

    def __init__(self, path: Path, shape: tuple[int, int, int, int]):
        self._file = open(path, "wb")  # noqa: SIM115  closed by __exit__
        np.lib.format.write_array_header_1_0(
            self._file, {"descr": "|u1", "fortran_order": False, "shape": shape}
        )
        self._begin, self._row_bytes = self._file.tell(), int(np.prod(shape[1:]))

    def put(self, row: int, images: np.ndarray) -> None:
        self._file.seek(self._begin + row * self._row_bytes)
        self._file.write(np.ascontiguousarray(images).data)

    def __enter__(self) -> "_Pixels":
        return self

    def __exit__(self, *error: object) -> None:
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())


def _with_images(plan, partial: Path) -> Iterator[tuple[int, Entry, chunks.Record, np.ndarray]]:
    for start in range(0, len(plan.entries), chunks.FILES):
        path = chunks.path_of(partial, start // chunks.FILES)
        records, pixels = chunks.read(path, plan.size, plan.channels)
        place = 0
        for i, record in enumerate(records, start):
            yield i, plan.entries[i], record, pixels[place : place + record.copies]
            place += record.copies


def kind(reason: str) -> str:
    """What reasons are counted by: the words before the details."""
    return reason.partition(":")[0]


def _rejected(record: chunks.Record, reason: str) -> chunks.Record:
    fields = {name: getattr(record, name) for name in chunks.Record.__slots__}
    return chunks.Record(**fields | {"accepted": False, "reason": reason})
