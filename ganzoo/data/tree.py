"""The paths below a folder, or in a zip, without what is no data: hidden things and our own output."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from ganzoo.data import outputs
from ganzoo.data.hidden import has_picture_ending, is_hidden_file, is_hidden_folder

Skipped = list[tuple[str, str]]  # paths and why they are passed over


class Tree:
    """What lies below a folder.

    Links to folders are followed, each folder once: after all that lies there itself, in order of
    their names. Links to files are followed where a folder has nothing but links: somebody chose
    pictures that way. One link among files may be anywhere, and leads anywhere.

    Attributes:
        paths: of all files and of what cannot be read, relative to the folder, in no order.
        reasons: why some of the paths are rejected.
        followed: paths that are links to be followed, wherever they lead.
        skipped: what is passed over, and why.
    """

    def __init__(self, root: str, without: Iterable[Path] = ()):
        self.paths: list[str] = []
        self.reasons: dict[str, str] = {}
        self.followed: set[str] = set()
        self.skipped: Skipped = []
        self._root, self._top = root, os.path.realpath(root)
        self._seen: set[tuple[int, int]] = set()  # folders, by device and inode
        self._without = {identity for path in without if (identity := _identity(path))}
        self._links: list[str] = []
        self._walk("")
        while self._links:
            links, self._links = sorted(self._links, key=os.fsencode), []
            for path in links:
                self._follow(path)

    def _full(self, path: str) -> str:
        return os.path.join(self._root, path)

    def _follow(self, path: str) -> None:
        real, identity = os.path.realpath(self._full(path)), _identity(self._full(path))
        if identity in self._seen:
            self._reject(path, "link to a folder: its pictures are there already")
        elif f"{self._top}/".startswith(f"{real.rstrip('/')}/"):
            self._reject(path, "link to a folder: the source itself lies in it")
        elif identity not in self._without:
            self._walk(path)

    def _reject(self, path: str, reason: str) -> None:
        self.paths.append(path)
        self.reasons[path] = reason

    def _walk(self, below: str) -> None:
        pending = [below]
        while pending:
            below = pending.pop()
            try:
                with os.scandir(self._full(below)) as things:
                    pending += self._look(below, list(things))
            except OSError:
                self.paths.append(below or ".")

    def _look(self, below: str, things: list[os.DirEntry]) -> list[str]:
        """Sorts out what is in a folder; returns the folders in it that are to be looked into."""
        self._seen.add(_identity(self._full(below)) or (0, 0))
        names = [thing.name for thing in things]
        wrote = below and outputs.what_wrote(
            names, lambda path: os.path.exists(self._full(f"{below}/{path}"))
        )
        if wrote:
            self.skipped.append((below, wrote))
            return []
        passed = pass_files(
            self.skipped, below, self._files(things), lambda *asked: self._read(below, *asked)
        )
        own_files = [thing for thing in things if not thing.is_symlink() and _is_wanted(thing.name)]
        folders, only_links = [], not any(thing.is_file(follow_symlinks=False) for thing in own_files)
        for thing in things:
            path = f"{below}/{thing.name}" if below else thing.name
            if thing.name in passed:
                continue
            if thing.is_symlink():
                if not self._is_folder(path):
                    self.paths.append(path)
                    self.followed |= {path} if only_links else set()
                elif not self._passes(path, thing.name):
                    self._links.append(path)
            elif not thing.is_dir(follow_symlinks=False):
                self.paths.append(path)
            elif not self._passes(path, thing.name):
                folders.append(path)
                self.paths += [path] if has_picture_ending(thing.name) else []
        return folders

    def _files(self, things: list[os.DirEntry]) -> list[str]:
        return [thing.name for thing in things if not thing.is_dir(follow_symlinks=False)]

    def _is_folder(self, path: str) -> bool:
        return os.path.isdir(self._full(path))

    def _passes(self, path: str, name: str) -> bool:
        if is_hidden_folder(name):
            self.skipped.append((path, "hidden folder"))
            return True
        return bool(self._without) and _identity(self._full(path)) in self._without

    def _read(self, below: str, name: str, count: int) -> bytes:
        try:
            with open(self._full(f"{below}/{name}" if below else name), "rb") as file:
                return file.read(count)
        except OSError:
            return b""


def passed_in_zip(names: list[str]) -> tuple[Callable[[str], bool], Skipped]:
    """For the names of a zip's members: which of them are passed over, and what to say of them."""
    inside: dict[str, set[str]] = {"": set()}
    files: dict[str, list[str]] = {}
    for name in names:
        folder, _, file = name.rpartition("/")
        if file:
            files.setdefault(folder, []).append(file)
        while True:  # each name in its folder, each folder in the one above
            inside.setdefault(folder, set()).add(file)
            if not folder:
                break
            folder, _, file = folder.rpartition("/")
    passed: dict[str, str] = {}
    known = set(names)
    for folder, children in inside.items():
        if is_hidden_folder(folder.rpartition("/")[2]):
            passed[folder] = "hidden folder"
        elif folder and (
            wrote := outputs.what_wrote(children, lambda path, at=folder: at + "/" + path in known)
        ):
            passed[folder] = wrote
    top = {folder: why for folder, why in passed.items() if not _above(folder) & passed.keys()}
    skipped: Skipped = list(top.items())
    hidden = {
        f"{folder}/{name}" if folder else name
        for folder, found in files.items()
        if not {folder, *_above(folder)} & top.keys()
        for name in pass_files(skipped, folder, found, lambda *_: b"")
    }
    return lambda name: name in hidden or bool(_above(name) & top.keys()), skipped


def pass_files(
    skipped: Skipped, folder: str, names: list[str], beginning: Callable[[str, int], bytes]
) -> set[str]:
    """Those of a folder's files that are passed over; says so in a line for each kind."""
    hidden = {name for name in names if is_hidden_file(name)}
    own = outputs.own_files(names, beginning) - hidden
    for which, what in ((hidden, "hidden"), (own, "written by ganzoo")):
        if which:
            count = f"{len(which)} file{'s' if len(which) > 1 else ''}"
            skipped.append((folder or ".", f"{count} {what}: {min(which)!r}"))
    return hidden | own


def _above(path: str) -> set[str]:
    """All folders above a path."""
    found = set()
    while path := path.rpartition("/")[0]:
        found.add(path)
    return found


def _is_wanted(name: str) -> bool:
    return (has_picture_ending(name) or name.lower().endswith(".zip")) and not is_hidden_file(name)


def _identity(path: str | Path) -> tuple[int, int] | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_dev, status.st_ino
