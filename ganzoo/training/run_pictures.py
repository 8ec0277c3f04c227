"""Pictures of a run: grids and the losses as a plot."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.disk.files import write_atomically
from ganzoo.pictures.layout import Style


def grid(
    images: np.ndarray, columns: int | None = None, gap: int | None = None, scale: int | None = None
) -> Image.Image:
    """A sheet of pictures on white, row by row.

    Args:
        images: `(num, height, width, channels)`, uint8 or float in [-1, 1].
        columns: pictures per row; default as square as it goes without holes.
        gap: white pixels between and around them, before they are enlarged; default 2, none around one.
        scale: whole-number enlargement; default up to 1,000 pixels for the longer side.
    """
    images = np.asarray(images)
    return Image.fromarray(Style(columns, gap, scale).sheet([images], len(images), images.shape[1:]))


def save_png(path: Path, picture: Image.Image) -> None:
    """Writes a PNG atomically."""
    write_atomically(path, lambda file: picture.save(file, "PNG"))


LABELS = {
    "d_loss": "discriminator",
    "g_loss": "generator",
    "d_real": "real pictures recognised",
    "d_fake": "generated pictures recognised",
}
SHARES = ("d_real", "d_fake")


def plot_losses(rows: list[dict], names: Sequence[str], path: Path) -> None:
    """The readings `names` of a log against images seen, as a PNG: losses and terms above, shares below."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), layout="constrained")
    shares, losses = ([n for n in names if (n in SHARES) == below] for below in (True, False))
    parts = [each for each in (losses, shares) if each]
    drawn = figure.subplots(len(parts), 1, sharex=True, squeeze=False)[:, 0]
    images = [row["images_seen"] for row in rows]
    marker = "o" if len(rows) < 3 else None
    for axes, own in zip(drawn, parts, strict=True):
        for name in own:
            axes.plot(images, [row[name] for row in rows], label=LABELS.get(name, name), marker=marker)
        if own is shares:
            axes.set(ylabel="share", ylim=(-0.02, 1.02))
        else:
            axes.set_ylabel("loss (mean over the period)")
        axes.legend()
        axes.grid(alpha=0.3)
    drawn[-1].set_xlabel("images seen")
    FigureCanvasAgg(figure)
    write_atomically(path, lambda file: figure.savefig(file, format="png", dpi=100))
