"""What a training shows in a notebook: one line of progress and the newest grid, both updated in place."""

import sys
from pathlib import Path

from ganzoo.training.runs import RunPaths


def is_there() -> bool:
    """Whether this process is a notebook's kernel, which can show pictures. Imports nothing."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None


class Inline:
    """Stands for the stream that a run is printed to: what moves on a terminal is a display here.

    Args:
        run_dir: of the run, whose newest grid is shown beneath the line of progress.
    """

    encoding = "utf-8"

    def __init__(self, run_dir: Path):
        self._paths = RunPaths(run_dir)
        self._line = self._sheet = None  # handles of the two displays
        self._shown: Path | None = None

    def isatty(self) -> bool:
        """Yes: the line of progress moves."""
        return True

    def write(self, text: str) -> int:
        """Prints lines of their own, and shows what begins with a carriage return in place."""
        if not text.startswith("\r"):
            sys.stdout.write(text)
        elif text.strip():
            self._line = _put(self._line, {"text/plain": text.strip()}, raw=True)
            self.show_newest()
        return len(text)

    def flush(self) -> None:
        """Has what was printed shown."""
        sys.stdout.flush()

    def show_newest(self) -> None:
        """Shows the newest grid, in the place of the one before."""
        grids = self._paths.grids()
        if grids and grids[-1] != self._shown:
            from IPython.display import Image

            self._sheet = _put(self._sheet, Image(data=grids[-1].read_bytes()))
            self._shown = grids[-1]


def _put(handle, thing, **how):
    """Shows a thing, in the place of the one before if there is one; returns the handle of the place."""
    from IPython.display import display

    if handle is None:
        return display(thing, display_id=True, **how)
    handle.update(thing, **how)
    return handle
