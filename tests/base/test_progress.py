"""The progress line as a terminal shows it: one line at any width; and what it prints elsewhere."""

import fcntl
import io
import os
import pty
import re
import struct
import sys
import termios
import threading

import pytest

from ganzoo.base.progress import columns, layout
from ganzoo.data import bar as of_data
from ganzoo.training import status
from ganzoo.training.status import Progress

METRICS = {"d_loss": 0.69, "g_loss": 123.45, "d_real": 0.51, "d_fake": 0.49}


class Terminal:
    """A pseudo-terminal that one writes to, and the screen that a user sees then: lines as they wrap."""

    def __init__(self, width: int):
        self._master, slave = pty.openpty()
        self.stream = os.fdopen(slave, "w", encoding="utf-8")
        self._said, self._seen = b"", threading.Thread(target=self._listen)
        self.width = 0
        self.resize(width)
        self._screen, self._x, self._widest = [[]], 0, width
        self._seen.start()

    def resize(self, width: int) -> None:
        if self.width:
            self.stream.write(f"\0{width}\0")  # for the screen: from here on it is as wide as that
            self.stream.flush()
        self.width = width
        fcntl.ioctl(self.stream.fileno(), termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def _listen(self) -> None:
        while True:
            try:
                block = os.read(self._master, 65536)
            except OSError:
                return
            if not block:
                return
            self._said += block

    def screen(self) -> list[str]:
        """All lines that have been on the screen, scrolled away or not; an unreflowing terminal's."""
        self.stream.close()
        self._seen.join(10)
        os.close(self._master)
        width, lines, x = self._widest, [""], 0
        for part in re.split(r"(\0\d+\0)", self._said.decode()):
            if part.startswith("\0"):
                width = int(part.strip("\0"))
                text = "".join(lines[-1])
                lines[-1:] = [text[i : i + width] for i in range(0, max(1, len(text)), width)]  # reflowed
                x = len(lines[-1])
                continue
            assert "\x1b" not in part  # nothing but carriage returns is asked of the terminal
            for sign in part:
                if sign == "\n":
                    lines.append("")
                elif sign == "\r":
                    x = 0
                else:
                    if x == width:
                        lines.append("")
                        x = 0
                    lines[-1] = lines[-1][:x].ljust(x) + sign + lines[-1][x + 1 :]
                    x += 1
        return [line.rstrip() for line in lines]


@pytest.mark.parametrize("width", [20, 40, 80, 120, 250])
def test_a_training_draws_one_line_at_any_width(width):
    terminal = Terminal(width)
    progress = Progress(100_000, 0, terminal.stream)
    for images in range(0, 100_001, 1000):
        progress.draw(images, METRICS, "128x128 fading in 40%")
    progress.note("done")
    assert terminal.screen() == ["done", ""]


@pytest.mark.parametrize(
    ("width", "shown"), [(40, "left"), (80, "d_loss"), (120, "fading in"), (200, "d_fake")]
)
def test_what_matters_most_is_shown_first(width, shown):
    terminal = Terminal(width)
    progress = Progress(100_000, 0, terminal.stream)
    progress.draw(50_000, METRICS, "16x16 fading in 40%")
    (line,) = terminal.screen()
    assert " 50%|" in line and shown in line and len(line) < width


def test_a_terminal_that_is_resized_keeps_a_bounded_rest():
    terminal = Terminal(120)
    progress = Progress(100_000, 0, terminal.stream)
    for images in range(0, 100_000, 500):
        progress.draw(images, METRICS, "16x16 fading in 40%")
        if images % 10_000 == 0:
            terminal.resize((40, 80, 120)[images // 10_000 % 3])
    lines = terminal.screen()
    assert len(lines) <= 1 + 10 * 3  # as much as the terminal itself folds at each of ten changes


def test_a_resized_terminal_is_noticed():
    terminal = Terminal(120)
    assert columns(terminal.stream) == 120
    terminal.resize(33)
    assert columns(terminal.stream) == 33
    terminal.screen()
    assert columns(io.StringIO()) == 80


def test_wide_letters_and_braces_count_as_what_they_take():
    text = layout("読み込み中", ["{x}", "絵" * 30], 40).format(percentage=50, bar="")
    assert text.startswith("読み込み中") and "{x}" in text and "絵" not in text


def test_bars_of_other_commands_are_one_line_too(monkeypatch):
    terminal = Terminal(40)
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    bar = of_data.Bar("preparing", 1000)
    bar._line.due = lambda: True
    for _ in range(1000):
        bar.add(1, "a note that is too long for a line of forty columns")
    first, last = terminal.screen()
    assert first.startswith("preparing 100%|") and "1,000/1,000" in first and last == ""


def test_a_name_in_the_line_is_no_escape(monkeypatch):
    terminal = Terminal(80)
    monkeypatch.setattr(sys, "stderr", terminal.stream)
    of_data.Bar("class \x1b[31m", 1).add(1, "\x1b]0;title\x07\r")
    assert "\\x1b[31m" in terminal.screen()[0]


def test_without_a_terminal_there_are_plain_lines(capsys, monkeypatch):
    progress = Progress(1000, 0)
    assert not progress.moving and not progress.due()
    progress.note(progress.line(500, METRICS))
    assert not progress.due()  # a line was printed just now
    monkeypatch.setattr(status, "SELDOM", 0.0)
    assert progress.due()  # a period of the log may take hours
    progress.draw(600, METRICS)
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("[##########..........]  50% 500 images | d_loss 0.69")
    assert second.startswith("[############........]  60% 600 images | d_loss 0.69")


def test_a_budget_of_minutes_counts_for_the_time_left(capsys):
    progress = Progress(10**18, 0, minutes_gone=lambda: (1.5, 2.0))
    line = progress.line(9_600, METRICS)  # it was 0 % and 186 hours
    assert line.startswith("[###############.....]  75%") and line.endswith("30 s left")


def test_a_bar_in_a_file_speaks_of_what_takes_long_only(capfd, monkeypatch):
    quick = of_data.Bar("quick", 10)
    for _ in range(10):
        quick.add(1)
    monkeypatch.setattr(of_data, "SELDOM", 0.0)
    slow = of_data.Bar("slow", 100)
    for _ in range(100):
        slow.add(1)
    said = capfd.readouterr().err
    assert "quick" not in said and said.count("slow [") == 11 and "\r" not in said
