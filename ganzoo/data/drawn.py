"""Inputs out of a data set for samples that are to be judged: as they fall there, drawn at random."""

import numpy as np

from ganzoo.data.store import Sides, Store
from ganzoo.family import Family


def drawn_like(values: np.ndarray, num: int, seed: int) -> np.ndarray:
    """`num` of the values, drawn one by one at random, e.g. classes in the proportions of the data's."""
    return np.asarray(values[np.random.default_rng([seed, 4]).integers(0, len(values), num)])


def inputs_like(family: Family, store: Store | Sides, num: int, seed: int) -> dict[str, np.ndarray]:
    """What a model is given for `num` samples, by name `(num, ...)`: inputs of rows drawn at random.

    They are drawn one by one, as those of real examples fall: a perfect conditional generator then scores
    what a perfect unconditional one does. Exact proportions of classes would let it score better than real
    pictures, whose classes vary from one set to the next. Columns that the data lacks are left out.
    """
    draw, found = np.random.default_rng([seed, 4]), {}
    lengths = dict.fromkeys(map(len, store.columns.values()))  # sides differ
    rows = {length: draw.integers(0, length, num) for length in lengths}
    for name in family.inputs:
        if name not in store.columns:
            continue
        column, kind = store.columns[name], store.kinds[name]
        values = np.asarray(column[rows[len(column)]])
        if values.ndim == 2 + len(kind.stored_shape):  # of several an example one
            values = values[np.arange(num), draw.integers(0, values.shape[1], num)]
        found[name] = values
    return found
