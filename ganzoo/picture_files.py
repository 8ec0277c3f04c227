"""Any number of pictures into files: one sheet, or a folder of single ones, whole or not at all."""

import collections
import contextlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.errors import RunError, UsageError
from ganzoo.png import png
from ganzoo.training.files import write_atomically
from ganzoo.training.pictures import as_image, to_uint8

FORMATS = {"png": ".png", "webp": ".webp"}
LINES = "latents.jsonl"
FILTERS = {"none": Image.Resampling.NEAREST, "lanczos": Image.Resampling.LANCZOS}
MOST_SHEET_PIXELS = 2**27  # 400 MB before it is encoded
MOST_WEBP_SIDE = 16_383  # of the format
BLOCK, WAITING = 16, 64  # pictures that a thread encodes in a go; blocks that may wait for one


@dataclass(frozen=True)
class Style:
    """How pictures are laid out.

    Attributes:
        columns: pictures in a row of a sheet; default as square as it goes.
        gap: white pixels between them, before they are enlarged.
        scale: whole-number enlargement.
        enhance: how, "none" (repeated pixels) or "lanczos" (smooth).
    """

    columns: int | None = None
    gap: int = 2
    scale: int = 1
    enhance: str = "none"

    def enlarged(self, picture: np.ndarray) -> np.ndarray:
        """A picture `(height, width, channels)`, uint8 or in [-1, 1], as uint8, `scale` times as large."""
        pixels = to_uint8(picture)
        if self.scale == 1:
            return pixels
        height, width, channels = pixels.shape
        large = as_image(pixels).resize((width * self.scale, height * self.scale), FILTERS[self.enhance])
        return np.asarray(large).reshape(height * self.scale, width * self.scale, channels)

    def sheet_size(self, num: int, shape: tuple[int, ...]) -> tuple[int, int]:
        """Height and width in pixels of a sheet of `num` pictures of `shape` (height, width, channels)."""
        columns = self._columns(num)
        rows = -(-num // columns)
        return tuple(
            (count * (side + self.gap) + self.gap) * self.scale
            for count, side in ((rows, shape[0]), (columns, shape[1]))
        )

    def check_sheet(self, num: int, shape: tuple[int, ...], ending: str) -> None:
        """Raises UsageError if a sheet would be larger than memory or its format takes."""
        height, width = self.sheet_size(num, shape)
        if height * width > MOST_SHEET_PIXELS:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels; "
                "write single files into a folder: --out FOLDER/"
            )
        if ending == ".webp" and max(height, width) > MOST_WEBP_SIDE:
            raise UsageError(
                f"a sheet of {num:,} pictures would have {width:,} x {height:,} pixels, but WebP ends at "
                f"{MOST_WEBP_SIDE:,} a side; give a .png"
            )

    def sheet(self, images: Iterable[np.ndarray], num: int, shape: tuple[int, ...]) -> np.ndarray:
        """`num` pictures out of batches on white, row by row, uint8 `(height, width, 3)`."""
        sheet = np.full((*self.sheet_size(num, shape), 3), 255, np.uint8)
        columns, gap = self._columns(num), self.gap * self.scale
        high, wide = shape[0] * self.scale, shape[1] * self.scale
        for i, picture in enumerate(picture for batch in images for picture in batch):
            y, x = gap + (i // columns) * (high + gap), gap + (i % columns) * (wide + gap)
            sheet[y : y + high, x : x + wide] = self.enlarged(picture)
        return sheet

    def _columns(self, num: int) -> int:
        return self.columns or int(np.ceil(np.sqrt(num)))


def encoded(pixels: np.ndarray, form: str) -> bytes:
    """One uint8 picture as a PNG or a lossless WebP."""
    buffer = io.BytesIO()  # Pillow, given a file, does not say why it could not be written
    if form == "webp":
        as_image(pixels).save(buffer, "WEBP", lossless=True, method=2)
    else:
        as_image(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def save(path: Path, pixels: np.ndarray) -> None:
    """Writes a sheet atomically, PNG or lossless WebP by the path's ending."""
    content = encoded(pixels, path.suffix[1:].lower())
    write_atomically(path, lambda file: file.write(content))


def names(form: str) -> Iterator[str]:
    """000000.png, 000001.png, ...: picture i has the same name however many there are."""
    i = 0
    while True:
        yield f"{i:06d}{FORMATS[form]}"
        i += 1


def save_folder(
    folder: Path, images: Iterable[np.ndarray], form: str, style: Style, lines: Iterable[str]
) -> None:
    """Writes batches of pictures as single files, and a line for each into `latents.jsonl`.

    Encoding has threads of its own, so that it goes on while the next batch is made; no more than
    a few batches are in memory.

    Args:
        folder: a new one, or one that this function wrote and that shall be replaced.
        images: batches, float in [-1, 1] or uint8.
        form: out of FORMATS.
        style: its scale counts.
        lines: of `latents.jsonl`; the first is the head, the others one for each picture.

    Raises:
        RunError: if the disk is full or the folder cannot be written; nothing is left behind.
    """

    def write(batch: np.ndarray, called: list[str]) -> None:
        for picture, name in zip(batch, called, strict=True):
            pixels = style.enlarged(picture)
            (temporary / name).write_bytes(png(pixels) if form == "png" else encoded(pixels, form))

    lines, called, blocks = iter(lines), names(form), collections.deque()
    with _whole(folder) as temporary, open(temporary / LINES, "w", encoding="utf-8") as text:
        text.write(next(lines) + "\n")
        pool = ThreadPoolExecutor(os.cpu_count() or 1, "encode")
        try:
            for batch in images:
                for start in range(0, len(batch), BLOCK):
                    some = batch[start : start + BLOCK]
                    blocks.append(pool.submit(write, some, [next(called) for _ in some]))
                    text.writelines(next(lines) + "\n" for _ in some)
                while blocks and (len(blocks) > WAITING or blocks[0].done()):
                    blocks.popleft().result()
            for block in blocks:
                block.result()
        finally:
            pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def _whole(folder: Path) -> Iterator[Path]:
    """A folder to write into that becomes `folder` at the end, if it comes to that."""
    temporary = None
    try:
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".tmp", dir=folder.parent))
        yield temporary
        temporary.chmod(0o755)
        if folder.exists():
            old = temporary.with_suffix(".old")
            folder.rename(old)
            temporary.rename(folder)
            shutil.rmtree(old)
        else:
            temporary.rename(folder)
    except OSError as error:
        raise RunError(f"{folder} could not be written: {error.strerror or error}") from None
    finally:
        if temporary is not None:
            shutil.rmtree(temporary, ignore_errors=True)
