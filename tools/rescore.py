"""Scores packed weights anew and writes the scores into their cards; all else on a card stays.

    python -m tools rescore                        # those of the package that learned the paintings
    python -m tools rescore cgan/mnist --data mnist.npz
    python -m tools rescore path/to/weights --data pictures

The scores are those of `ganzoo-evaluate` with 10,000 samples, as `publish` puts them on a card: value, floor
and ratio at one number of pictures, and what they are of.
"""

import argparse

from ganzoo import weights


def main() -> None:
    """Evaluates each, rewrites its card and prints it, the scores that it had beside the new ones."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", help="weights by name or folder; default all of the paintings")
    parser.add_argument("--data", default=None, help="their pictures, where those are not embedded")
    parser.add_argument("--num", type=int, default=10_000)
    parser.add_argument("--features", default="mobilenet")
    options = parser.parse_args()
    for name in options.names or embedded():
        before, card = rescore(name, options.data, options.num, options.features)
        print(f"\n{name}\n| measure | before | now |\n|---|---|---|")
        for measure in dict.fromkeys([*before, *card["scores"]]):
            print(f"| {measure} | {before.get(measure, '-')} | {card['scores'].get(measure, '-')} |")


def embedded() -> list[str]:
    """The package's weights whose pictures are in it, too."""
    from ganzoo.data.sources import PAINTINGS
    from ganzoo.training.trained import find

    return [name for name in weights.list_weights() if find(name).config.data.source == PAINTINGS]


def rescore(name: str, source: str | None, num: int, features: str = "mobilenet") -> tuple[dict, dict]:
    """Evaluates packed weights and rewrites their card; returns the scores it had and the card.

    Raises:
        UsageError: `name` is a run, which has no card; or the pictures are not known, see `evaluate_run`.
    """
    from ganzoo.base.errors import UsageError
    from ganzoo.evaluation import evaluate_run
    from ganzoo.export.cards import rescored

    folder = weights.find(name)
    if not weights.is_weights(folder):
        raise UsageError(f"{name} is no weights with a card; give a name or folder of weights")
    before = weights.read_card(folder).get("scores", {})
    return before, rescored(folder, evaluate_run(name, source=source, num=num, features=features))


if __name__ == "__main__":
    main()
