"""From unruly files to a prepared folder: clean, labelled, random access; interrupted and continued at will.

DIR/images.npy     uint8 (num, size, size, channels); split train first, then test
DIR/labels.npy     int32 (num,), where there are labels
DIR/manifest.csv   a verdict for every file found
DIR/accepted.png, rejected.png   what a person would want to look at
DIR/store.json     written last: settings, class names, counts, checksums
DIR/partial/       while it is not finished: what is done so far, in chunks
"""

import contextlib
import dataclasses
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.base.paths import expanded
from ganzoo.data import about, pool
from ganzoo.data.bar import Bar
from ganzoo.data.data_config import LAYOUT, STORED, DataConfig, stored_settings
from ganzoo.data.listing import Entry, Listing, listing
from ganzoo.data.sources import check
from ganzoo.data.store import Store
from ganzoo.data.tables import Labeller, labeller
from ganzoo.disk import files, locks
from ganzoo.disk.cache import cache_folder

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_OWN = {"images.npy", "labels.npy", "manifest.csv", "accepted.png", "rejected.png", "store.json", "partial"}


@dataclass(frozen=True)
class Plan:
    """What is to be prepared, and the key by which the same work is known again."""

    config: DataConfig
    size: int
    channels: int
    entries: list[Entry]
    label: Labeller | None
    key: str
    skipped: list[tuple[str, str]] = dataclasses.field(
        default_factory=list
    )  # paths that are no data, and why


def prepare(
    source: str,
    out: str | os.PathLike,
    size: int = 64,
    *,
    channels: int = 3,
    progress: bool = True,
    workers: int = 2,
    **settings,
) -> Store:
    """Prepares a source into the folder `out`, going on where an earlier call was interrupted.

    Args:
        source: a folder, zip files (comma-separated), or tfds:NAME.
        out: the folder to write; nothing is ever written outside it, the source is never changed.
        size: side of the stored square pictures.
        channels: 3, or 1 for grey.
        progress: whether to show a bar.
        workers: processes that decode.
        settings: keys of `DataConfig` that decide what is stored: label, crop, test_share, ...

    Returns:
        The finished store, all splits.

    Raises:
        UsageError: settings that make no sense, or a folder that holds something else.
        DataError: nothing to prepare, nothing accepted, no space, no permission.
    """
    wrong = sorted(set(settings) - set(STORED))
    if wrong:
        raise UsageError(f"{wrong[0]!r} does not belong to preparing: known are {', '.join(STORED)}")
    config = DataConfig(source=source, split="all", **settings)
    out = expanded(out)
    return run(plan(config, size, channels, out), out, progress, workers)


def plan(config: DataConfig, size: int, channels: int, out: Path | None = None) -> Plan:
    """Lists the source and fixes what is to be done; reads no picture. `out` is written, and no source."""
    if size < 1 or channels not in (1, 3) or size > 4096:
        raise UsageError(f"pictures of {size} pixels and {channels} channels: expected 1 to 4096, and 1 or 3")
    kind = check(config)
    if kind not in ("raw", "tfds"):
        raise UsageError(
            f"{config.source} needs no preparing (it is of the kind {kind!r}): train on it as it is"
        )
    if kind == "tfds":
        from ganzoo.data import tfds_source

        entries, of = tfds_source.entries(config)
        found, label = Listing(entries), None if of is None else Labeller(of)
    else:
        found = listing(config, without=_written(config, out))
        label = labeller(config, found)  # first of all: a wrong column must not cost an hour
    settings = stored_settings(config, without=("labels_csv",))
    digest = hashlib.sha256(json.dumps([LAYOUT, settings, size, channels]).encode())
    # What is passed over does not count: it comes and goes while the pictures stay as they are.
    for entry in found.entries:
        line = f"{entry.path}\0{entry.member}\0{entry.stamp}\0{entry.reason}\0"
        digest.update(line.encode("utf-8", "surrogateescape"))
    if found.table is not None:
        digest.update(found.table.read_bytes())
    if label is not None:
        digest.update(label.how.encode("utf-8", "surrogateescape"))
    return Plan(config, size, channels, found.entries, label, digest.hexdigest(), found.skipped)


def _written(config: DataConfig, out: Path | None) -> tuple[Path, ...]:
    """Folders that are written, and so are no pictures even where they lie in the source."""
    with contextlib.suppress(RuntimeError, GanzooError):  # a user without a home has no cache either
        return cache_folder(config.cache_dir), *([] if out is None else [out])
    return () if out is None else (out,)


