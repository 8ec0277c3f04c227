"""`ganzoo`: one word for all commands; `ganzoo train --x` is `ganzoo-train --x`, and shares its code."""

import importlib
import importlib.metadata
import os
import platform
import shlex
import sys

from absl import flags

from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.version import __version__
from ganzoo.cli.app import command
from ganzoo.cli.commands import COMMANDS

VERSIONS = ("keras", "tensorflow", "numpy")

ABOUT = """A zoo of GANs for Keras 3 and TensorFlow.

commands:
{commands}

  ganzoo train --model dcgan       the quick recipe on the embedded paintings
  ganzoo train --help              what a command takes
  ganzoo-train                     is the same as ganzoo train, and so are the others"""


def about() -> str:
    """What `ganzoo --help` says."""
    return ABOUT.format(commands="\n".join(f"  {name:<11} {does}" for name, does in COMMANDS.items()))


def define_flags() -> flags.FlagValues:
    """The flags that stand without a command."""
    values = flags.FlagValues()
    flags.DEFINE_bool("version", False, "say which version this is, and of what else", flag_values=values)
    return values


def versions() -> str:
    """A line with the versions that a report of a fault should name."""
    others = [f"{name} {importlib.metadata.version(name)}" for name in VERSIONS]
    return ", ".join([f"ganzoo {__version__}", *others, f"python {platform.python_version()}"])


def main(values: flags.FlagValues, word: str | None = None) -> None:
    """Answers what is no command: a misspelt one, or none."""
    if values.version:
        print(versions())
    elif word is None:
        raise UsageError("say what to do, e.g. ganzoo train --model dcgan (see ganzoo --help)")
    else:
        raise unknown("command", word, COMMANDS)


def run() -> None:
    """Entry point of the console script."""
    asked = os.environ.get("COMP_LINE", "").split()  # by a shell that completes the line
    words = asked[1:] if "_ARGCOMPLETE" in os.environ else sys.argv[1:]
    if "_ARGCOMPLETE" in os.environ and not os.environ["COMP_LINE"][-1:].isspace():
        words = words[:-1]  # the one that is being completed
    if words and words[0] in COMMANDS:
        become(words[0], words[1:])
    if words and words[0].startswith("--") and words[0] not in ("--help", "--version"):
        sys.exit(command("ganzoo", about(), flags.FlagValues(), lambda _: misplaced(words), argv=[]))
    sys.exit(command("ganzoo", about(), define_flags(), main, positional=("[COMMAND]",), argv=words))


def misplaced(words: list[str]) -> None:
    """Raises UsageError for a line that begins with a flag: with the line to type."""
    name = next((word for word in words if word in COMMANDS), "train")
    line = shlex.join(["ganzoo", name, *(word for word in words if word != name)])
    raise UsageError(f"{words[0]} comes after a command: write {line}")


def become(name: str, words: list[str]) -> None:
    """Runs a command as its own program would; does not return."""
    if "_ARGCOMPLETE" in os.environ:  # argcomplete's count of the words that are the program's name
        os.environ["_ARGCOMPLETE"] = "2"
    sys.argv = [f"ganzoo-{name}", *words]
    sys.exit(importlib.import_module(f"ganzoo.cli.{name}").run())


if __name__ == "__main__":
    run()
