"""Where things are kept that are dear to make again and can be made again: prepared pictures, features."""

import os
import tempfile
from pathlib import Path

from ganzoo.base.errors import DataError, UsageError
from ganzoo.base.paths import expanded

ELSEWHERE = "name another one: export GANZOO_CACHE=/some/folder, or --set data.cache_dir=/some/folder"


def cache_folder(given: str | Path | None = None) -> Path:
    """`given`, else `$GANZOO_CACHE`, else `ganzoo` in the user's cache folder.

    Raises:
        DataError: if none is given and the user has no home folder.
    """
    if given or os.environ.get("GANZOO_CACHE"):
        return expanded(given or os.environ["GANZOO_CACHE"])
    try:
        return expanded(os.environ.get("XDG_CACHE_HOME") or "~/.cache") / "ganzoo"
    except UsageError:
        raise DataError(f"there is no home folder to keep prepared pictures in; {ELSEWHERE}") from None


def make_usable(folder: Path) -> None:
    """Makes a folder of the cache. Raises DataError if it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        why = error.strerror
        raise DataError(f"the cache folder {folder} cannot be written ({why}); {ELSEWHERE}") from None
