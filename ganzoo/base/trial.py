"""Shorter trainings to try commands out: the environment variable GANZOO_SHORTER.

`GANZOO_SHORTER=1000 ganzoo-train --model dcgan` trains for a thousandth of the images and minutes that the
command or its recipe asks for. Everything else is as without it: a page of commands can be tried in minutes.
"""

import math
import os

from ganzoo.base.errors import UsageError

VARIABLE = "GANZOO_SHORTER"


def divisor() -> float:
    """By how much trainings are shorter than asked for: 1 where the variable is not set.

    Raises:
        UsageError: it is no number of 1 or more.
    """
    text = os.environ.get(VARIABLE, "") or "1"
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 1 <= number < math.inf:
        raise UsageError(f"{VARIABLE} is {text!r}: expected a number of 1 or more, e.g. 1000, or unset it")
    return number


def shorter(images: int) -> int:
    """`images` under the variable, at least one."""
    by = divisor()
    return images if by == 1 else max(1, round(images / by))


def note() -> str | None:
    """A sentence that says so where trainings are shorter than asked for."""
    by = divisor()
    return None if by == 1 else f"{VARIABLE}={by:g}: trained for a {by:g}th of what is asked for, as a trial"
