"""Whole numbers as people write them: 100000, 1e5, 100k, 1.5M, 100,000, 100_000."""

import re
from decimal import Decimal

FACTORS = {"k": 10**3, "K": 10**3, "M": 10**6}
SPELLINGS = "100000, 1e5, 100k or 100,000"
MOST_DIGITS = 30  # Decimal would write 1e999999999 out


def parse_count(text: str) -> int:
    """The whole number that `text` means.

    Raises:
        ValueError: if it means none, or two: in 100.000 the point is a comma to some people. It says
            what to write, e.g. "write 100000 or 100".
    """
    word = text.strip()
    if re.fullmatch(r"[+-]?\d{1,3}(\.\d{3})+", word):
        plain = word.replace(".", "")
        raise ValueError(f"write {plain} or {int(Decimal(word))}")
    factor = FACTORS.get(word[-1:], 1)
    digits = word if factor == 1 else word[:-1].rstrip()
    if re.fullmatch(r"[+-]?\d{1,3}([,_' ]\d{3})+", digits):
        digits = re.sub(r"[,_' ]", "", digits)
    elif re.search(r"[^\d.eE+-]", re.sub(r"(?<=\d)_(?=\d)", "", digits)):  # no nan
        raise ValueError(f"write {SPELLINGS}")
    try:
        number = Decimal(digits) * factor
    except ArithmeticError:
        raise ValueError(f"write {SPELLINGS}") from None
    if not number.is_finite() or abs(number.adjusted()) > MOST_DIGITS or number != int(number):
        raise ValueError(f"write {SPELLINGS}")
    return int(number)
