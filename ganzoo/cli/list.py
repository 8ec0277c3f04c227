"""`ganzoo list`: the models, recipes and trained weights that there are, with their cost and scores."""

import json
import shutil
import sys
import textwrap

from absl import flags

from ganzoo.base.errors import unknown
from ganzoo.catalogue import PARTS
from ganzoo.cli.app import command

ABOUT = """Shows what there is to choose from, or one part of it: models, recipes or weights. Costs and scores
were measured and stand in the file that is named with them; "-" is not measured.

  ganzoo list
  ganzoo list recipes
  ganzoo list weights --json

FD is a Frechet distance between generated and real pictures, in the features of the network behind the
dash: lower is better, and real pictures against real ones stand beside it."""

NONE = "-"
INDENT = " " * 6


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()
    flags.DEFINE_bool("json", False, "print it as JSON, for programs", flag_values=values)
    return values


def main(values: flags.FlagValues, part: str | None = None) -> None:
    """Prints all parts, or one."""
    if part is not None and part not in PARTS:
        raise unknown("part of the list", part, PARTS)
    chosen = {name: entries() for name, entries in PARTS.items() if part in (None, name)}
    if values.json:
        print(json.dumps(chosen, indent=1))
        return
    width = min(100, shutil.get_terminal_size().columns)
    for place, (name, entries) in enumerate(chosen.items()):
        lines = [line for entry in entries for line in LINES[name](entry, width)]
        print("\n".join([""] * (place > 0) + [HEADINGS[name], *lines]))


HEADINGS = {
    "models": "models: ganzoo train --model NAME, in Python ganzoo.train(NAME)",
    "recipes": "recipes: ganzoo train --config NAME; --model NAME takes the one of the same name",
    "weights": "weights: ganzoo sample NAME, in Python ganzoo.load(NAME)",
}


def model_lines(entry: dict, width: int) -> list[str]:
    """A model as it is shown; its size is that of its quick recipe."""
    sizes = " and ".join(f"{name} {count:,}" for name, count in entry["parameters"].items())
    rows = {"paper": entry["paper"], "takes": entry["takes"], "gives": entry["gives"], "parameters": sizes}
    return block(entry["name"], "", rows, width)


def recipe_lines(entry: dict, width: int) -> list[str]:
    """A recipe as it is shown: its line, what it learns from, what it costs and what comes of it."""
    data = f"{entry['data']}, as {entry['pictures']}; {entry['images']:,} images seen"
    rows = {"data": data, "cost": entry["cost"], "score": entry["score"]}
    if entry["source"]:
        rows["measured"] = f"in {entry['source']}"
    return block(entry["name"], entry["line"], rows, width)


def weights_lines(entry: dict, width: int) -> list[str]:
    """Trained weights as they are shown."""
    learned = f"{entry['pictures']} pictures, learned from {entry['learned_from']}"
    rows = {"size": f"{entry['bytes'] / 1e6:.1f} MB", "score": entry["score"], "licence": entry["licence"]}
    return block(entry["name"], learned, rows, width)


LINES = {"models": model_lines, "recipes": recipe_lines, "weights": weights_lines}


def block(name: str, sentence: str, rows: dict[str, str | None], width: int) -> list[str]:
    """A name, a sentence and named values, each on lines of its own beneath it."""
    lines = [f"  {name}", *textwrap.wrap(sentence, width, initial_indent=INDENT, subsequent_indent=INDENT)]
    for label, value in rows.items():
        first = f"{INDENT}{label:<12}"
        lines += textwrap.wrap(value or NONE, width, initial_indent=first, subsequent_indent=" " * len(first))
    return lines


def run() -> None:
    """Entry point of `ganzoo list`."""
    sys.exit(command("ganzoo list", ABOUT, define_flags(), main, positional=("[PART]",)))


if __name__ == "__main__":
    run()
