"""Layers that stay what they began as: the first ones of discriminators, in tuning trained weights."""

from collections.abc import Mapping

import keras

from ganzoo.base.errors import UsageError


def freeze_first(discriminators: Mapping[str, keras.Model], num: int) -> None:
    """Makes the first `num` blocks of each discriminator untrainable and all others trainable.

    A frozen batch normalisation keeps its statistics, too, and normalises by them.

    Raises:
        UsageError: for as many blocks as there are: a discriminator that cannot learn is no opponent.
    """
    for name, network in discriminators.items():
        found = blocks(network)
        if num >= len(found) > 0 and num:
            raise UsageError(
                f"freeze_d is {num}, but the {name} has {len(found)} layers with kernels, and the last has "
                f"to learn; give at most {len(found) - 1}"
            )
        for i, block in enumerate(found):
            for layer in block:
                layer.trainable = i >= num


def blocks(network: keras.Model) -> list[list[keras.layers.Layer]]:
    """The layers with weights from input to output, each that has a kernel with those without behind it."""
    found: list[list[keras.layers.Layer]] = []
    for layer in network.layers:
        if not layer.weights:
            continue
        if not found or any(len(weight.shape) > 1 for weight in layer.weights):
            found.append([])
        found[-1].append(layer)
    return found
