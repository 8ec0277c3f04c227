"""Exports: how far the pictures of every format are from the run's, and how large the files are.

    python -m benchmarks export_parity [--size 16] [--width 4] [--run RUN ...]

Untrained generators of every family, conditional ones with three classes, or the runs given. Each export
is run outside ganzoo as `ganzoo-export` checks it (the page by TensorFlow, from what stands in it).
"""

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.alternate import machine

SIZES = {"latent_dim": 32, "num_classes": 3, "channels": 3}


def untrained(folder: Path, model: str, size: int, width: int) -> Path:
    """A run of a family at its initial weights, fully grown."""
    from ganzoo.base.arguments import field_names
    from ganzoo.config import resolve
    from ganzoo.family import FAMILIES
    from ganzoo.training import checkpoints, runs

    wanted = {**SIZES, "image_size": size, "start_size": size, "width": width}
    arguments = {name: value for name, value in wanted.items() if name in field_names(FAMILIES[model])}
    run = folder / model
    run.mkdir()
    config = resolve({"model": {"name": model, **arguments}})
    gan = runs.make_gan(config)
    checkpoints.save(runs.create(run, config).checkpoints, 0, checkpoints.values(gan.state()), {})
    return run


def measure(run: Path, out: Path) -> list[dict]:
    """A row for each format and kind of pixels; one that fails says why."""
    from ganzoo import export
    from ganzoo.base.errors import GanzooError

    rows = []
    for name in export.FORMATS:
        form = export.FORMATS[name]()
        for pixels in form.allowed:
            row = {"run": run.name, "format": name, "pixels": pixels}
            try:
                done = export.export(
                    run, name, out / f"{run.name}-{name}-{pixels}{form.suffix}", pixels=pixels
                )
                row |= {"difference": done.difference, "allowed": done.tolerance, "bytes": done.num_bytes}
            except GanzooError as error:
                row["failed"] = str(error)
            rows.append(row)
    return rows


def line(row: dict) -> str:
    """A row of the table."""
    head = f"| {row['run']} | {row['format']} | {row['pixels']} |"
    if "failed" in row:
        return f"{head} failed: {row['failed']} | | |"
    return f"{head} {row['difference']:.1e} | {row['allowed']:g} | {row['bytes']:,} |"


def main() -> None:
    """Exports and prints a table and JSON."""
    import ganzoo
    from ganzoo.base.lazy import import_tensorflow_quietly

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=16)
    parser.add_argument("--width", type=int, default=4)
    parser.add_argument("--run", action="append", type=Path, default=[])
    options = parser.parse_args()
    import_tensorflow_quietly()
    print(f"max |difference| in [-1, 1], of uint8 in levels (0.5 is exact); {machine()}")
    print("| run | format | pixels | max difference | allowed | bytes |\n" + "|---" * 6 + "|")
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        models = [] if options.run else ganzoo.list_models()
        made = [untrained(Path(folder), model, options.size, options.width) for model in models]
        for run in options.run or made:
            for row in measure(run, Path(folder)):
                rows.append(row)
                print(line(row), flush=True)
    print(json.dumps({"machine": machine(), "rows": rows}))


if __name__ == "__main__":
    main()
