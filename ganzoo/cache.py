"""Where things are kept that are dear to make again and can be made again: prepared pictures, features."""

import os
from pathlib import Path


def cache_folder(given: str | Path | None = None) -> Path:
    """`given`, else `$GANZOO_CACHE`, else `ganzoo` in the user's cache folder."""
    if given:
        return Path(given).expanduser()
    if os.environ.get("GANZOO_CACHE"):
        return Path(os.environ["GANZOO_CACHE"]).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ganzoo"
