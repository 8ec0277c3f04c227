"""Frames as a GIF, an animated WebP or an MP4.

ffmpeg comes with imageio, whose own writer is not used: it lets ffmpeg's words go to the terminal and
never asks how ffmpeg ended, so that a full disk leaves half a film and no error.
"""

import contextlib
import io
import itertools
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.base import extras
from ganzoo.base.errors import RunError, UsageError
from ganzoo.disk.files import write_atomically

ENDINGS = (".gif", ".webp", ".mp4")
MOST_PIXELS = 2**29  # of all frames; a GIF or WebP is put together in memory
MOST_GIF_FPS = 50.0  # two hundredths of a second: viewers show shorter pauses as long ones


def check(ending: str, frames: int, height: int, width: int, fps: float) -> None:
    """Raises UsageError if a film of that kind cannot be made: too much, too fast, or ffmpeg is not there."""
    if not 0.1 <= fps <= 240.0:
        raise UsageError(f"{fps:g} frames per second; give 0.1 to 240, e.g. --fps 20")
    if ending == ".gif" and fps > MOST_GIF_FPS:
        raise UsageError(
            f"a GIF cannot show {fps:g} frames per second, 50 is the most; give an .mp4 or .webp"
        )
    if ending == ".mp4":
        _ffmpeg()
    elif frames * height * width > MOST_PIXELS:
        raise UsageError(
            f"{frames:,} frames of {width} x {height} pixels are too many for a {ending}; give an .mp4"
        )


def save(path: Path, frames: Iterable[np.ndarray], fps: float, pause: float = 0.0) -> None:
    """Writes frames, uint8 `(height, width, 3)`, as an endless film; the format by the path's ending.

    A GIF or WebP holds its last frame for `pause` seconds if that is longer than the others.

    Raises:
        UsageError: for an MP4 without ffmpeg. RunError: if it cannot be written; nothing is left behind.
    """
    path = Path(path)
    if path.suffix.lower() == ".mp4":
        try:
            return _save_mp4(path, iter(frames), fps)
        except OSError as error:  # of the folder for temporary files
            raise RunError(f"{path} could not be written: {error.strerror or error}") from None
    return write(path, gif(frames, fps, pause) if path.suffix.lower() == ".gif" else webp(frames, fps, pause))


def gif(frames: Iterable[np.ndarray], fps: float, pause: float = 0.0) -> bytes:
    """Frames as an endless GIF; the last one stays for `pause` seconds if that is longer."""
    # One palette per frame, dithered: pictures have more than 256 colours.
    pictures = (Image.fromarray(f).quantize(256, dither=Image.Dither.FLOYDSTEINBERG) for f in frames)
    return _put_together(pictures, fps, pause, format="GIF", disposal=1)


def webp(frames: Iterable[np.ndarray], fps: float, pause: float = 0.0) -> bytes:
    """Frames as an endless animated WebP; the last one stays for `pause` seconds if that is longer."""
    pictures = (Image.fromarray(frame) for frame in frames)
    return _put_together(pictures, fps, pause, format="WEBP", quality=90, method=2)


def write(path: Path, content: bytes) -> None:
    """Writes a finished film, whole or not at all."""
    write_atomically(path, lambda file: file.write(content))


def _put_together(pictures: Iterable[Image.Image], fps: float, pause: float, **options) -> bytes:
    duration = round(1000 / fps)
    if pause:
        pictures = list(pictures)
        duration = [duration] * (len(pictures) - 1) + [max(duration, round(1000 * pause))]
    pictures, buffer = iter(pictures), io.BytesIO()
    next(pictures).save(buffer, save_all=True, append_images=pictures, duration=duration, loop=0, **options)
    return buffer.getvalue()


def _ffmpeg() -> str:
    """The path of ffmpeg, which comes with the extra `video`."""
    try:
        import imageio_ffmpeg

        return imageio_ffmpeg.get_ffmpeg_exe()
    except (ImportError, RuntimeError):
        raise UsageError(
            f"an MP4 needs ffmpeg, which is not installed: {extras.install('video')}, or give a .gif or .webp"
        ) from None


def _save_mp4(path: Path, frames: Iterator[np.ndarray], fps: float) -> None:
    first = _even(next(frames))
    height, width = first.shape[:2]
    with tempfile.TemporaryDirectory(prefix="ganzoo-film-") as folder:  # ffmpeg seeks in what it writes
        film, log = Path(folder, "film.mp4"), Path(folder, "log.txt")
        words = [_ffmpeg(), "-loglevel", "error", "-f", "rawvideo", "-pix_fmt", "rgb24"]
        words += ["-s", f"{width}x{height}", "-r", f"{fps:g}", "-i", "-", "-an", "-c:v", "libx264"]
        words += ["-pix_fmt", "yuv420p", "-crf", "17", "-movflags", "+faststart", "-y", str(film)]
        with open(log, "wb") as said, subprocess.Popen(words, stdin=subprocess.PIPE, stderr=said) as process:
            try:
                for frame in itertools.chain([first], map(_even, frames)):
                    process.stdin.write(frame.tobytes())
                process.stdin.close()
            except BrokenPipeError:  # it has ended already; its log says why
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.close()
            except BaseException:
                process.kill()
                raise
        if process.returncode:
            why = log.read_text(errors="replace").strip().splitlines() or [f"code {process.returncode}"]
            raise RunError(f"{path} could not be written: ffmpeg says: {why[-1]}")
        with open(film, "rb") as made:
            write_atomically(path, lambda file: shutil.copyfileobj(made, file))


def _even(frame: np.ndarray) -> np.ndarray:
    """A frame with even sides, as the format's colours need: the last row or column again."""
    return np.pad(frame, ((0, frame.shape[0] % 2), (0, frame.shape[1] % 2), (0, 0)), mode="edge")
