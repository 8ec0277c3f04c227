"""The fixed samples of a run's grids: by latents, a row for each class, or beside what they are made from."""

import numpy as np

from ganzoo.data.data_config import DataConfig
from ganzoo.data.order import WORDS
from ganzoo.data.store import Sides, Store
from ganzoo.data.stream import taken
from ganzoo.kinds import Picture
from ganzoo.kinds.kind import Kind

NUM_SAMPLES = 64
MOST_CLASSES = 32  # rows of a grid
COLUMNS = 8
NUM_EXAMPLES = 12  # rows of a panel


def fixed_samples(gan, store: Store | Sides, config: DataConfig, seed: int) -> tuple[np.ndarray, int]:
    """Pictures from fixed latents and inputs, and how many make a row.

    With classes there is a row for each. Of a model whose inputs cannot be drawn at random, each row is an
    example of the data: its inputs as far as they can be shown, what is made of them, and what is there.

    Returns:
        float32 `(num, height, width, channels)` in [-1, 1].
    """
    family = gan.family
    if not family.can_be_drawn:
        return _panel(gan, store, config, seed)
    if family.label is None:
        made = gan.sample(NUM_SAMPLES, seed)
    else:
        classes = range(min(family.label.known(), MOST_CLASSES))
        rows = gan.sample_grid(classes, columns=COLUMNS, seed=seed)
        made = rows.reshape(-1, *rows.shape[2:])
    return family.output.as_pictures(made), COLUMNS


def _panel(gan, store, config, seed) -> tuple[np.ndarray, int]:
    family = gan.family
    num = min(NUM_EXAMPLES, *(len(column) for column in store.columns.values()))
    there = [name for name in family.inputs if name in store.columns]
    given = {name: examples(store, name, num, config, seed) for name in there}
    made = gan.sample(num, seed, **given)
    shown = [shown_as(family.inputs[name], given[name]) for name in given if family.inputs[name].can_be_shown]
    parts = [*shown, family.output.as_pictures(made)]
    beside = [name for name, kind in family.columns.items() if kind == family.output and name not in given]
    if beside and isinstance(store, Store):  # the same example's truth; unpaired sides have none
        parts.append(shown_as(family.output, examples(store, beside[0], num, config, seed)))
    shape = family.output.shown_shape
    parts = [in_colour(part) for part in parts if part.shape[1:3] == shape[:2]]
    return np.stack(parts, axis=1).reshape(-1, *parts[0].shape[1:]), len(parts)


def examples(store: Store | Sides, name: str, num: int, config: DataConfig, seed: int) -> np.ndarray:
    """The values of a column in `num` fixed rows, cut as in training and not varied."""
    own = store.stores[name] if isinstance(store, Sides) else store
    rows = np.sort(np.random.default_rng(seed).permutation(len(own))[:num])
    still = DataConfig(random_crop=config.random_crop)
    return taken(own, name, rows, np.zeros((num, WORDS), np.uint64), still)


def shown_as(kind: Kind, values: np.ndarray) -> np.ndarray:
    """Values of a batch or at rest as pictures, float32 in [-1, 1]."""
    if isinstance(kind, Picture) and values.dtype == np.uint8:
        values = values / np.float32(127.5) - 1
    return kind.as_pictures(values)


def in_colour(images: np.ndarray) -> np.ndarray:
    """Grey pictures `(num, height, width, 1)` with three equal channels, so that all of a row are alike."""
    return np.repeat(images, 3, axis=-1) if images.shape[-1] == 1 else images
