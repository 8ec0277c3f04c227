"""A gallery of a growing run: the same latents at the end of every level; a GIF over the whole training.

    ganzoo-train --model progan --run_dir runs/progan
    python -m experiments progan_gallery runs/progan [--columns 8] [--out docs/images]

Cut from the sample grids that every run writes. `progan_gallery.png` has a row for each size, 4x4 on top;
`progan_growth.gif` shows two rows of all grids in order.
"""

import argparse
from pathlib import Path

import numpy as np
from PIL import Image

GAP = 2  # white pixels between the pictures of a grid, see `ganzoo.training.run_pictures.grid`


def main() -> None:
    """Writes both and says what is on them."""
    from ganzoo.pictures import films
    from ganzoo.training import run_pictures, runs

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--columns", type=int, default=8)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    out = options.out or options.run
    family = runs.read_config(options.run).family
    side = family.image_size + GAP
    grids = {int(path.stem.split("-")[1]): path for path in runs.RunPaths(options.run).grids()}

    def rows(path: Path, num: int) -> Image.Image:
        with Image.open(path) as grid:
            return grid.convert("RGB").crop((0, 0, options.columns * side + GAP, num * side + GAP))

    last = {}
    for seen, path in grids.items():
        stage = family.schedule.stage(max(0, seen - 1))
        if not family.schedule.is_fading(stage):
            last[family.schedule.size(stage)] = (seen, path)
    for size, (seen, _) in last.items():
        print(f"{size}x{size}: after {seen:,} images")
    strips = [np.asarray(rows(path, 1)) for _, path in last.values()]
    run_pictures.save_png(out / "progan_gallery.png", Image.fromarray(np.concatenate(strips)))
    frames = (np.asarray(rows(path, 2)) for path in grids.values())
    films.save(out / "progan_growth.gif", frames, fps=4, pause=3.0)


if __name__ == "__main__":
    main()
