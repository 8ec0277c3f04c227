"""Names of measures and feature spaces, checked before seconds go by."""

from collections.abc import Sequence

from ganzoo.metrics.measures import MEASURES
from ganzoo.metrics.spaces import check_space


def check_names(features: str, measures: Sequence[str] = ()) -> None:
    """Raises UsageError for a feature space or a measure that does not exist; the nearest is named."""
    check_space(features)
    for name in measures:
        MEASURES[name]
