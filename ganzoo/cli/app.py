"""What every command shares: flags, help, errors and exit codes.

absl by itself lists no flags for a console script, ends `--help` with 1 and lets stray
words pass. Here `--help` lists the command's own flags and ends with 0; a wrong flag or
a stray word ends with 2 and names the nearest; a user's mistake is one sentence on
standard error, never a traceback.
"""

import contextlib
import difflib
import json
import os
import sys
from collections.abc import Callable
from typing import Any

from absl import flags

from ganzoo.base import surroundings
from ganzoo.base.counts import parse_count
from ganzoo.base.errors import GanzooError, UsageError
from ganzoo.base.printable import Printable
from ganzoo.base.progress import clear_all
from ganzoo.base.ranges import MOST
from ganzoo.cli.answers import answer
from ganzoo.family import FAMILIES

INTERRUPTED = 130  # what shells report for a command ended by Ctrl-C

MORE = " ...]"  # ends the name of a word that may be said again


def command(
    name: str,
    about: str,
    flag_values: flags.FlagValues,
    main: Callable[..., int | None],
    positional: tuple[str, ...] = (),
    argv: list[str] | None = None,
    help_of: Callable[[str], list[str]] | None = None,
) -> int:
    """Parses the command line and calls `main(flag_values, *words)`; returns the exit code.

    Args:
        name: the command as the user types it.
        about: what it does, shown by `--help`.
        flag_values: the command's own flags.
        main: what to call; may return an exit code, None means 0.
        positional: names of the words that must follow the flags, e.g. `("SOURCE",)`; one in
            brackets may be left out, `[RUN ...]` said again and again.
        argv: the command line without the program's name; default `sys.argv[1:]`.
        help_of: lines that `NAME WORD --help` says besides, of what the word names.
    """
    argv = sys.argv[1:] if argv is None else argv
    if "_ARGCOMPLETE" in os.environ:  # a shell asks how the line may go on, see ganzoo.cli.completion
        from ganzoo.cli.completing import complete

        complete(name, flag_values, positional)
    with _printable_streams():
        try:
            if any(word in ("-h", "-help", "--help", "--helpfull") for word in argv):
                print(_help(name, about, flag_values, positional), flush=True)
                for line in _more(help_of, argv):
                    print(line, flush=True)
                return 0
            words = _parse(name, flag_values, argv, positional)
            surroundings.fit_command()
            return main(flag_values, *words) or 0
        except GanzooError as error:
            clear_all()
            print(f"{name}: {error}", file=sys.stderr)
            return error.exit_code
        except KeyboardInterrupt:
            clear_all()
            print(f"{name}: interrupted", file=sys.stderr)
            return INTERRUPTED
        except BrokenPipeError:  # the reader of our output went away, as with `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1


@contextlib.contextmanager
def _printable_streams():
    """Whatever a command prints, names out of the user's files too, a terminal shows and does not obey."""
    with contextlib.redirect_stdout(Printable(sys.stdout)), contextlib.redirect_stderr(Printable(sys.stderr)):
        yield


class Count(flags.IntegerParser):
    """Reads a flag's whole number as people write them: 100000, 1e5, 100k or 100,000."""

    def convert(self, argument):
        try:
            number = argument if isinstance(argument, int) else parse_count(argument)
        except ValueError as error:
            raise ValueError(f"expected a whole number: {error}") from None
        if abs(number) > MOST:
            raise ValueError(f"expected at most {MOST:,}")
        return number


def define_integer(
    name: str, default: int | None, about: str, flag_values: flags.FlagValues, least=None
) -> None:
    """A flag for a whole number, not below `least`."""
    flags.DEFINE(Count(least), name, default, about, flag_values, flags.ArgumentSerializer())


def define_json(flag_values: flags.FlagValues, about: str = "print a line of JSON at the end") -> None:
    """The flag --json, see `say_json`."""
    about = f"{about}; by itself where standard output is no terminal"
    flags.DEFINE_bool("json", None, about, flag_values=flag_values)


def wants_json(flag_values: flags.FlagValues) -> bool:
    """Whether a line for programs ends the output: as --json says, else where nobody looks at a terminal."""
    asked = flag_values["json"].value
    return not sys.stdout.isatty() if asked is None else asked


