"""Two sheets to look at: some of the accepted pictures, and rejected ones with their reasons."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from ganzoo.disk.files import replacing

_COLUMNS, _TILE, _LINE = 10, 112, 13
_SHOWN = 100  # pictures on the sheet of accepted ones
_REJECTED = 60  # and of rejected ones, spread over the reasons
_INK, _PALE, _PAPER = (20, 20, 20), (110, 110, 110), (250, 250, 247)


class Accepted:
    """Takes pictures one by one and keeps some, evenly spread over the set."""

    def __init__(self, total: int):
        shown = min(_SHOWN, total)
        self._rows = {round((i + 0.5) * total / shown - 0.5) for i in range(shown)}
        self._kept: list[tuple[int, str, np.ndarray]] = []

    def add(self, row: int, text: str, images: np.ndarray) -> None:
        """`images` are the copies of one picture, the first of which stands at `row`."""
        for place, image in enumerate(images):
            if row + place in self._rows:
                self._kept.append((row + place, text, _small(image)))

    def save(self, path: Path, report: dict) -> None:
        tiles = [(image, [text]) for _, text, image in sorted(self._kept, key=lambda kept: kept[0])]
        head = f"{report['accepted']:,} of {report['found']:,} files accepted"
        head += f", {report['pictures']:,} pictures stored"
        classes = [f"{name}: {count:,}" for name, count in report["classes"].items()]
        notes = [f"{name}: {count:,}" for name, count in report["notes"].items()]
        _sheet(path, head, classes + notes, tiles)


class Rejected:
    """Takes rejected files one by one and keeps some of each reason."""

    def __init__(self):
        self._kept: dict[str, list[tuple[list[str], np.ndarray | None]]] = {}

    def add(self, path: str, reason: str, images: np.ndarray) -> None:
        kept = self._kept.setdefault(reason.partition(":")[0], [])
        if len(kept) < _REJECTED:
            name = path.rpartition("/")[2]
            kept.append(([reason, name], _small(images[0]) if len(images) else None))

    def save(self, path: Path, report: dict) -> None:
        share = max(3, _REJECTED // max(1, len(self._kept)))
        tiles = [
            (image, texts) for reason in sorted(self._kept) for texts, image in self._kept[reason][:share]
        ]
        head = f"{report['rejected']:,} of {report['found']:,} files rejected"
        _sheet(path, head, [f"{name}: {count:,}" for name, count in report["reasons"].items()], tiles)


def _small(image: np.ndarray) -> np.ndarray:
    if image.shape[0] <= _TILE:
        return image.copy()
    picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
    small = np.asarray(picture.resize((_TILE, _TILE), Image.Resampling.BILINEAR))
    return small.reshape(_TILE, _TILE, image.shape[-1])


def _sheet(
    path: Path, head: str, counts: list[str], tiles: list[tuple[np.ndarray | None, list[str]]]
) -> None:
    font, large = ImageFont.load_default(10), ImageFont.load_default(16)
    texts = 4 if any(len(words) > 1 for _, words in tiles) else 1
    cell, step = _TILE + 8, _TILE + texts * _LINE + 8
    width = _COLUMNS * cell + 8
    lines = _wrapped("   ".join(counts), font, width - 16)[:12]
    top = 34 + _LINE * len(lines) + 8
    sheet = Image.new("RGB", (width, top + -(-len(tiles) // _COLUMNS) * step + 8), _PAPER)
    draw = ImageDraw.Draw(sheet)
    draw.text((8, 8), head, _INK, large)
    for i, line in enumerate(lines):
        draw.text((8, 34 + i * _LINE), line, _PALE, font)
    for i, (image, words) in enumerate(tiles):
        left, upper = 8 + i % _COLUMNS * cell, top + i // _COLUMNS * step
        if image is None:
            draw.rectangle((left, upper, left + _TILE - 1, upper + _TILE - 1), outline=(200, 200, 200))
            draw.text((left + 24, upper + _TILE // 2 - 6), "not readable", _PALE, font)
        else:
            picture = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image)
            sheet.paste(picture.resize((_TILE, _TILE), Image.Resampling.NEAREST), (left, upper))
        below = [
            line for word in words for line in _wrapped(_plain(word), font, _TILE)[: 3 if texts > 1 else 1]
        ]
        for j, line in enumerate(below[:texts]):
            draw.text((left, upper + _TILE + 1 + j * _LINE), line, _INK if j == 0 else _PALE, font)
    with replacing(path) as file:
        sheet.save(file, "PNG")


def _plain(text: str) -> str:
    """Letters that the font has; others, and what would break the line, as question marks."""
    return "".join(letter if " " <= letter <= "~" else "?" for letter in text)


def _wrapped(text: str, font, width: int) -> list[str]:
    lines, line = [], ""
    for letter in text:
        if line and font.getlength(line + letter) > width:
            cut = line.rfind(" ") if " " in line and letter != " " else len(line)
            lines.append(line[:cut].rstrip())
            line = line[cut:].lstrip()
        line += letter
    return [*lines, line] if line else lines
