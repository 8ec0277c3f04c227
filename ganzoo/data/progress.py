"""A bar with time left, on standard error."""

import sys
import time

_WIDTH = 24


class Bar:
    """Shows `done` of `total`; a plain line each tenth where nobody watches a terminal."""

    def __init__(self, what: str, total: int, done: int = 0, shown: bool = True):
        self._what, self._total, self._shown = what, total, shown
        self._first, self._done, self._start = done, done, time.monotonic()
        self._drawn, self._live = -1.0, sys.stderr.isatty()

    def add(self, count: int, note: str = "") -> None:
        self._done += count
        now, share = time.monotonic(), self._done / max(1, self._total)
        due = now - self._drawn > 0.2 if self._live else int(share * 10) > int(self._drawn * 10)
        if self._shown and (due or self._done >= self._total):
            self._drawn = now if self._live else share
            self._draw(share, now - self._start, note)

    def _draw(self, share: float, seconds: float, note: str) -> None:
        rate = (self._done - self._first) / max(seconds, 1e-6)
        left = clock((self._total - self._done) / rate) if rate else "?"
        filled = "=" * round(share * _WIDTH)
        line = f"{self._what} [{filled:<{_WIDTH}}] {self._done:,}/{self._total:,}  {rate:,.0f}/s  {left} left"
        line += f"  {note}" if note else ""
        end = "\n" if not self._live or self._done >= self._total else ""
        print(f"\r\x1b[K{line}" if self._live else line, end=end, file=sys.stderr, flush=True)


def clock(seconds: float) -> str:
    """Seconds as 1:02:03 or 2:03."""
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
