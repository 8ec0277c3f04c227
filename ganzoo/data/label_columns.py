"""Labels: from columns, folders and dates to class numbers, with rare classes folded."""

import re
from collections import Counter

from ganzoo.data.data_config import DataConfig
from ganzoo.kinds.classes import OTHER

UNLABELLED = "unlabelled"  # a picture that the label's source does not know


def century(date: str) -> str:
    """The century of a date as museums write it: "1889.0", "c.1450", "1503-1506", "19th century".

    The first year counts: 1900 and 1900-05 are of the 19th and 20th century as historians count.
    """
    named = re.search(r"\b(\d{1,2})(?:st|nd|rd|th)\s+c", date)
    year = re.search(r"(?<!\d)(\d{3,4})(?!\d)", date)
    if named:
        number = int(named[1])
    elif year and int(year[1]) > 0:
        number = (int(year[1]) - 1) // 100 + 1
    else:
        return UNLABELLED
    ending = "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending} century"


def fold(labels: list[str], config: DataConfig) -> tuple[tuple[str, ...], list[int], dict[str, int]]:
    """Numbers the classes; rare ones become "other".

    Returns:
        class names in natural order ("9th century" before "10th"), "other" last; the number of each
        label's class; and how many pictures of each folded class went into "other".
    """
    counts = Counter(label or UNLABELLED for label in labels)
    kept = set(counts)
    if config.min_per_class:
        kept = {name for name, count in counts.items() if count >= config.min_per_class}
    if config.top_classes:
        order = sorted(counts, key=lambda name: (-counts[name], name))
        kept = set(order[: config.top_classes])
    folded = {name: counts[name] for name in sorted(set(counts) - kept, key=natural)}
    names = sorted(kept - {OTHER}, key=natural)
    if folded or OTHER in kept:
        names.append(OTHER)
    number = {name: i for i, name in enumerate(names)}
    classes = [number.get(label or UNLABELLED, len(names) - 1) for label in labels]
    return tuple(names), classes, folded


def natural(name: str) -> list:
    """A sort key under which "9th" comes before "10th"."""
    parts = re.split(r"(\d+)", name)
    return [(part.casefold(), 0) if i % 2 == 0 else ("", int(part)) for i, part in enumerate(parts)] + [
        (name, 0)
    ]
