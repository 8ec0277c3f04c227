"""Operations that TensorFlow cannot differentiate, named in a sentence."""

import contextlib

from ganzoo.base.errors import UsageError


@contextlib.contextmanager
def missing_gradients_named():
    """Turns TensorFlow's "gradient registry has no entry" into a UsageError that says what to use instead."""
    try:
        yield
    except LookupError as error:
        raise UsageError(
            "the discriminator has an operation that TensorFlow cannot differentiate, or not twice as a "
            f"gradient penalty needs ({error}); to resize, use keras.layers.UpSampling2D or average pooling"
        ) from None
