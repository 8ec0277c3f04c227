"""How the pictures of a run came about, as a GIF: its grids in order, captioned with images seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ganzoo.pictures import films
from ganzoo.pictures.layout import Style

MOST_FRAMES, LEAST_FRAMES = 60, 8
MOST_BYTES = 4_000_000  # what mail, chats and repository pages show without asking
MOST_PIXELS = 150_000  # of a frame, before it is enlarged; of larger grids it shows the first rows
FRAMES_PER_SECOND, PAUSE = 5.0, 2.0  # the last frame stays for PAUSE seconds
BAR = 24  # pixels of the caption
INK, PAPER = (20, 20, 20), (255, 255, 255)


@dataclass(frozen=True)
class Sheet:
    """What a run's grids hold.

    Attributes:
        num: pictures.
        columns: of them in a row.
        shape: of each, (height, width, channels).
    """

    num: int
    columns: int
    shape: tuple[int, ...]

    def film_part(self, grid: Image.Image) -> Image.Image:
        """The rows of a grid that a frame shows, in the pictures' own size, however the grid was enlarged."""
        (_, width), (height, _) = self._size(self.num), self._size(self._shown)
        return grid.convert("RGB").reduce(max(1, grid.width // width)).crop((0, 0, width, height))

    @property
    def scale(self) -> int:
        """The whole-number enlargement of a frame: about 512 pixels for the longer side."""
        return max(1, round(512 / max(self._size(self._shown))))

    @property
    def _shown(self) -> int:
        """Pictures in a frame: whole rows, at least one."""
        height, width = self._size(self.num)
        rows = -(-self.num // self.columns)
        return min(self.num, self.columns * max(1, min(rows, rows * MOST_PIXELS // (height * width))))

    def _size(self, num: int) -> tuple[int, int]:
        """Height and width of a sheet of so many of the pictures that is not enlarged."""
        return Style(self.columns, scale=1).sheet_size(num, self.shape)


def save(grids: list[Path], path: Path, sheet: Sheet) -> None:
    """Writes a GIF of at most MOST_BYTES from a run's grids, evenly chosen; the last is held longer.

    Args:
        grids: the files, named by their images seen, the oldest first; without any nothing is written.
        path: of the GIF.
        sheet: what the grids hold.
    """
    num = min(MOST_FRAMES, len(grids))
    while num:
        chosen = sorted({round(i) for i in np.linspace(0, len(grids) - 1, num)})
        content = films.gif(_frames([grids[i] for i in chosen], sheet), FRAMES_PER_SECOND, PAUSE)
        if len(content) <= MOST_BYTES or num <= LEAST_FRAMES:
            films.write(path, content)
            return
        num = max(LEAST_FRAMES, int(0.95 * num * MOST_BYTES / len(content)))


def images_seen(grid: Path) -> int:
    """The images seen that a grid's name says."""
    return int(grid.stem.rpartition("-")[2])


def _frames(grids: list[Path], sheet: Sheet) -> Iterator[np.ndarray]:
    font = ImageFont.load_default(15)
    for grid in grids:
        with Image.open(grid) as opened:
            part = sheet.film_part(opened)
        size = (part.width * sheet.scale, part.height * sheet.scale)
        frame = Image.new("RGB", (size[0], size[1] + BAR), PAPER)
        frame.paste(part.resize(size, Image.Resampling.NEAREST), (0, BAR))
        ImageDraw.Draw(frame).text((8, 4), f"{images_seen(grid):,} images seen", INK, font)
        yield np.asarray(frame)
