"""Random draws that a resumed run repeats and that two devices share like one.

Every draw of a training step is a pure function of (seed, step, name). It is made for the
global batch, and each replica takes its own rows, so nothing has to be saved with a
checkpoint and the number of devices changes no number.
"""

import contextlib
import contextvars
import zlib

from ganzoo.base.lazy import tf

# What layers that draw (dropout) draw from: set around each call of a network. A context
# variable, since every replica of a strategy is traced in a thread of its own.
_CURRENT: contextvars.ContextVar = contextvars.ContextVar("draws of the network's call", default=None)


def current_draws() -> "tuple[Draws, str] | None":
    """The draws of the call that a layer is part of and the call's name, or None outside any."""
    return _CURRENT.get()


class Draws:
    """The random numbers of one step.

    Args:
        seed: the run's seed, a Python int.
        step: the step, an int or an int64 tensor.
        replica: this replica's index, an int or an int32 tensor.
        num_replicas: how many replicas share the global batch.
    """

    def __init__(self, seed: int, step=0, replica=0, num_replicas: int = 1):
        self.seed, self.step = seed, step
        self.replica, self.num_replicas = replica, num_replicas

    @contextlib.contextmanager
    def within(self, call: str):
        """Layers that draw take their numbers from here, apart for each `call` of a step."""
        token = _CURRENT.set((self, call))
        try:
            yield
        finally:
            _CURRENT.reset(token)

    def _key(self, name: str):
        # Philox takes two 64-bit words: who draws, and when.
        who = zlib.crc32(f"{self.seed}/{name}".encode())
        return tf.stack([tf.constant(who, tf.int64), tf.cast(self.step, tf.int64)])

    def _mine(self, draw, shape):
        """Draws for the global batch and keeps this replica's rows; `shape[0]` counts those."""
        if self.num_replicas == 1:
            return draw(shape)
        rows = shape[0]
        every = draw([rows * self.num_replicas, *shape[1:]])
        mine = every[self.replica * rows : (self.replica + 1) * rows]
        return tf.ensure_shape(mine, [rows if isinstance(rows, int) else None, *shape[1:]])

    # "philox" and not the default: that one gives other numbers under XLA than without.

    def normal(self, name: str, shape):
        """Standard normal, float32 `shape`, whose first axis is this replica's batch."""
        return self._mine(lambda s: tf.random.stateless_normal(s, self._key(name), alg="philox"), shape)

    def uniform(self, name: str, shape, low: float = 0.0, high: float = 1.0):
        """Uniform in [low, high), float32."""
        return self._mine(
            lambda s: tf.random.stateless_uniform(s, self._key(name), low, high, alg="philox"), shape
        )

    def integers(self, name: str, shape, high: int):
        """Uniform integers in [0, high), int32."""
        return self._mine(
            lambda s: tf.random.stateless_uniform(s, self._key(name), 0, high, tf.int32, alg="philox"), shape
        )
