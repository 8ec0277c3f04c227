"""What a user sees while it trains: one line that moves, or a line per period in a file."""

import collections
import contextlib
import os
import sys
import time

from ganzoo.base.printable import printable
from ganzoo.base.progress import Line

RECENT = 60.0  # seconds


class Progress:
    """A progress bar over images seen, with losses, speed and time left.

    On a terminal one line is redrawn a few times a second; elsewhere only `note` prints.

    Args:
        total, start: images seen at the end and now.
        stream: where it is printed; default standard output.
        work: how much there is to do between two numbers of images seen, in any unit, where an
            image does not always cost the same; speed and time left are those of the last minute.
    """

    def __init__(self, total: int, start: int, stream=None, work=lambda start, end: end - start):
        self.total, self.work = total, work
        self.stream = stream or sys.stdout
        self._line = Line(total, stream=self.stream)
        self.moving, self.due = self._line.moving, self._line.due
        self._marks = collections.deque([(time.monotonic(), start)])
        self.abandoned = False  # nobody reads any more, as behind `| head`

    def draw(self, images_seen: int, metrics: dict, extra: str = "") -> None:
        """Redraws the moving line: what does not fit is left out, from the last metric on."""
        speed, left = self._pace(images_seen)
        shown = [f"{name} {value:.2f}" for name, value in metrics.items()]
        first = [f"{images_seen:,} images", f"{clock(left)} left", *shown[:2]]
        self._line.draw(images_seen, *first, f"{speed:,.0f} images/s", extra, *shown[2:])

    def note(self, text: str) -> None:
        """Prints a line of its own, above the moving one; notes in `abandoned` if nobody reads it."""
        if self.abandoned:
            return
        try:
            self._line.clear()
            print(printable(text), file=self.stream, flush=True)
        except BrokenPipeError:  # the run is in files: it is no reason to lose it
            self.abandoned = True
            _discard(self.stream)

    def line(self, images_seen: int, metrics: dict, extra: str = "") -> str:
        """The text of the bar, e.g. `[####....]  50% 100,000 images | d_loss 1.20 ...`."""
        share = min(1.0, images_seen / self.total)
        bar = "#" * int(20 * share) + "." * (20 - int(20 * share))
        speed, left = self._pace(images_seen)
        shown = "  ".join(f"{name} {value:.2f}" for name, value in metrics.items())
        parts = [
            f"[{bar}] {share:4.0%} {images_seen:,} images",
            shown,
            f"{speed:,.0f} images/s",
            f"{clock(left)} left",
        ]
        return " | ".join(part for part in (*parts, extra) if part)

    def _pace(self, images_seen: int) -> tuple[float, float]:
        """Images per second and seconds left."""
        now = time.monotonic()
        while len(self._marks) > 1 and now - self._marks[1][0] > RECENT:
            self._marks.popleft()
        then, images_then = self._marks[0]
        if now - self._marks[-1][0] > 1.0:
            self._marks.append((now, images_seen))
        seconds, done = max(1e-9, now - then), self.work(images_then, images_seen)
        left = self.work(images_seen, self.total) * seconds / done if done > 0 else float("inf")
        return (images_seen - images_then) / seconds, left


def _discard(stream) -> None:
    """Lets what a stream still holds, and all that follows, go nowhere."""
    with contextlib.suppress(OSError, ValueError, AttributeError):  # it has no file of its own
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def clock(seconds: float) -> str:
    """A duration as a person says it: 45 s, 12 min, 3 h 20 min."""
    if seconds != seconds or seconds == float("inf"):
        return "?"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
