"""What there is to see of a run, kept in its directory: a sheet of samples, a walk through the latents."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from ganzoo.compare.plan import Run
from ganzoo.compare.scored import stem
from ganzoo.disk.files import write_atomically
from ganzoo.pictures.layout import to_uint8
from ganzoo.sampling.walks import walk
from ganzoo.training import kept
from ganzoo.training.run_pictures import grid
from ganzoo.training.trained import load

SEED = 0  # of the samples: the same for every run
WIDEST = 800  # pixels of a sheet
WALKERS, STOPS, FRAMES = 6, (1, 2, 3), 10  # pictures in a film, seeds of the stops, frames between two
FILM_SIDE, FRAME_MS = 96, 120  # largest side of a picture in a film, pixels; time of a frame
QUALITY = 85  # of WebP


def draw(run: Run, with_walk: bool, begin: Callable[[], None]) -> tuple[Path, Path | None]:
    """The sheet of a run's last state and, if asked for, its film; made unless they are there."""
    base = stem(run, kept.LAST)
    sheet, film = (base.with_name(f"{base.name}-{what}.webp") for what in ("samples", "walk"))
    wanted = [sheet, film] if with_walk else [sheet]
    if not all(path.is_file() for path in wanted):
        begin()
        gan = load(run.root, kept.LAST)
        base.parent.mkdir(exist_ok=True)
        save_webp(sheet, [samples(gan)])
        if with_walk:
            save_webp(film, frames_of(gan))
    return sheet, film if with_walk else None


def samples(gan) -> Image.Image:
    """A square sheet of samples, up to 36."""
    side = gan.family.output.shape[0]
    columns = max(2, min(6, WIDEST // side))
    return grid(gan.sample(columns**2, SEED), columns, scale=enlargement(side))


def frames_of(gan) -> list[Image.Image]:
    """The frames of a walk of several pictures from stop to stop and back to the first."""
    stops = np.stack([gan.latents(WALKERS, seed) for seed in STOPS])
    way = walk(stops, FRAMES, closed=True)
    inputs = gan.inputs(WALKERS, SEED)  # a walker keeps its class
    inputs = {name: np.concatenate([value] * len(way)) for name, value in inputs.items()}
    images = to_uint8(gan.sample_from(way.reshape(-1, way.shape[-1]), **inputs))
    side = images.shape[1]
    sheets = [
        grid(each, 3, scale=enlargement(side))
        for each in images.reshape(len(way), WALKERS, *images.shape[1:])
    ]
    if side <= FILM_SIDE:
        return sheets
    width = 3 * FILM_SIDE
    return [s.resize((width, round(s.height * width / s.width)), Image.Resampling.LANCZOS) for s in sheets]


def enlargement(side: int) -> int:
    """A whole number by which small pictures are enlarged, so that each of their pixels can be seen."""
    return max(1, 64 // side)


def save_webp(path: Path, frames: list[Image.Image]) -> None:
    """Writes a picture, or a film without an end, atomically."""
    write_atomically(path, lambda file: file.write(webp(frames)))


def webp(frames: list[Image.Image], widest: int | None = None) -> bytes:
    """The bytes of a WebP of one or more frames, made narrower where `widest` pixels are too few."""
    if widest is not None and frames[0].width > widest:
        height = round(frames[0].height * widest / frames[0].width)
        frames = [frame.resize((widest, height), Image.Resampling.LANCZOS) for frame in frames]
    buffer = io.BytesIO()
    film = {"save_all": True, "append_images": frames[1:], "duration": FRAME_MS, "loop": 0}
    frames[0].convert("RGB").save(buffer, "WEBP", quality=QUALITY, method=4, **(film if frames[1:] else {}))
    return buffer.getvalue()
