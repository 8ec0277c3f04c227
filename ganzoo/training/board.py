"""The run for TensorBoard: scalars and sample grids over images seen."""

from pathlib import Path

import numpy as np
import tensorflow as tf


class Board:
    """Writes TensorBoard events into a folder."""

    def __init__(self, folder: Path):
        self._writer = tf.summary.create_file_writer(str(folder))

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

    def close(self) -> None:
        """Writes out what is still in memory."""
        self._writer.close()
