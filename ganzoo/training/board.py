"""The run for TensorBoard: scalars and sample grids over images seen."""

from pathlib import Path

import numpy as np
import tensorflow as tf


class Board:
    """Writes TensorBoard events into a folder, which is not touched before the first of them."""

    def __init__(self, folder: Path):
        self._folder, self._opened = folder, None

    @property
    def _writer(self):
        if self._opened is None:
            self._opened = tf.summary.create_file_writer(str(self._folder))
        return self._opened

    def scalars(self, values: dict[str, float], images_seen: int) -> None:
        """Numbers at a moment of training."""
        with self._writer.as_default(step=images_seen):
            for name, value in values.items():
                tf.summary.scalar(name, value)

    def image(self, name: str, picture: np.ndarray, images_seen: int) -> None:
        """A picture, uint8 `(height, width, 3)`."""
        with self._writer.as_default(step=images_seen):
            tf.summary.image(name, picture[None])
        self._writer.flush()

    def hyperparameters(self, tables: dict) -> None:
        """The resolved recipe, for the tab of that name."""
        from tensorboard.plugins.hparams import api

        flat = {
            f"{table}.{name}" if isinstance(values, dict) else table: value
            for table, values in tables.items()
            for name, value in (values.items() if isinstance(values, dict) else ((None, values),))
        }
        simple = {k: v if isinstance(v, bool | int | float | str) else str(v) for k, v in flat.items()}
        with self._writer.as_default(step=0):
            api.hparams(simple)

    def close(self) -> None:
        """Writes out what is still in memory."""
        self._writer.close()