@contextlib.contextmanager
def disk_errors(folder: Path) -> Iterator[None]:
    """Turns the system's errors about `folder` into sentences that say how to go on."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise DataError(
                f"no space left for {folder}: what is done is kept, make room and give the same command again"
            ) from None
        if (
            isinstance(error, PermissionError | NotADirectoryError | FileExistsError)
            or error.errno == errno.EROFS
        ):
            raise DataError(f"{folder} cannot be written ({error.strerror}): give another folder") from None
        raise


def run(plan: Plan, out: Path, progress: bool = True, workers: int = 2) -> Store:
    """Carries out a plan; see `prepare`."""
    from ganzoo.data import finish, prepared

    with disk_errors(out):
        if _finished(plan, out):
            shutil.rmtree(out / "partial", ignore_errors=True)
            return prepared.open_store(out, "all")
        partial = out / "partial"
        partial.mkdir(parents=True, exist_ok=True)
        try:
            with locks.locked(partial / "lock", wait=False):
                _clear_remains(out)
                _claim(plan, partial)
                _chunks(plan, partial, progress, workers)
                finish.finish(plan, partial, out, progress)
        except BlockingIOError:
            raise DataError(
                f"{out} is being prepared by another process: wait for it, or give another folder"
            ) from None
        shutil.rmtree(partial, ignore_errors=True)
    return prepared.open_store(out, "all")


def _finished(plan: Plan, out: Path) -> bool:
    """Whether `out` is this plan's finished set. Raises UsageError if it holds anything else."""
    if not out.exists():
        return False
    if not out.is_dir():
        raise UsageError(f"{out} is a file: give a folder to prepare into")
    # What a killed process was writing is nobody's: whoever holds the lock removes it.
    strange = sorted({path.name for path in out.iterdir() if not files.is_temporary(path)} - _OWN)
    partial = out / "partial"
    if partial.is_dir() and not (partial / "plan").exists():  # removed in the end: it has to be ours
        strange += sorted(f"partial/{path.name}" for path in partial.iterdir() if not _is_remains(path))
    if strange:
        raise UsageError(f"{out} holds other things ({strange[0]}): give a new or an empty folder")
    if not (out / "store.json").exists():
        return False
    if about.read(out).key != plan.key:
        raise UsageError(
            f"{out} was prepared from another source or with other settings: give another folder"
        )
    return True


def _is_remains(path: Path) -> bool:
    return path.name == "lock" or files.is_temporary(path)


def _clear_remains(out: Path) -> None:
    """Removes what a process that was killed while it wrote a file has left; only who holds the lock may."""
    for path in [*out.iterdir(), *(out / "partial").iterdir()]:
        if files.is_temporary(path):
            path.unlink()


def _claim(plan: Plan, partial: Path) -> None:
    """Makes sure that what is there in parts is of this plan."""
    claim = partial / "plan"
    if claim.exists():
        if claim.read_text() != plan.key:
            raise UsageError(
                f"{partial.parent} holds an unfinished set of another source or other settings: "
                "give another folder, or delete it"
            )
    else:
        files.write_bytes(claim, plan.key.encode())


def _chunks(plan: Plan, partial: Path, progress: bool, workers: int) -> None:
    from ganzoo.data import chunks
    from ganzoo.data.cleaning import Rules

    total = len(plan.entries)
    _remove_unfinished(partial)  # by a process that was killed while it wrote
    here = {path.name for path in partial.glob("*.chunk") if chunks.is_whole(path)}
    numbers = range(0, -(-total // chunks.FILES))
    missing = [number for number in numbers if chunks.path_of(partial, number).name not in here]
    open_files = sum(min(chunks.FILES, total - number * chunks.FILES) for number in missing)
    bar = Bar("preparing", total, total - open_files, shown=progress)
    rules = Rules.of(plan.config, plan.size, plan.channels)
    rejected = 0

    def done(job: dict, count: int) -> None:
        nonlocal rejected
        rejected += count
        bar.add(len(job["entries"]), f"{rejected:,} rejected")

    def jobs() -> Iterator[dict]:
        for number in missing:
            part = plan.entries[number * chunks.FILES : (number + 1) * chunks.FILES]
            fields = [[getattr(entry, name) for name in Entry.__slots__] for entry in part]
            work = {"folder": str(partial.absolute()), "rules": dataclasses.asdict(rules)}
            yield work | {"number": number, "entries": fields, "known": {}}

    if missing and plan.config.source.startswith("tfds:"):
        from ganzoo.data import tfds_source

        tfds_source.run(plan.config, jobs(), done)
    elif missing:
        try:
            pool.run(jobs(), max(1, min(workers, len(missing))), done)
        finally:  # when one worker fails the others are killed, perhaps while they write
            _remove_unfinished(partial)


def _remove_unfinished(partial: Path) -> None:
    for left in partial.glob("*.tmp"):
        left.unlink(missing_ok=True)
