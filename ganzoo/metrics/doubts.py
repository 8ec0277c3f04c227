"""Numbers that say little: measures which pictures that resemble nothing would pass as well.

With few pictures the balls around them are wide, and blurred pictures lie in them as well as sharp ones;
pictures that are all alike may lie in one ball; and what resembles no picture copies none.
"""

from collections.abc import Callable

import numpy as np

from ganzoo.base.lazy import tf
from ganzoo.metrics.extract import extract
from ganzoo.metrics.report import Row
from ganzoo.metrics.subsets import Evaluation, Sample

BLOTS = 8  # pixels a side of a blurred picture
SURE = 1_000  # independent pictures a side, from which on blots are not tried
GOOD, SOME, FEW = 0.9, 0.5, 0.1  # of the floor: as good as real, something, almost nothing


def of_shares(
    evaluation: Evaluation, shares: Callable[[Sample, Sample], dict], value: dict, floor: dict
) -> dict[str, str]:
    """Why precision and density say little here, by their names; those that say something are not there.

    Args:
        evaluation: the two sets.
        shares: precision, recall and density, by name, of a set with another.
        value, floor: what they are, by name.
    """
    doubts = {}
    if reaches_nothing(value["recall"], floor["recall"]):
        why = (
            "the generated pictures reach almost nothing of the real variety "
            f"(recall {value['recall']:.2g}): this is no sign of their quality"
        )
        doubts = {name: why for name in ("precision", "density") if value[name] >= SOME * floor[name]}
    high = [name for name in ("precision", "density") if value[name] >= GOOD * floor[name]]
    if high and evaluation.num < SURE and evaluation.space.function is not None:
        of_blots = shares(evaluation.rounds[0].half, blurred(evaluation))
        for name in high:
            if of_blots[name] >= GOOD * floor[name]:
                doubts[name] = (
                    f"real pictures blurred to {BLOTS} x {BLOTS} pixels get {of_blots[name]:.2f} at this N "
                    f"of {evaluation.num}: this is no sign of quality"
                )
    return doubts


def reaches_nothing(recall: float | None, floor: float | None) -> bool:
    """Whether a recall is next to nothing where the real pictures have one."""
    return recall is not None and bool(floor) and recall < FEW * floor


def mark_copies(rows: list[Row]) -> None:
    """Doubts the share of pictures nearer to the training ones where the pictures resemble none."""
    by_name = {row.name: row for row in rows}
    recall, copies = by_name.get("recall"), by_name.get("nearer to training")
    if recall and copies and reaches_nothing(recall.value, recall.floor):
        copies.doubt = (
            f"pictures that reach almost nothing of the real variety (recall {recall.value:.2g}) are near to "
            "no picture: to which they are nearer says nothing of copying"
        )


def blurred(evaluation: Evaluation) -> Sample:
    """The other half of the reals of the first round, reduced to BLOTS pixels a side and enlarged again."""
    images = evaluation.rounds[0].other.images
    small = tf.image.resize(images, (BLOTS, BLOTS), "area")
    large = tf.image.resize(small, images.shape[1:3], "bicubic").numpy()
    images = np.clip(np.rint(large), 0, 255).astype(np.uint8)
    return Sample(extract(images, evaluation.space), images)
