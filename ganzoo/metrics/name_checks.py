"""Names of measures and feature spaces, checked before seconds go by."""

from collections.abc import Sequence

from ganzoo.base.errors import UsageError
from ganzoo.metrics.measures import MEASURES
from ganzoo.metrics.spaces import check_space

FID = ("fid", "frechet_inception_distance")  # what users ask for by name


def check_names(features: str, measures: Sequence[str] = ()) -> None:
    """Raises UsageError for a feature space or a measure that does not exist; the nearest is named."""
    check_space(features)
    for name in measures:
        if name.lower() in FID and name not in MEASURES:
            raise UsageError(
                f"unknown measure {name!r}: only the original Inception network's distance is called FID. "
                "--metrics frechet is the distance in --features; docs/evaluation.md says what to do if a "
                "reviewer wants FID"
            )
        MEASURES[name]
