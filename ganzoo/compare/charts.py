"""Charts as SVG within a page: their colours are the page's, light or dark.

Colours come from the page's style sheet by class: `s0` to `s7` for contestants, `axis`, `grid`, `note`.
A contestant also has a dash pattern and a marker of its own, for eyes that tell no colours apart.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ganzoo.base.printable import escape
from ganzoo.compare.sentences import scaled

WIDTH, HEIGHT = 400, 270  # of a chart: a phone shows it in its own size
LEFT, RIGHT, TOP, BOTTOM = 54, 12, 14, 42
STYLES = 8  # colours there are
DASHES = ("", "7 3", "2 3", "9 3 2 3")
MANY = 8  # largest over smallest value from which an axis is logarithmic

Point = tuple[float, float]


@dataclass(frozen=True)
class Series:
    """Lines or points of one contestant; `style` is its place in the legend."""

    name: str
    style: int
    lines: tuple[tuple[Point, ...], ...]


@dataclass(frozen=True)
class Axis:
    """From values to pixels."""

    low: float
    high: float
    start: float
    end: float
    is_log: bool = False

    def __call__(self, value: float) -> float:
        low, high, value = (self._scaled(each) for each in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    def _scaled(self, value: float) -> float:
        return math.log10(value) if self.is_log else value

    def ticks(self) -> list[float]:
        return log_ticks(self.low, self.high) if self.is_log else linear_ticks(self.low, self.high)


def linear_ticks(low: float, high: float, about: int = 4) -> list[float]:
    """Round numbers from `low` to `high`, some `about` many."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 12) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """1, 2, 5 of each power of ten, or only the powers where these are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [m * 10.0**p for p in powers for m in (1, 2, 5) if low <= m * 10.0**p <= high]
    if len(found) > 6:
        found = [10.0**p for p in powers if low <= 10.0**p <= high]
    return found if len(found) > 1 else [low, high]


def axis_for(values: Sequence[float], start: float, end: float, from_zero: bool = False) -> Axis:
    """An axis that shows all values; logarithmic where they reach over an order of magnitude."""
    low, high = min(values), max(values)
    if low > 0 and high / low > MANY and not from_zero:
        return Axis(low / 1.15, high * 1.15, start, end, True)
    if from_zero or 0 <= low < 0.6 * high:
        low = min(0.0, low)
    room = (high - low) * 0.06 or abs(high) * 0.1 or 1.0
    return Axis(low if low == 0 else low - room, high + room, start, end)


def lines(
    title: str, x_label: str, y_label: str, series: Sequence[Series], shown: Sequence[float] = ()
) -> str:
    """A line chart, a line for each run, from x = 0; the y axis reaches to the values `shown`, too."""
    everything = all_points(series)
    if not everything:
        return ""
    across = axis_for([p[0] for p in everything], LEFT, WIDTH - RIGHT, from_zero=True)
    up = axis_for([*(p[1] for p in everything), *shown], HEIGHT - BOTTOM, TOP)
    return chart(
        title, frame(across, up, x_label, y_label), [line_marks(each, across, up) for each in series]
    )


def points(title: str, x_label: str, y_label: str, series: Sequence[Series], level: float) -> str:
    """A chart of one point a run, with a line across at `level`, the value of real pictures."""
    everything = all_points(series)
    if not everything:
        return ""
    across = axis_for([p[0] for p in everything], LEFT, WIDTH - RIGHT)
    up = axis_for([*(p[1] for p in everything), level], HEIGHT - BOTTOM, TOP)
    right, y = WIDTH - RIGHT, up(level)
    marked = (
        f'<path class="level" d="M{LEFT} {y:.1f}H{right}"/>'
        f'<text class="note" x="{right - 2}" y="{y - 4:.1f}" text-anchor="end">as real</text>'
    )
    marks = [point_marks(each, across, up) for each in series]
    return chart(title, frame(across, up, x_label, y_label) + marked, marks)


def all_points(series: Sequence[Series]) -> list[Point]:
    return [point for each in series for line in each.lines for point in line]


def chart(title: str, ground: str, marks: Sequence[str]) -> str:
    """A figure: its title, and an `<svg>` of marks on a ground."""
    return (
        f'<figure><figcaption>{escape(title)}</figcaption><svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'role="img" aria-label="{escape(title, quote=True)}">{ground}{"".join(marks)}</svg></figure>'
    )


def frame(across: Axis, up: Axis, x_label: str, y_label: str) -> str:
    """Grid, ticks and labels."""
    parts = []
    for value in across.ticks():
        x = across(value)
        parts.append(f'<path class="grid" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        y = HEIGHT - BOTTOM + 15
        parts.append(
            f'<text class="tick" x="{x:.1f}" y="{y}" text-anchor="middle">{scaled(value, "")}</text>'
        )
    for value in up.ticks():
        y = up(value)
        parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>')
        parts.append(
            f'<text class="tick" x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{scaled(value, "")}</text>'
        )
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<path class="axis" d="M{LEFT} {TOP}V{HEIGHT - BOTTOM}H{WIDTH - RIGHT}"/>')
    parts.append(
        f'<text class="label" x="{middle}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x_label)}</text>'
    )
    across_y = (TOP + HEIGHT - BOTTOM) / 2
    parts.append(
        f'<text class="label" transform="translate(12 {across_y}) rotate(-90)" text-anchor="middle">'
        f"{escape(y_label)}</text>"
    )
    return "".join(parts)


def line_marks(series: Series, across: Axis, up: Axis) -> str:
    """A path for each line; one that is a single point gets a marker."""
    parts = []
    dash = DASHES[series.style % len(DASHES)]
    for line in series.lines:
        places = [(across(x), up(y)) for x, y in line]
        if len(places) == 1:
            parts.append(marker(series.style, *places[0]))
        elif places:
            path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
            parts.append(
                f'<path class="line s{series.style % STYLES}" stroke-dasharray="{dash}" d="M{path}"/>'
            )
    return f"<g><title>{escape(series.name)}</title>{''.join(parts)}</g>"


def point_marks(series: Series, across: Axis, up: Axis) -> str:
    """A marker for each run."""
    marks = "".join(marker(series.style, across(x), up(y)) for line in series.lines for x, y in line)
    return f"<g><title>{escape(series.name)}</title>{marks}</g>"


def marker(style: int, x: float, y: float) -> str:
    """A disc, square, triangle or diamond of 9 pixels."""
    shapes = (
        f"M{x - 4.5:.1f} {y:.1f}a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0",
        f"M{x - 4:.1f} {y - 4:.1f}h8v8h-8z",
        f"M{x:.1f} {y - 5.2:.1f}l5 8.7h-10z",
        f"M{x:.1f} {y - 5.6:.1f}l5.6 5.6l-5.6 5.6l-5.6 -5.6z",
    )
    return f'<path class="mark s{style % STYLES}" d="{shapes[style % len(shapes)]}"/>'


def legend(names: Sequence[str]) -> str:
    """Line, marker and name of every contestant."""
    entries = []
    for style, name in enumerate(names):
        dash = DASHES[style % len(DASHES)]
        line = f'<path class="line s{style % STYLES}" stroke-dasharray="{dash}" d="M1 8H37"/>'
        entries.append(
            f'<li><svg viewBox="0 0 38 16" width="38" height="16" aria-hidden="true">{line}'
            f"{marker(style, 19, 8)}</svg>{escape(name)}</li>"
        )
    return f'<ul class="legend">{"".join(entries)}</ul>'
