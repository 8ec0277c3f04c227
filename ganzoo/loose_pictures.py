"""Pictures of any origin against real ones: what `ganzoo-evaluate FOLDER --data REALS` does.

found = evaluate_folder("their_samples", "photos")
print(found.report)
"""

import platform
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, UnidentifiedImageError

from ganzoo import data
from ganzoo.base.errors import DataError, GanzooError
from ganzoo.base.paths import expanded
from ganzoo.base.version import __version__
from ganzoo.disk.sums import short_sum
from ganzoo.evaluation import SHEET_ROWS, RunReport, default_measures, nearest_sheet
from ganzoo.metrics import evaluate
from ganzoo.metrics.images import chosen_rows

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")


def is_of_pictures(folder: Path) -> bool:
    """Whether a folder holds pictures itself, and neither a run nor weights."""
    if not folder.is_dir() or (folder / "config.toml").exists():
        return False
    return any(path.suffix.lower() in ENDINGS for path in folder.iterdir())


def read_pictures(folder: Path, num: int, seed: int) -> np.ndarray:
    """Up to `num` of a folder's pictures by `seed`, uint8 `(num, side, side, 3)`, exactly as they are.

    Nothing is cleaned away: a generator that repeats itself shall be seen to.

    Raises:
        DataError: for fewer than 2 pictures, one that cannot be read, or pictures of several sizes.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in ENDINGS)
    if len(paths) < 2:
        raise DataError(f"{folder} holds {len(paths)} pictures; at least 2 are needed")
    pictures = []
    for row in chosen_rows(len(paths), num, seed):
        try:
            with Image.open(paths[row]) as picture:
                pictures.append(np.asarray(picture.convert("RGB")))
        except (OSError, UnidentifiedImageError, Image.DecompressionBombError) as error:
            raise DataError(f"{paths[row]} cannot be read: {error}") from None
        height, width = pictures[-1].shape[:2]
        if pictures[-1].shape != pictures[0].shape or height != width:
            side = min(pictures[0].shape[:2])
            raise DataError(
                f"{paths[row].name} is {width} x {height}: pictures that are scored are square and of one "
                f"size; cut them first, e.g. ganzoo-prepare {folder} --size {side}"
            )
    return np.stack(pictures)


def evaluate_folder(
    folder: str | Path,
    source: str,
    *,
    features: Any = "mobilenet",
    measures: Sequence[str] | None = None,
    num: int = 10_000,
    seed: int = 0,
    watch: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> RunReport:
    """Scores a folder of generated pictures against real ones, every number with its floor.

    Args:
        folder: the generated pictures, square and of one size; they are taken as they are.
        source: the real ones, as `--data` takes them: a folder, "paintings", ...; they are cut square and
            brought to the size of the others.
        features, measures, num, seed, watch: as for `evaluate_run`.

    Raises:
        DataError: for pictures that cannot be scored. UsageError: for wrong names.
    """
    folder = expanded(folder)
    fakes = read_pictures(folder, num, seed)
    watch("pictures read", len(fakes), len(fakes))
    side = fakes.shape[1]
    config = data.DataConfig(source=source)
    store = data.load(config, side)
    try:
        held_out = data.load(config.plain("test"), side)
    except GanzooError:
        held_out = None  # most folders hold nothing back
    measures = default_measures(held_out is not None, False) if measures is None else measures
    reals = np.asarray(store.images)
    report = evaluate(
        reals,
        fakes,
        features=features,
        measures=measures,
        num=num,
        seed=seed,
        held_out=None if held_out is None else np.asarray(held_out.images),
        held_out_groups=None if held_out is None else held_out.groups,
        groups=store.groups,
        watch=watch,
    )
    of = {
        "pictures": folder.resolve().name,
        "sum": short_sum([len(fakes), int(fakes.astype(np.int64).sum())]),
        "data": {"source": source, "pictures": len(store), "fingerprint": store.fingerprint},
        "measures": list(measures),
        "num": num,
        "seed": seed,
        "features": [report.features, report.checksum, report.resize],
        "versions": {"ganzoo": __version__, "python": platform.python_version(), **report.versions},
    }
    return RunReport(report, nearest_sheet(fakes[:SHEET_ROWS], reals), None, of)
