"""A gallery of a growing run: the same latents at every kept moment, and at every level of the last one.

    ganzoo-train --model progan --run_dir runs/progan
    python -m benchmarks.progan_gallery runs/progan [--num 8]

Writes `gallery.png` (a row for each snapshot, the oldest on top) and `levels.png` (a row
for each size of the finished model) into the run; `training.gif`, which every run makes,
shows all its grids.
"""

import argparse
from pathlib import Path

import numpy as np


def main() -> None:
    """Writes both sheets and says what is on them."""
    import ganzoo
    from ganzoo.training import checkpoints, pictures

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path)
    parser.add_argument("--num", type=int, default=8)
    options = parser.parse_args()
    rows = []
    for path in checkpoints.list_sealed(options.run / "snapshots"):
        gan = ganzoo.load(options.run, checkpoints.images_of(path))
        rows.append(gan.sample(options.num, seed=0))
        seen = int(gan.images_seen)
        print(f"row {len(rows)}: {seen:,} images, {gan.family.schedule.describe(seen)}")
    if rows:
        sheet = pictures.grid(np.concatenate(rows), columns=options.num)
        pictures.save_png(options.run / "gallery.png", sheet)
    gan = ganzoo.load(options.run, "last")
    levels = [gan.sample(options.num, seed=0, level=size) for size in gan.family.schedule.sizes]
    pictures.save_png(options.run / "levels.png", pictures.grid(np.concatenate(levels), columns=options.num))


if __name__ == "__main__":
    main()
