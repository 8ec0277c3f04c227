"""Mixed precision: which numbers the networks calculate with.

Weights, logits, losses, penalties and pictures stay float32. Within the networks,
`mixed_bfloat16` has float32's range and needs nothing else; `mixed_float16` underflows,
so both players' losses are scaled up before the gradients and those down again after.
"""

import contextlib

from ganzoo.base.errors import unknown
from ganzoo.base.lazy import keras, tf

FLOAT32, BFLOAT16, FLOAT16 = PRECISIONS = ("float32", "mixed_bfloat16", "mixed_float16")


def check(precision: str) -> None:
    """Raises UsageError unless `precision` is one of PRECISIONS."""
    if precision not in PRECISIONS:
        raise unknown("precision", precision, PRECISIONS)


@contextlib.contextmanager
def policy(precision: str):
    """Within `with`, new layers calculate in `precision`; the global policy is as before afterwards."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(precision)
    try:
        yield
    finally:
        keras.config.set_dtype_policy(before)


def loss_scaling(optimizer, precision: str):
    """`optimizer`, for float16 within a dynamic loss scale: a step with an overflow is skipped."""
    if precision != FLOAT16 or isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer
    return keras.optimizers.LossScaleOptimizer(optimizer)


def scale_of(optimizer):
    """By how much the gradients that `optimizer` is given are too large."""
    if isinstance(optimizer, keras.optimizers.LossScaleOptimizer):
        return optimizer.dynamic_scale.value
    return optimizer.loss_scale_factor or 1.0


def in_float32(made: dict) -> dict:
    """What was made, its floating numbers as float32: losses are worked out in it."""
    return tf.nest.map_structure(lambda x: tf.cast(x, tf.float32) if x.dtype.is_floating else x, made)
