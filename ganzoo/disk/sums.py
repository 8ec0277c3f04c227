"""SHA-256 checksums: of files, and short ones of what can be written as JSON."""

import hashlib
import json
from pathlib import Path
from typing import Any

from ganzoo.base.errors import RunError
from ganzoo.disk import regular


def file_sum(path: Path) -> str:
    """The SHA-256 of an ordinary file, in hexadecimal. Raises OSError if it cannot be read."""
    with regular.open_file(path) as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal. Raises RunError for what is no file: a device never ends."""
    if not Path(path).is_file():
        raise RunError(f"{path} is no file, or is not there")
    return file_sum(path)


def short_sum(value: Any) -> str:
    """Twelve hexadecimal digits that tell one value of JSON from any other: for the names of files."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:12]
