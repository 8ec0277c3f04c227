"""The last part of preparing: duplicates, labels, and the files of the finished set, from the chunks."""

import contextlib
import hashlib
import json
import os
from array import array
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ganzoo.data import atomic, chunks, manifest, sheets
from ganzoo.data.config import STORED, crop_copies
from ganzoo.data.duplicates import Seen
from ganzoo.data.labels import fold
from ganzoo.data.listing import Entry

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
    atomic.write(out / "store.json", json.dumps(store, indent=1).encode())


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


def _labels(plan, accepted: list[int]):
    """Class names, {file number: (label, class number)}, what was folded; or None."""
    if plan.label is None:
        return None
    texts = [plan.label(plan.entries[i]) for i in accepted]
    names, classes, folded = fold(texts, plan.config)
    return names, dict(zip(accepted, zip(texts, classes, strict=True), strict=True)), folded


def _write(plan, partial: Path, reasons: dict[int, str], split: np.ndarray, labels) -> dict:
    copies = crop_copies(plan.config.crop)
    counts = [int((split == part).sum()) * copies for part in (0, 1)]
    total, side = sum(counts), (plan.size, plan.size, plan.channels)
    numbers = np.zeros(total, np.int32)
    outcome, notes, classes = Counter(), Counter(), Counter()
    accepted, rejected = sheets.Accepted(total), sheets.Rejected()
    with open(partial / "manifest.csv", "wb") as table, open(partial / "images.npy", "w+b") as pixels:
        lines = manifest.Writer(table)
        header = {"descr": "|u1", "fortran_order": False, "shape": (total, *side)}
        np.lib.format.write_array_header_1_0(pixels, header)
        begin, row_bytes, nexts = pixels.tell(), int(np.prod(side)), [0, counts[0]]
        for i, entry, record, images in _with_images(plan, partial):
            if split[i] < 0:
                if i in reasons:
                    record = _rejected(record, reasons[i])
                outcome[record.reason.partition(":")[0]] += 1
                rejected.add(entry.path, record.reason, images)
                lines.line(entry, record)
                continue
            notes.update([record.reason.partition(":")[0]] if record.reason else [])
            row = nexts[split[i]]
            nexts[split[i]] += copies
            pixels.seek(begin + row * row_bytes)
            pixels.write(np.ascontiguousarray(images).data)
            text = name = ""
            if labels:
                text, number = labels[1][i]
                name = labels[0][number]
                numbers[row : row + copies] = number
                classes[name] += copies
            accepted.add(row, name or entry.name, images)
            lines.line(entry, record, text, name, ("train", "test")[split[i]], row)
        lines.close()
        for file in (table, pixels):
            file.flush()
            os.fsync(file.fileno())
    if labels:
        with atomic.replacing(partial / "labels.npy") as file:
            np.save(file, numbers)
    report = {
        "found": len(plan.entries),
        "accepted": int((split >= 0).sum()),
        "rejected": int((split < 0).sum()),
    }
    report |= {
        "reasons": dict(sorted(outcome.items())),
        "notes": dict(sorted(notes.items())),
        "pictures": total,
    }
    report |= {"classes": {name: classes[name] for name in labels[0]} if labels else {}}
    report |= {"folded": labels[2] if labels else {}}
    accepted.save(partial / "accepted.png", report)
    rejected.save(partial / "rejected.png", report)
    sums = {name: _sum(partial / name) for name in ("images.npy", "labels.npy") if (partial / name).exists()}
    settings = {key: getattr(plan.config, key) for key in STORED if key != "labels_csv"}
    return {
        "layout": 1, "key": plan.key, "size": plan.size, "channels": plan.channels, "settings": settings,
        "train": counts[0], "test": counts[1], "class_names": list(labels[0]) if labels else [],
        "sha256": sums, "report": report,
    }  # fmt: skip


def _with_images(plan, partial: Path) -> Iterator[tuple[int, Entry, chunks.Record, np.ndarray]]:
    for start in range(0, len(plan.entries), chunks.FILES):
        path = chunks.path_of(partial, start // chunks.FILES)
        records, pixels = chunks.read(path, plan.size, plan.channels)
        place = 0
        for i, record in enumerate(records, start):
            yield i, plan.entries[i], record, pixels[place : place + record.copies]
            place += record.copies


def _rejected(record: chunks.Record, reason: str) -> chunks.Record:
    fields = {name: getattr(record, name) for name in chunks.Record.__slots__}
    return chunks.Record(**fields | {"accepted": False, "reason": reason})


def _sum(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
