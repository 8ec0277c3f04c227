"""Rows of an evaluation about a model's density: the bound of log p(x), and bits per dimension."""

from collections.abc import Callable

import numpy as np

from ganzoo.density import Density
from ganzoo.metrics.report import Row

LATENTS = 64  # drawn for each picture
MOST = 1_000  # pictures, evenly out of those there are
ELBO, BOUND, BITS = "ELBO", f"IWAE-{LATENTS}", "bits per dimension"


def bound_rows(
    gan,
    images: np.ndarray,
    held_out: bool,
    seed: int = 0,
    watch: Callable[[int, int], None] = lambda *_: None,
) -> list[Row]:
    """The bound of a model with a density in nats a picture, and bits per dimension; of others no rows.

    Args:
        gan: a trained one.
        images: uint8 `(num, height, width, channels)`; of many, `MOST` are taken.
        held_out: whether the model did not learn from them; else the rows say that they flatter.
        seed: of the latents, and of the bits of a Bernoulli likelihood.
        watch: called after some pictures with (pictures done, of how many).
    """
    if not isinstance(gan.family, Density):
        return []
    chosen = np.linspace(0, len(images) - 1, min(MOST, len(images))).round().astype(int)
    found = []
    for part in np.array_split(chosen, -(-len(chosen) // 64)):
        found.append(gan.log_weights(np.asarray(images[part]), LATENTS, seed))
        watch(sum(map(len, found)), len(chosen))
    weights = np.concatenate(found)
    each = {ELBO: weights.mean(axis=1), BOUND: np.logaddexp.reduce(weights, axis=1) - np.log(LATENTS)}
    kind = "held-out" if held_out else "training"
    note = f"mean log probability of {kind} pictures, at least so many nats a picture"
    doubt = (
        "" if held_out else "of pictures that it learned from: those it has not seen are less probable to it"
    )
    rows = [
        Row(
            name,
            float(nats.mean()),
            "higher",
            len(nats),
            standard_error=error_of(nats),
            note=note,
            doubt=doubt,
        )
        for name, nats in each.items()
    ]
    bits = gan.family.bits_per_dimension(float(each[BOUND].mean()))
    rows.append(Row(BITS, bits, "lower", len(chosen), note=f"by {BOUND}, at most", doubt=doubt))
    return rows


def error_of(values: np.ndarray) -> float | None:
    """The standard error of a mean; None of a single value."""
    return float(values.std(ddof=1) / np.sqrt(len(values))) if len(values) > 1 else None
