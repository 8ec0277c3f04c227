"""What is exported: the averaged generator as one plain network, and what it makes of fixed latents."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.version import __version__
from ganzoo.config import Config
from ganzoo.export.formats import UINT8
from ganzoo.export.signature import Signature, signature
from ganzoo.training.trained import find

LEVELS = 127.5  # of uint8, to a unit in [-1, 1]
LEAST = 8  # pictures that are compared, or one of every class


@dataclass(frozen=True)
class Subject:
    """A trained generator and everything a format may want to know.

    Attributes:
        run, checkpoint: where it is from.
        config: of the run.
        network: from the signature's inputs to its output, float32 within.
        signature: names, shapes, dtypes and ranges.
        inputs: fixed ones by name; of a conditional family every class is among them.
        expected: what the run makes of them by `gan.sample`, float32 in [-1, 1].
        images_seen: how far the run had come.
        fingerprint: of the weights.
        unfinished: a sentence if that is not its end, else "".
    """

    run: str | Path
    checkpoint: str | int
    config: Config
    network: keras.Model
    signature: Signature
    inputs: dict[str, np.ndarray]
    expected: np.ndarray
    images_seen: int
    fingerprint: str
    unfinished: str

    def difference(self, found: np.ndarray) -> float:
        """The largest one between `found` and what is expected; infinite for another shape or dtype.

        Of uint8 it is in levels, from where the picture was before it was rounded: half a level is exact.
        """
        if found.shape != self.expected.shape or found.dtype != self.signature.output.dtype:
            return float("inf")
        expected = self.expected.astype(np.float64)
        if found.dtype == np.uint8:
            expected = (expected + 1.0) * LEVELS
        return float(np.abs(found - expected).max())

    def allowed(self, tolerance: float) -> float:
        """What `difference` may be, for a tolerance on pictures in [-1, 1]."""
        return 0.5 + tolerance * LEVELS if self.signature.output.dtype == UINT8 else tolerance

    @cached_property
    def function(self):
        """The network as a `tf.function` of named inputs to `{"images": ...}`, of any batch."""
        return tf.function(
            lambda *inputs: {self.signature.output.name: self.network(list(inputs), training=False)},
            input_signature=self.specs(None),
        )

    def specs(self, batch: int | None) -> list[tf.TensorSpec]:
        """The inputs as TensorFlow has them."""
        return [tf.TensorSpec((batch, *port.shape), port.dtype, port.name) for port in self.signature.inputs]

    def described(self) -> str:
        """What the file is, in a few lines that are put into it."""
        return "\n".join(
            [
                f"Generator of a GAN ({self.config.model}), exported by ganzoo {__version__} "
                f"after {self.images_seen} images (seed {self.config.train.seed}, weights "
                f"{self.fingerprint}).",
                *self.signature.lines(),
            ]
        )


def of(run: str | Path, config: Config, checkpoint: str | int, pixels: str) -> Subject:
    """Loads a run's generator. Raises RunError without a usable checkpoint."""
    trained = find(run)
    gan = trained.load(checkpoint)
    family = gan.family
    about = signature(family, pixels)
    num = max(LEAST, family.label.known() if family.label else 0)
    every_class = {"label": np.arange(num, dtype=np.int32) % family.label.known()} if family.label else {}
    given = gan.inputs(num, **every_class)
    inputs = {"latents": gan.latents(num, seed=0), **given}
    expected = gan.sample(num, seed=0, **given)
    seen, unfinished = int(gan.images_seen.numpy()), trained.unfinished(gan)
    network = _network(gan, about)
    return Subject(
        run, checkpoint, config, network, about, inputs, expected, seen, gan.fingerprint, unfinished
    )


def _network(gan, about: Signature) -> keras.Model:
    """The averaged generator with the signature's names. The copy it is made of calculates in float32."""
    inputs = [keras.Input(port.shape, dtype=port.dtype, name=port.name) for port in about.inputs]
    images = gan.ema_generator(inputs if len(inputs) > 1 else inputs[0], training=False)
    if about.output.dtype == UINT8:  # as ganzoo.pictures.layout.to_uint8
        levels = keras.ops.round((images + 1.0) * LEVELS)
        images = keras.ops.cast(keras.ops.clip(levels, 0.0, 255.0), UINT8)
    return keras.Model(inputs, images, name="generator")
