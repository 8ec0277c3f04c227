"""Spectral normalisation of a whole network, from outside: no layer has to know about it."""

import contextlib

import keras
import numpy as np
import tensorflow as tf

FIRST_ITERATIONS = 15  # at the start, so that the first steps already know the norms


class SpectralNorm:
    """Divides every kernel of a network by its spectral norm, Miyato et al. 2018 (arXiv 1802.05957).

    W_SN = W / sigma(W), sigma(W) = v^T W u, equations 8 and 9, where u and v follow the first
    singular vectors by power iteration (algorithm 1) and count as constants in the gradient.

    The paper's iteration moves with each call of the network; a training step calls the
    discriminator three times or more and would then differ in sigma between its parts.
    Here `advance` moves it, once a step, and calls under `applied` only read it.

    Args:
        network: its kernels, variables of two or more axes, are normalised; biases and the
            scales of normalisation layers are not. The variables themselves stay as they are.
        seed: of the first u.
    """

    def __init__(self, network: keras.Model, seed: int):
        self.network = network
        self.kernels = [v for v in network.trainable_variables if len(v.shape) > 1]
        draws = np.random.default_rng(seed)
        self.vectors = [
            keras.Variable(
                _leading(np.asarray(kernel), draws.standard_normal(kernel.shape[-1])),
                trainable=False,
                dtype="float32",
                aggregation="only_first_replica",
                name=f"spectral_{i:03d}",
            )
            for i, kernel in enumerate(self.kernels)
        ]

    def advance(self) -> None:
        """One power iteration for every kernel."""
        for kernel, vector in zip(self.kernels, self.vectors, strict=True):
            matrix = _matrix(kernel.value)
            left = _unit(tf.linalg.matvec(matrix, vector.value))
            vector.assign(_unit(tf.linalg.matvec(matrix, left, transpose_a=True)))

    @contextlib.contextmanager
    def applied(self):
        """Within it, calls of the network see the normalised kernels; gradients reach the true ones."""
        normalised = []
        for kernel, vector in zip(self.kernels, self.vectors, strict=True):
            matrix, right = _matrix(kernel.value), vector.value
            left = _unit(tf.linalg.matvec(tf.stop_gradient(matrix), right))
            sigma = tf.tensordot(left, tf.linalg.matvec(matrix, right), 1)
            normalised.append((kernel, kernel.value / tf.maximum(sigma, 1e-12)))
        with keras.StatelessScope(normalised) as scope:
            yield
        # The scope held back what layers assign, such as BatchNorm statistics.
        for variable in self.network.non_trainable_variables:
            value = scope.get_current_value(variable)
            if value is not None:
                variable.assign(value)


def _matrix(kernel):
    """A kernel as a matrix (everything else, outputs)."""
    return tf.reshape(kernel, [-1, kernel.shape[-1]])


def _unit(vector):
    return vector / tf.maximum(tf.norm(vector), 1e-12)


def _leading(kernel: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """The right singular vector of the largest singular value, nearly."""
    matrix = kernel.reshape(-1, kernel.shape[-1])
    for _ in range(FIRST_ITERATIONS):
        vector = matrix.T @ (matrix @ vector)
        vector = vector / max(np.linalg.norm(vector), 1e-12)
    return vector.astype(np.float32)
