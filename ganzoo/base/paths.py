"""Paths as people write them: ~ is the home folder, in flags, recipes and Python alike."""

import os
from pathlib import Path

from ganzoo.base.errors import UsageError


def expand(text: str) -> str:
    """A path with its ~ or ~user spelt out; a folder that is really called so is ./~.

    Variables such as $HOME are left to the shell: a recipe of a stranger's shall not read the environment.

    Raises:
        UsageError: if there is no such home folder.
    """
    expanded = os.path.expanduser(text)
    if expanded.startswith("~"):
        raise UsageError(
            f"{text} begins in a home folder that is not known here; write the path from / on, or ./{text} "
            "for what is really called so"
        )
    return expanded


def expanded(path: str | Path) -> Path:
    """The same as a Path, from a Path too."""
    return Path(expand(os.fspath(path)))


def expand_source(source: str) -> str:
    """The same for each of a source's words: a folder, or several zip files between commas."""
    if "~" not in source or os.path.exists(source):
        return source
    return ",".join(expand(word.strip()) for word in source.split(","))
