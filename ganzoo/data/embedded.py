"""Sets of files that are inside the package, by name: `--data emoji`.

A file or folder of the same name, where there is one, is meant and not the set.
"""

import os
from pathlib import Path

# 1,594 pictures of 128x64, line art on the left and the same drawing in colour on the right (MIT).
FILES = {"emoji": "emoji/emoji.zip"}


def is_embedded_file(source: str) -> bool:
    """Whether a source is one of these sets, and not a file or folder that is there."""
    return source in FILES and not os.path.exists(source)


def paths_of(source: str) -> list[Path]:
    """The files and folders that the words of a source of raw files mean."""
    if is_embedded_file(source):
        return [Path(__file__).parent / FILES[source]]
    words = [source] if os.path.exists(source) else source.split(",")
    return [Path(word.strip()) for word in words]