def say_json(flag_values: flags.FlagValues, values: dict[str, Any]) -> None:
    """Prints a result as a line of JSON, always the last, if a program is to read it."""
    if wants_json(flag_values):
        print(json.dumps(values), flush=True)


def _parse(
    name: str, flag_values: flags.FlagValues, argv: list[str], positional: tuple[str, ...]
) -> list[str]:
    known = _names(flag_values)
    try:
        words = flag_values([name, *argv])[1:]
    except flags.UnrecognizedFlagError as error:
        hint = answer(name, known, error.flagname, _value_of(error.flagname, argv))
        raise UsageError(f"unknown flag --{error.flagname}: {hint or f'see {name} --help'}") from None
    except flags.IllegalFlagValueError as error:  # flag --images=x: expected ...
        raise UsageError(f"{str(error).removeprefix('flag ')} (see {name} --help)") from None
    except flags.Error as error:
        raise UsageError(f"{error} (see {name} --help)") from None
    takes_more = bool(positional) and positional[-1].endswith(MORE)
    if len(words) > len(positional) and not takes_more:
        stray = words[len(positional)]
        close = difflib.get_close_matches(stray, known, n=1)
        hint = f"did you mean --{close[0]}?" if close else "flags begin with --"
        if "model" in known and stray in FAMILIES:
            hint = f"write --model {stray}"
        raise UsageError(f"stray word {stray!r}: {hint}")
    if len(words) < len(positional) and not positional[len(words)].startswith("["):
        raise UsageError(f"{positional[len(words)]} is missing (see {name} --help)")
    return words


def _value_of(flag: str, argv: list[str]) -> str:
    """What was given with a flag: behind its =, or the next word."""
    for word, following in zip(argv, [*argv[1:], "--"], strict=True):
        bare, equals, value = word.lstrip("-").partition("=")
        if word.startswith("-") and bare == flag:
            return value if equals else "" if following.startswith("--") else following
    return ""


def _names(flag_values: flags.FlagValues) -> list[str]:
    return sorted({flag_values[name].name for name in flag_values})


def group(flag_values: flags.FlagValues, headings: dict[str, str]) -> flags.FlagValues:
    """Puts flags under headings of `--help`, in this order; returns them.

    Args:
        flag_values: all flags of a command.
        headings: the heading and the names of its flags, separated by spaces.
    """
    for place, (heading, names) in enumerate(headings.items()):
        for within, name in enumerate(names.split()):
            flag_values[name].heading, flag_values[name].place = (place, heading), within
    return flag_values


def _help(name: str, about: str, flag_values: flags.FlagValues, positional: tuple[str, ...]) -> str:
    lines = [f"usage: {' '.join([name, *positional])} [flags]", "", about]
    by_heading: dict[tuple[int, str], list[str]] = {}
    for flag in sorted(
        map(flag_values.__getitem__, _names(flag_values)), key=lambda f: getattr(f, "place", 0)
    ):
        by_heading.setdefault(getattr(flag, "heading", (0, "flags")), []).extend(_help_of(flag))
    for _, heading in sorted(by_heading):
        lines += ["", f"{heading}:", *by_heading[_, heading]]
    return "\n".join(lines)


def _more(help_of: Callable[[str], list[str]] | None, argv: list[str]) -> list[str]:
    words = [word for word in argv if not word.startswith("-")]
    return ["", *help_of(words[0])] if help_of and words else []


KINDS = {"string": "TEXT", "int": "NUMBER", "float": "NUMBER", "comma separated list of strings": "A,B,..."}
REPEATED = ";\n    repeat this option"  # how absl goes on after a flag that may be given again


def _help_of(flag: flags.Flag) -> list[str]:
    """A flag's name and value, and beneath a sentence: what it does, if it is repeated, its default."""
    kind, said = flag.flag_type(), flag.help.partition(REPEATED)[0]
    value = KINDS.get(kind.removeprefix("multi "), kind.upper())
    shown = f"--[no]{flag.name}" if kind == "bool" else f"--{flag.name} {value}"
    given = ",".join(map(str, flag.default)) if isinstance(flag.default, list) else flag.default
    default = "" if given is None or given is False or given == "" else f" (default: {given})"
    again = "; repeat it for several" if kind.startswith("multi") else ""
    return [f"  {shown}", f"      {said[0].upper()}{said[1:]}{again}{default}."]
