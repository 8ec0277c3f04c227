"""The generator one looks at: averaged weights with statistics of their own."""

import functools
import zlib
from collections.abc import Iterator

import numpy as np
import tensorflow as tf

from ganzoo.base.errors import Diverged
from ganzoo.family import Family
from ganzoo.step.draws import Draws
from ganzoo.step.replicas import norms_of

CHUNK = 64  # pictures per call: one traced shape, bounded memory
STANDING_PASSES = 8  # batches of CHUNK latents over which BatchNorm statistics are taken


class Sampler:
    """Plain copies of generators that follow their running averages.

    Averaging the weights of a generator is not enough: BatchNorm statistics averaged in
    the same way do not fit the averaged weights (the pictures turn a flat grey). So they
    are measured anew for the averaged weights, over a fixed number of training-mode
    passes on fixed latents: "standing statistics" (Brock et al. 2018, section 4.2).

    It lives outside any distribution strategy, on one device, and is what `sample`,
    evaluation and export use.
    """

    def __init__(self, family: Family, seed: int):
        self.family, self.seed = family, seed
        self.networks = family.generators(lambda name: seed)
        self._norms = norms_of(*self.networks.values())
        self._images = {}  # by stage
        self._measure = tf.function(self._moments, autograph=False)
        self.fingerprint = None

    def follow(self, weights: list[np.ndarray]) -> None:
        """Takes over the values of the generator's variables; does nothing if they are the same."""
        fingerprint = 0
        for value in weights:
            fingerprint = zlib.crc32(np.ascontiguousarray(value), fingerprint)
        if fingerprint != self.fingerprint:
            variables = [v for network in self.networks.values() for v in network.variables]
            for variable, value in zip(variables, weights, strict=True):
                variable.assign(value)
            self._take_standing_statistics()
            self.fingerprint = fingerprint

    def images(self, latents: np.ndarray, inputs: dict, stage: int = 0, images_seen: int = 0):
        """Pictures for given latents, float32 (num, height, width, channels) in [-1, 1].

        `stage` and `images_seen` say at which moment, see `Family.pictures`.
        """
        return np.concatenate(list(self._chunks(latents, inputs, stage, images_seen)))

    def stream(
        self, latents: np.ndarray, inputs: dict, stage: int = 0, images_seen: int = 0
    ) -> Iterator[np.ndarray]:
        """The pictures of `images`, at most `CHUNK` at a time, for files: the same bits for the same latent.

        A sum's last bits depend on how many rows a matrix has, so every call is given `CHUNK` rows.
        """
        missing, left = -len(latents) % CHUNK, len(latents)

        def filled(rows: np.ndarray) -> np.ndarray:
            return np.concatenate([rows, np.repeat(rows[-1:], missing, axis=0)])

        inputs = {name: filled(value) for name, value in inputs.items()}
        for images in self._chunks(filled(latents), inputs, stage, images_seen):
            yield images[:left]
            left -= len(images)

    def _chunks(self, latents, inputs, stage, images_seen):
        seen, call = tf.constant(images_seen, tf.int64), self.call(stage)
        for start in range(0, len(latents), CHUNK):
            rows = slice(start, start + CHUNK)
            batch = {name: tf.convert_to_tensor(value[rows]) for name, value in inputs.items()}
            images = call(tf.convert_to_tensor(latents[rows]), batch, seen).numpy()
            if not np.isfinite(images).all():
                raise Diverged(
                    "the generator's pictures hold NaN or infinite pixels: it has diverged; take an earlier "
                    "checkpoint"
                )
            yield images

    def call(self, stage: int):
        """The traced function of (latents, inputs, images_seen) that makes a stage's pictures."""
        if stage not in self._images:
            self._images[stage] = tf.function(
                functools.partial(self._call, stage), reduce_retracing=True, autograph=False
            )
        return self._images[stage]

    def _call(self, stage, latents, batch, images_seen):
        latents = latents if self.family.latent_dim else None
        return self.family.show(self.networks, latents, batch, stage, images_seen)

    def _moments(self, step):
        """One training-mode pass; the statistics of this pass alone are left in the layers."""
        draws = Draws(zlib.crc32(b"standing statistics"), step)
        momenta = [layer.momentum for layer in self._norms]
        for layer in self._norms:
            layer.momentum = 0.0  # read while tracing: forget earlier passes
        batch = self.family.draw_inputs(draws, CHUNK)
        with draws.within("generate"):
            latents = self.family.latents(draws, CHUNK)
            self.family.warm(self.networks, latents, batch, draws)
        for layer, momentum in zip(self._norms, momenta, strict=True):
            layer.momentum = momentum

    def _take_standing_statistics(self):
        variables = [v for layer in self._norms for v in (layer.moving_mean, layer.moving_variance)]
        if not variables or not self.family.can_be_drawn:
            return  # of inputs that nothing can make up, the statistics are those that training kept
        sums = [np.zeros(v.shape, np.float64) for v in variables]
        for step in range(STANDING_PASSES):
            self._measure(tf.constant(step, tf.int64))
            for total, variable in zip(sums, variables, strict=True):
                total += variable.numpy()
        for total, variable in zip(sums, variables, strict=True):
            variable.assign(total / STANDING_PASSES)
