"""What a user sees while it trains: one line that moves, or a line per period in a file."""

import collections
import contextlib
import os
import sys
import time

from ganzoo.base.printable import printable
from ganzoo.base.progress import Line

RECENT = 60.0  # seconds
SELDOM = 60.0  # seconds between two lines in a file, where a period of the log takes longer than that


class Progress:
    """A progress bar over images seen, with losses, speed and time left.

    On a terminal one line is redrawn a few times a second; elsewhere only `note` prints.

    Args:
        total, start: images seen at the end and now.
        stream: where it is printed; default standard output.
        work: how much there is to do between two numbers of images seen, in any unit, where an
            image does not always cost the same; speed and time left are those of the last minute.
        minutes_gone: of a budget of minutes, the minutes that are used up and the budget; 0 is none.
    """

    def __init__(
        self,
        total: int,
        start: int,
        stream=None,
        work=lambda start, end: end - start,
        minutes_gone=lambda: (0.0, 0.0),
    ):
        self.total, self.work, self.minutes_gone = total, work, minutes_gone
        self.stream = stream or sys.stdout
        self._line = Line(total, stream=self.stream)
        self.moving = self._line.moving
        self._said = time.monotonic()  # when a line of its own was last printed
        self._marks = collections.deque([(time.monotonic(), start)])
        self.abandoned = False  # nobody reads any more, as behind `| head`

    def due(self) -> bool:
        """Whether it is time for `draw`: a few times a second on a terminal, once in SELDOM elsewhere."""
        return self._line.due() if self.moving else time.monotonic() - self._said >= SELDOM

    def draw(self, images_seen: int, metrics: dict, extra: str = "") -> None:
        """Redraws the moving line: what does not fit is left out, from the last metric on.

        Where nothing moves, as in a file, it prints a line of its own.
        """
        if not self.moving:
            return self.note(self.line(images_seen, metrics, extra))
        speed, left = self._pace(images_seen)
        shown = [f"{name} {value:.2f}" for name, value in metrics.items()]
        first = [f"{images_seen:,} images", f"{clock(left)} left", *shown[:2]]
        done = round(self._share(images_seen) * self.total)
        return self._line.draw(done, *first, f"{speed:,.0f} images/s", extra, *shown[2:])

    def note(self, text: str) -> None:
        """Prints a line of its own, above the moving one; notes in `abandoned` if nobody reads it."""
        if self.abandoned:
            return
        self._said = time.monotonic()
        try:
            self._line.clear()
            print(printable(text), file=self.stream, flush=True)
        except BrokenPipeError:  # the run is in files: it is no reason to lose it
            self.abandoned = True
            _discard(self.stream)

    def line(self, images_seen: int, metrics: dict, extra: str = "") -> str:
        """The text of the bar, e.g. `[####....]  50% 100,000 images | d_loss 1.20 ...`."""
        share = self._share(images_seen)
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

    def _share(self, images_seen: int) -> float:
        """How much of the budget is used up, of images or of minutes, from 0 to 1."""
        gone, budget = self.minutes_gone()
        return min(1.0, max(images_seen / self.total, gone / budget if budget else 0.0))

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
        gone, budget = self.minutes_gone()
        left = min(left, max(0.0, 60.0 * (budget - gone))) if budget else left
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
