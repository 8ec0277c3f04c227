"""Any number of pictures into files: one sheet, or a folder of single ones, whole or not at all."""

import collections
import io
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from ganzoo.base.errors import UsageError
from ganzoo.base.machine import num_cores
from ganzoo.disk import regular
from ganzoo.disk.files import built, write_atomically
from ganzoo.disk.overwrite import refuse_foreign
from ganzoo.pictures.layout import Style, as_image
from ganzoo.pictures.png import png

FORMATS = {"png": ".png", "webp": ".webp", "jpg": ".jpg"}
SHEETS = (*FORMATS.values(), ".jpeg")  # endings of a sheet
JPEG_QUALITY = 95  # colours at full resolution: a pixel of a small picture is all there is
LINES = "latents.jsonl"
BLOCK, WAITING = 16, 64  # pictures that a thread encodes in a go; blocks that may wait for one


def encoded(pixels: np.ndarray, form: str) -> bytes:
    """One uint8 picture as a PNG, a lossless WebP or a fine JPEG ("jpg" or "jpeg")."""
    buffer = io.BytesIO()  # Pillow, given a file, does not say why it could not be written
    if form == "webp":
        as_image(pixels).save(buffer, "WEBP", lossless=True, method=2)
    elif form in ("jpg", "jpeg"):
        as_image(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, subsampling=0)
    else:
        as_image(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def save(path: Path, pixels: np.ndarray) -> None:
    """Writes a sheet atomically, PNG, lossless WebP or JPEG by the path's ending."""
    content = encoded(pixels, path.suffix[1:].lower())
    write_atomically(path, lambda file: file.write(content))


def names(form: str) -> Iterator[str]:
    """000000.png, 000001.png, ...: picture i has the same name however many there are."""
    i = 0
    while True:
        yield f"{i:06d}{FORMATS[form]}"
        i += 1


def refuse_others(folder: Path) -> None:
    """Raises UsageError, naming it, if a folder holds anything but the pictures that its list names."""
    try:
        with regular.open_file(folder / LINES) as lines:
            _, *rows = (json.loads(line) for line in lines if line.strip())
        own = {LINES, *(row["file"] for row in rows)}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise UsageError(
            f"{folder} holds something else (no {LINES} of ganzoo-sample); give --out a new or empty folder"
        ) from None
    refuse_foreign(folder, own)


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

    def write(batch: np.ndarray, paths: list[Path]) -> None:
        for picture, path in zip(batch, paths, strict=True):
            pixels = style.enlarged(picture)
            path.write_bytes(png(pixels) if form == "png" else encoded(pixels, form))

    lines, called, blocks = iter(lines), names(form), collections.deque()
    with built(folder, durable=False, allow=refuse_others) as new:
        new.mkdir()
        with open(new / LINES, "w", encoding="utf-8") as text:
            text.write(next(lines) + "\n")
            pool = ThreadPoolExecutor(num_cores(), "encode")
            try:
                for batch in images:
                    for start in range(0, len(batch), BLOCK):
                        some = batch[start : start + BLOCK]
                        blocks.append(pool.submit(write, some, [new / next(called) for _ in some]))
                        text.writelines(next(lines) + "\n" for _ in some)
                    while blocks and (len(blocks) > WAITING or blocks[0].done()):
                        blocks.popleft().result()
                for block in blocks:
                    block.result()
            finally:
                pool.shutdown(cancel_futures=True)
