"""A bar with time left, on standard error."""

import sys
import time

from ganzoo.base.printable import printable
from ganzoo.base.progress import Line

_WIDTH = 24
SELDOM = 5.0  # seconds between two lines in a file: what is quick says nothing there


class Bar:
    """Shows `done` of `total`; where nobody watches a terminal, plain lines of what takes long."""

    def __init__(self, what: str, total: int, done: int = 0, shown: bool = True):
        self._what, self._total, self._shown = printable(what), max(1, total), shown
        self._first, self._done, self._start = done, done, time.monotonic()
        self._line, self._tenths = Line(self._total, self._what, sys.stderr), -1
        self._said = self._start  # when a line of its own was last printed

    def add(self, count: int, note: str = "") -> None:
        self._done += count
        if not self._shown:
            return
        at_end, tenths = self._done >= self._total, self._done * 10 // self._total
        if self._line.moving and (at_end or self._line.due()):
            self._line.draw(self._done, *self._words(note))
            if at_end:
                self._line.leave()
        elif not self._line.moving and tenths > self._tenths and time.monotonic() - self._said >= SELDOM:
            self._tenths, self._said = tenths, time.monotonic()
            filled = "=" * round(self._done / self._total * _WIDTH)
            words = "  ".join(self._words(printable(note)))
            print(f"{self._what} [{filled:<{_WIDTH}}] {words}".rstrip(), file=sys.stderr, flush=True)

    def clear(self) -> None:
        """Leaves the line to what comes next."""
        self._line.clear()

    def _words(self, note: str) -> tuple[str, ...]:
        rate = (self._done - self._first) / max(time.monotonic() - self._start, 1e-6)
        left = clock((self._total - self._done) / rate) if rate > 0 else "?"
        return f"{self._done:,}/{self._total:,}", f"{rate:,.0f}/s", f"{left} left", note


def clock(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
