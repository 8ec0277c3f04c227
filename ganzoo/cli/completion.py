"""`ganzoo completion bash`: the script that lets a shell complete the commands' words."""

import sys

from absl import flags

from ganzoo.base.errors import unknown
from ganzoo.cli.app import command
from ganzoo.cli.commands import PROGRAMS
from ganzoo.cli.completing import SHELLS

ABOUT = """Prints a script with which bash, zsh or fish complete the commands' words: commands, flags, models,
recipes, runs and weights.

  source <(ganzoo completion bash)                                     for this shell
  echo 'source <(ganzoo completion bash)' >> ~/.bashrc                 for every shell
  echo 'source <(ganzoo completion zsh)' >> ~/.zshrc                   after compinit
  ganzoo completion fish > ~/.config/fish/completions/ganzoo.fish"""

FLAGS = flags.FlagValues()


def main(values: flags.FlagValues, shell: str) -> None:
    """Prints the script for a shell."""
    import argcomplete

    if shell not in SHELLS:
        raise unknown("shell", shell, SHELLS)
    programs = ["ganzoo", *(f"ganzoo-{name}" for name in PROGRAMS)]
    print(argcomplete.shellcode(programs, shell=shell))


def run() -> None:
    """Entry point of `ganzoo completion`."""
    sys.exit(command("ganzoo completion", ABOUT, FLAGS, main, positional=("SHELL",)))


if __name__ == "__main__":
    run()
