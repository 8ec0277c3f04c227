"""One line that moves, whatever the terminal: the only home of progress bars, drawn by tqdm.

tqdm needs nothing of a terminal but that a carriage return goes back to the line's beginning, which also
holds in tmux, in a notebook's `!` cell and in a serial console. What is drawn never is as wide as the
terminal is at that moment: a line that wraps could not be drawn over.
"""

import os
import sys
import time
import weakref
from typing import TextIO

from ganzoo.base.printable import bare, printable

EVERY = 0.25  # seconds between two redraws
NARROW = 80  # columns of a terminal that does not say
BAR = (6, 24)  # columns of the bar itself, at least and at most
GAP = "  "

_open: "weakref.WeakSet[Line]" = weakref.WeakSet()


class Line:
    """A bar with some words behind it on a terminal; nothing elsewhere.

    Args:
        total: what counts as all.
        what: a word before the bar.
        stream: where it is drawn; default standard output.
    """

    def __init__(self, total: int, what: str = "", stream: TextIO | None = None):
        self.total, self.what = total, what
        self.stream = bare(stream or sys.stdout)
        self.moving = self.stream.isatty()
        self._drawn, self._width = 0.0, 0  # when and how wide it stands there

    def due(self) -> bool:
        """Whether it is time to redraw; asking is cheap."""
        return self.moving and time.monotonic() - self._drawn > EVERY

    def draw(self, done: int, *words: str) -> None:
        """Redraws the line: `done` of `total`, and the first of `words` for which there is room."""
        if not self.moving:
            return
        from tqdm import tqdm
        from tqdm.utils import disp_len

        width = columns(self.stream) - 1
        text = tqdm.format_meter(
            min(done, self.total),
            self.total,
            elapsed=0.0,  # speed and time left are among the words
            ncols=width,
            ascii="utf" not in (self.stream.encoding or "").lower(),
            bar_format=layout(self.what, [printable(word) for word in words], width),
        )
        self._put(text, disp_len(text))
        self._drawn = time.monotonic()
        _open.add(self)

    def clear(self) -> None:
        """Takes the line away: something else is about to be printed. It comes back with the next `draw`."""
        if self._width:
            self._put("", 0)
            self._put("", 0)  # to the line's beginning
            self._drawn = 0.0
            _open.discard(self)

    def leave(self) -> None:
        """Lets the line stand as it is and goes on below it."""
        if self._width:
            self.stream.write("\n")
            self.stream.flush()
            self._width = 0
            _open.discard(self)

    def _put(self, text: str, width: int) -> None:
        rest = min(self._width, columns(self.stream) - 1) - width  # of the line before
        self.stream.write("\r" + text + " " * rest)
        self.stream.flush()
        self._width = width


def clear_all() -> None:
    """Takes every line away that still moves: the last words of a command are about to be said."""
    for line in list(_open):
        line.clear()


def columns(stream: TextIO) -> int:
    """How wide the terminal is now; 80 if it does not say."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or NARROW
    except (OSError, ValueError, AttributeError):  # no terminal after all, closed, a stand-in
        return NARROW


def layout(what: str, words: list[str], width: int) -> str:
    """tqdm's `bar_format` of a line of `width` columns; the last words are left out until it fits."""
    from tqdm.utils import disp_len

    head = f"{what} " if what else ""
    while True:
        text = GAP.join(word for word in words if word)
        room = width - disp_len(head) - disp_len(text) - len("100%|| ")
        if room >= BAR[0] or not words:
            break
        words = words[:-1]
    text = text.replace("{", "{{").replace("}", "}}")
    head = head.replace("{", "{{").replace("}", "}}")
    return f"{head}{{percentage:3.0f}}%|{{bar:{max(BAR[0], min(room, BAR[1]))}}}| {text}"
