"""What a user sees while it trains: one line that moves, or a line per period in a file."""

import sys
import time


class Progress:
    """A progress bar over images seen, with losses, speed and time left.

    On a terminal one line is redrawn a few times a second; elsewhere only `note` prints.
    """

    def __init__(self, total: int, start: int, stream=None):
        self.total, self.start = total, start
        self.stream = stream or sys.stdout
        self.moving = self.stream.isatty()
        self._began = time.monotonic()
        self._drawn = 0.0
        self._width = 0

    def due(self) -> bool:
        """Whether it is time to redraw; asking is cheap."""
        return self.moving and time.monotonic() - self._drawn > 0.25

    def draw(self, images_seen: int, metrics: dict, extra: str = "") -> None:
        """Redraws the moving line."""
        if self.moving:
            line = self.line(images_seen, metrics, extra)
            self.stream.write("\r" + line.ljust(self._width))
            self.stream.flush()
            self._width, self._drawn = len(line), time.monotonic()

    def note(self, text: str) -> None:
        """Prints a line of its own, above the moving one."""
        if self.moving and self._width:
            self.stream.write("\r" + " " * self._width + "\r")
            self._width = 0
        print(text, file=self.stream, flush=True)

    def line(self, images_seen: int, metrics: dict, extra: str = "") -> str:
        """The text of the bar, e.g. `[####....]  50% 100,000 images | d_loss 1.20 ...`."""
        share = min(1.0, images_seen / self.total)
        bar = "#" * int(20 * share) + "." * (20 - int(20 * share))
        speed = (images_seen - self.start) / max(1e-9, time.monotonic() - self._began)
        left = (self.total - images_seen) / speed if speed > 0 else float("inf")
        shown = "  ".join(f"{name} {value:.2f}" for name, value in metrics.items())
        parts = [
            f"[{bar}] {share:4.0%} {images_seen:,} images",
            shown,
            f"{speed:,.0f} images/s",
            f"{clock(left)} left",
        ]
        return " | ".join(part for part in (*parts, extra) if part)


def clock(seconds: float) -> str:
    """A duration as a person says it: 45 s, 12 min, 3 h 20 min."""
    if seconds != seconds or seconds == float("inf"):
        return "?"
    if seconds < 100:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 100 else f"{minutes // 60} h {minutes % 60:02d} min"
