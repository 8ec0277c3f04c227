"""The process that reads and cleans files: `python -m ganzoo.data.worker`, spoken to by `ganzoo.data.pool`.

A process of its own, because decoders written in C can hang or crash on hostile files; started
anew rather than forked, because the parent may be running TensorFlow's threads.
"""

import contextlib
import hashlib
import json
import os
import stat
import sys
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from ganzoo.data import chunks
from ganzoo.data.cleaning import Rules, Verdict, clean
from ganzoo.data.listing import Entry
from ganzoo.disk import locks

_LARGE_FILE = 256 * 2**20  # files above are not read: two of them at once would not fit the memory promised
_ALONE_BYTES, _ALONE_PIXELS = 32 * 2**20, 16 * 2**20  # above these only one process at a time decodes
_BLOCK = 2**20


def main() -> None:
    """Answers jobs (one JSON line each) until standard input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # a library that prints must not break the conversation
    archives: dict[str, zipfile.ZipFile] = {}
    for line in sys.stdin:
        job = json.loads(line)

        def say(**words):
            print(json.dumps(words), file=answers, flush=True)

        try:
            rejected = _chunk(job, archives, say)
            say(done=True, rejected=rejected)
        except OSError as error:
            say(errno=error.errno or 0, error=str(error))


def _chunk(job: dict, archives: dict, say) -> int:
    folder, rules = Path(job["folder"]), Rules(**job["rules"])
    records, images = [], []
    for position, fields in enumerate(job["entries"]):
        entry = Entry(*fields)
        known = job["known"].get(str(position))
        say(at=position)
        if known or entry.reason:
            verdict, sha256 = Verdict(reason=known or entry.reason), ""
        else:
            verdict, sha256 = judge(entry, rules, archives, folder)
        records.append(chunks.record(verdict, sha256))
        if verdict.images is not None:
            images.append(verdict.images)
    chunks.write(chunks.path_of(folder, job["number"]), records, images)
    return sum(not record.accepted for record in records)


def judge(entry: Entry, rules: Rules, archives: dict, folder: Path) -> tuple[Verdict, str]:
    """The verdict on one file, and the sha256 of its contents ("" where they cannot be read)."""

    def alone(pixels: int):
        large = pixels > _ALONE_PIXELS or entry.size > _ALONE_BYTES
        return locks.locked(folder / "large.lock", wait=True) if large else contextlib.nullcontext()

    if entry.size > _LARGE_FILE:
        return Verdict(reason=f"file too large: {entry.size} bytes, the limit is {_LARGE_FILE}"), ""
    with alone(0):
        try:
            data = b"".join(blocks(entry, archives))
        except Exception as error:  # damaged archives raise nearly anything, file systems OSError
            words = " ".join(str(error).split())[:120] or type(error).__name__
            return Verdict(reason=f"unreadable: {words}"), ""
        sha256 = hashlib.sha256(data).hexdigest()
        turn = contextlib.nullcontext if entry.size > _ALONE_BYTES else alone  # it has its turn already
        return clean(data, entry.name, rules, key=int(sha256[:16], 16), alone=turn), sha256


def blocks(entry: Entry, archives: dict) -> Iterable[bytes]:
    """The contents of a file or a member of a zip, a piece at a time; never more than it says it has."""
    if entry.member >= 0:
        if entry.file not in archives:
            archives.clear()  # one at a time: the directory of a large zip takes tens of megabytes
            archives[entry.file] = zipfile.ZipFile(entry.file)
        archive = archives[entry.file]
        with archive.open(archive.infolist()[entry.member]) as file:
            yield from _pieces(file, entry.size)
    else:
        # Not blocking: what was a file when it was listed may be a fifo by now.
        number = os.open(entry.file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(number, "rb") as file:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise OSError("not a regular file")
            yield from _pieces(file, entry.size)


def _pieces(file, size: int) -> Iterator[bytes]:
    left = size
    while block := file.read(_BLOCK):
        left -= len(block)
        if left < 0:
            raise OSError(f"larger than the {size} bytes it had when it was listed")
        yield block
    if left:
        raise OSError(f"ends {left} bytes before the {size} it should have")


if __name__ == "__main__":
    main()
