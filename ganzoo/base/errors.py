"""Errors that a user can mend, and the sentence that says how.

Every message says what was given, what was expected and what to do. The command line
prints it without a traceback and ends with `exit_code`.
"""

from collections.abc import Iterable

from ganzoo.base.peers import nearest
from ganzoo.base.printable import printable


class GanzooError(Exception):
    """Something went wrong that the user can mend; the message says how."""

    exit_code = 1

    def __init__(self, message: object = ""):
        super().__init__(printable(str(message)))  # names out of files stand in it


class UsageError(GanzooError, ValueError):
    """What was asked for makes no sense: a wrong flag, key, value or combination."""

    exit_code = 2


class DataError(GanzooError):
    """The data is missing, empty, unreadable or does not fit the model."""


class RunError(GanzooError):
    """A run directory cannot be used, continued or loaded."""


class Diverged(RunError):
    """Numbers are no longer finite: of a training, or of the pictures that a model makes."""


def unknown(what: str, given: object, known: Iterable[str]) -> UsageError:
    """The error for a name that is not among `known`: the nearest match first, then all."""
    names = sorted(known)
    close = nearest(str(given), names)
    hint = f"did you mean {close!r}? " if close else ""
    return UsageError(f"unknown {what} {given!r}: {hint}known are {', '.join(names) or 'none'}")
