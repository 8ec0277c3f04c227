"""Scores a finished run and packs its generator as weights of the package, with a card.

    ganzoo-train --model dcgan --run_dir runs/dcgan
    python -m tools publish runs/dcgan dcgan/paintings

The scores on the card are those of `ganzoo-evaluate` with 10,000 samples, each beside its
real-against-real floor; samples are drawn from the packed weights, in half precision.
"""

import argparse
import json
from pathlib import Path

from benchmarks.alternate import machine

LICENCES = {
    "paintings": "public domain: The Metropolitan Museum of Art, Open Access (CC0)",
    "mnist": "MNIST by LeCun, Cortes and Burges; its pictures are not in this package",
    "digits": "Optical Recognition of Handwritten Digits (Alpaydin, Kaynak 1998), CC BY 4.0",
}
MOST = 25e6  # bytes that all weights of the package may take together


def main() -> None:
    """Packs, evaluates what was packed, adds the scores to the card and prints it."""
    from ganzoo import weights
    from ganzoo.base.errors import UsageError
    from ganzoo.evaluation import evaluate_run
    from ganzoo.export.cards import LIMITS, rescored
    from ganzoo.export.weights_folder import pack
    from ganzoo.training import runs

    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("name", help=f"family/set; sets: {', '.join(LICENCES)}")
    parser.add_argument("--num", type=int, default=10_000)
    options = parser.parse_args()
    config, about = runs.read_config(options.run), options.name.split("/")[1]
    if not runs.is_finished(options.run, config):
        raise UsageError(f"{options.run} is not finished; only finished runs are published")
    summary = json.loads(runs.RunPaths(options.run).summary.read_text())
    card = {
        "data": about,
        "limits": f"{LIMITS} It was trained to be small and quick, not to be best.",
        "licence": LICENCES[about],
        "cost": f"{summary['seconds'] / 60:.0f} minutes by the clock, {machine()['cores']} CPU cores",
    }
    out = weights.HERE / options.name
    out.parent.mkdir(exist_ok=True)
    pack(options.run, out, about=card, overwrite=True)
    rescored(out, evaluate_run(options.name, source=config.data.source, num=options.num))
    print((out / "CARD.md").read_text())
    total = sum(path.stat().st_size for path in weights.HERE.rglob("*") if path.is_file())
    print(f"all weights together: {total / 1e6:.1f} MB of at most {MOST / 1e6:.0f}")


if __name__ == "__main__":
    main()
