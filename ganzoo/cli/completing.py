"""Answers to a shell that asks how a command's line may go on: flags, and what they may be given.

The scripts that ask are argcomplete's, see `ganzoo.cli.completion`; they ask the command itself whenever
Tab is pressed, so that they never fall behind its flags, and are offered the recipes, weights and runs that
there are at that moment.
"""

import argparse
import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from absl import flags

from ganzoo.catalogue import PARTS
from ganzoo.cli.commands import COMMANDS
from ganzoo.config import list_recipes
from ganzoo.data.sources import PAINTINGS
from ganzoo.family import FAMILIES
from ganzoo.settings import known_paths
from ganzoo.step.precision import PRECISIONS
from ganzoo.training.devices import KINDS
from ganzoo.training.strategies import NAMES
from ganzoo.weights import list_weights

SHELLS = ("bash", "zsh", "fish")


def complete(name: str, flag_values: flags.FlagValues, positional: tuple[str, ...]) -> None:
    """Tells the shell that asks how a command's line may go on, and ends the process.

    Args:
        name: of the command, e.g. "ganzoo-train".
        flag_values: its flags.
        positional: the words that it takes besides.
    """
    import argcomplete

    parser = argparse.ArgumentParser(name, add_help=False)
    parser.add_argument("--help", action="store_true", help="what it takes")
    for flag in {flag_values[each].name: flag_values[each] for each in flag_values}.values():
        _add(parser, flag)
    for word in positional:
        argument = parser.add_argument(word, nargs="?")
        argument.completer = _completer(WORDS.get(word.strip("[]")))
    argcomplete.autocomplete(parser, always_complete_options=False if positional else "long")


def _add(parser: argparse.ArgumentParser, flag: flags.Flag) -> None:
    said = flag.help.partition("\n")[0]
    if flag.flag_type() == "bool":
        names = [f"--{flag.name}"] + ([] if flag.default is False else [f"--no{flag.name}"])
        parser.add_argument(*names, action="store_true", help=said)
        return
    argument = parser.add_argument(f"--{flag.name}", action="append", help=said)
    takes_text = flag.flag_type() in ("string", "multi string")
    argument.completer = _completer(VALUES.get(flag.name, FILE if takes_text else Values()))


@dataclass(frozen=True)
class Values:
    """What a word may be: the names that a function lists, and files."""

    names: Callable[[], Iterable[str]] = tuple
    or_file: bool = False


FILE = Values(or_file=True)


def _completer(values: Values | None) -> Callable:
    from argcomplete.completers import FilesCompleter

    values, files = values or FILE, FilesCompleter()

    def completer(prefix, **_):
        found = [each for each in values.names() if each.startswith(prefix)]
        others = files(prefix) if values.or_file else []
        return [*found, *(each for each in others if each.rstrip("/") not in found)]

    return completer


def _trained() -> list[str]:
    """What a word RUN may be: weights by name, and runs where `ganzoo-train` puts them."""
    return [*list_weights(), *(path.parent.as_posix() for path in sorted(Path("runs").glob("*/config.toml")))]


def _features() -> Iterable[str]:
    from ganzoo.metrics.spaces import SPACES

    return SPACES


def _checkpoints() -> Iterable[str]:
    from ganzoo.training.kept import BEST, LAST

    return BEST, LAST


def _formats() -> Iterable[str]:
    """Of exports and of single pictures: which of both, the command says."""
    from ganzoo.export.formats import FORMATS as exports
    from ganzoo.pictures.picture_files import FORMATS as pictures

    return pictures if "sample" in os.environ["COMP_LINE"] else exports


VALUES = {
    "model": Values(lambda: FAMILIES),
    "models": Values(lambda: FAMILIES),
    "config": Values(list_recipes, or_file=True),
    "recipes": Values(list_recipes, or_file=True),
    "data": Values(lambda: (PAINTINGS,), or_file=True),
    "set": Values(lambda: [f"{path}=" for path in known_paths()]),
    "vary": Values(lambda: [f"{path}=" for path in known_paths()]),
    "precision": Values(lambda: PRECISIONS),
    "strategy": Values(lambda: NAMES),
    "device": Values(lambda: KINDS),
    "devices": Values(lambda: KINDS),
    "checkpoint": Values(_checkpoints),
    "crop": Values(lambda: ("center", "none", "random:8")),
    "features": Values(_features),
    "format": Values(_formats),
}
WORDS = {
    "RUN": Values(_trained, or_file=True),
    "RUN|WEIGHTS": Values(_trained, or_file=True),
    "COMMAND": Values(lambda: COMMANDS),
    "PART": Values(lambda: PARTS),
    "SHELL": Values(lambda: SHELLS),
}
