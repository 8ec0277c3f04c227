"""Names from files, folders and classes, made harmless to look at.

A name may hold what a terminal obeys: escapes that colour, move, retitle or answer, carriage returns that
overwrite what stands there, marks that turn the direction of reading. They are shown as Python writes them.
"""

import html
import re
from typing import TextIO

# C0 and C1 controls, delete, line and paragraph separators, direction marks, halves of characters.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
_CONTROL_IN_TEXT = re.compile(_CONTROL.pattern.replace("\x00-\x1f", "\x00-\x08\x0b-\x1f"))


def printable(name: object) -> str:
    """A name, a path or a sentence in one line, its control characters as escapes: `\\x1b[31m`."""
    return _CONTROL.sub(_spelled, str(name))


def printable_text(text: str) -> str:
    """The same of a text, whose ends of lines and tabs are its own."""
    return _CONTROL_IN_TEXT.sub(_spelled, text)


def _spelled(match: re.Match) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


class Printable:
    """Stands for a stream and writes nothing to it that a terminal would obey."""

    def __init__(self, stream: TextIO):
        self.bare = stream

    def write(self, text: str) -> int:
        shown, encoding = printable_text(text), getattr(self.bare, "encoding", None)
        if encoding and not shown.isascii():  # a terminal that has no such letters is no reason to end
            shown = shown.encode(encoding, "backslashreplace").decode(encoding)
        self.bare.write(shown)
        return len(text)

    def writelines(self, lines) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str):
        return getattr(self.bare, name)


def bare(stream: TextIO) -> TextIO:
    """The stream itself, for who draws on a terminal and has made its names printable."""
    return stream.bare if isinstance(stream, Printable) else stream


def escape(text: str, quote: bool = True) -> str:
    """The same for a web page: markup and control characters are shown as they are written."""
    return html.escape(printable_text(text), quote)
