"""Pictures of a run: grids, the evolution as a GIF, the losses as a plot."""

import io
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.training.files import write_atomically


def to_uint8(images: np.ndarray) -> np.ndarray:
    """Float images in [-1, 1] as uint8 in [0, 255], rounded; uint8 is left alone."""
    if images.dtype == np.uint8:
        return images
    return np.clip(np.rint((images.astype(np.float32) + 1.0) * 127.5), 0, 255).astype(np.uint8)


def grid(images: np.ndarray, columns: int | None = None, gap: int = 2, scale: int = 1) -> Image.Image:
    """A sheet of pictures on white, row by row.

    Args:
        images: `(num, height, width, channels)`, uint8 or float in [-1, 1].
        columns: pictures per row; default as square as it goes.
        gap: white pixels between them.
        scale: whole-number enlargement.
    """
    images = to_uint8(np.asarray(images))
    num, height, width, channels = images.shape
    columns = columns or int(np.ceil(np.sqrt(num)))
    rows = -(-num // columns)
    sheet = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, np.uint8)
    for i, picture in enumerate(images):
        y, x = gap + (i // columns) * (height + gap), gap + (i % columns) * (width + gap)
        sheet[y : y + height, x : x + width] = picture[..., :3] if channels >= 3 else picture[..., :1]
    picture = Image.fromarray(sheet)
    return picture.resize((picture.width * scale, picture.height * scale), Image.Resampling.NEAREST)


def as_image(pixels: np.ndarray) -> Image.Image:
    """A picture, uint8 `(height, width, 1 or 3)`, as PIL has it."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def save_png(path: Path, picture: Image.Image) -> None:
    """Writes a PNG atomically."""
    write_atomically(path, lambda file: picture.save(file, "PNG"))


def evolution(frames: list[Path], path: Path, most: int = 100, frames_per_second: float = 5.0) -> None:
    """A GIF of sample grids, in order; at most `most` evenly chosen ones, the last always held longer."""
    if not frames:
        return
    chosen = sorted({round(i) for i in np.linspace(0, len(frames) - 1, min(most, len(frames)))})
    pictures = []
    for index in chosen:
        with Image.open(frames[index]) as picture:
            # One palette per frame, dithered: paintings have more than 256 colours.
            pictures.append(picture.convert("RGB").quantize(256, dither=Image.Dither.FLOYDSTEINBERG))
    pause = round(1000 / frames_per_second)
    durations = [pause] * (len(pictures) - 1) + [max(2000, pause)]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    write_atomically(path, lambda file: file.write(buffer.getvalue()))


def plot_losses(rows: list[dict], path: Path) -> None:
    """The log's losses and recognition shares against images seen, as a PNG."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    upper, lower = figure.subplots(2, 1, sharex=True)
    images = [row["images_seen"] for row in rows]
    marker = "o" if len(rows) < 3 else None
    for name, label in (("d_loss", "discriminator"), ("g_loss", "generator")):
        upper.plot(images, [row[name] for row in rows], label=label, marker=marker)
    for name, label in (("d_real", "real pictures recognised"), ("d_fake", "generated pictures recognised")):
        lower.plot(images, [row[name] for row in rows], label=label, marker=marker)
    upper.set_ylabel("loss (mean over the period)")
    lower.set(xlabel="images seen", ylabel="share", ylim=(-0.02, 1.02))
    for axes in (upper, lower):
        axes.legend()
        axes.grid(alpha=0.3)
    FigureCanvasAgg(figure)
    write_atomically(path, lambda file: figure.savefig(file, format="png", dpi=100))
