"""From a name and arguments to a compiled GAN."""

from typing import Any

import ganzoo.models  # noqa: F401  importing a family registers it
from ganzoo import weights as _weights
from ganzoo.base.arguments import field_names, make, plain
from ganzoo.base.errors import UsageError, unknown
from ganzoo.family import FAMILIES, Family, objective_for
from ganzoo.objective import Objective


def list_models() -> list[str]:
    """The names that `build` takes."""
    return sorted(FAMILIES)


def build(
    model: str,
    *,
    weights: str | None = None,
    seed: int = 0,
    precision: str = "float32",
    sync_batchnorm: bool = False,
    **arguments: Any,
):
    """A compiled `ganzoo.GAN`, ready for `fit`.

    Args:
        model: a name out of `list_models()`.
        weights: begin with this trained generator: a name out of `list_weights()` without the
            family, or a folder that `ganzoo-export --format weights` wrote. Architecture and images
            seen are then the weights' own; the discriminator is a new one.
        seed: of the initial weights and every random draw in training.
        precision: float32, mixed_bfloat16 or mixed_float16; the global Keras policy is left alone.
        sync_batchnorm: under a strategy, take BatchNorm's statistics over all devices.
        **arguments: the family's own (`image_size`, `width`, ...: the fields of its
            dataclass) and those of its training (`loss`, `learning_rate`, ...: the fields of
            `ganzoo.objective.Objective`). Defaults are the family's paper's.

    Raises:
        UsageError: for an unknown name or argument, or a value that does not fit.
        RunError: if the weights are damaged.
    """
    FAMILIES[model]  # an unknown name is answered first
    folder = None if weights is None else _weights.named(model, weights)
    if folder is not None:
        arguments = {**_architecture(model, folder, arguments), **arguments}
    family, objective = split(model, arguments)
    from ganzoo.gan import GAN

    gan = GAN(family, seed=seed, precision=precision, sync_batchnorm=sync_batchnorm)
    gan.compile(objective)
    if folder is not None:
        from ganzoo.training.kept import take_generator

        take_generator(gan, _weights.read(folder))
    return gan


def _architecture(model: str, folder, arguments: dict[str, Any]) -> dict[str, Any]:
    """The family's arguments that weights were trained with; refuses others."""
    from ganzoo.trained import find

    config = find(folder).config
    if config.model != model:
        raise UsageError(f"the weights in {folder} are of a {config.model}, not of a {model}")
    own = plain(config.family)
    for name, value in arguments.items():
        if name in own and own[name] != value:
            raise UsageError(
                f"{name} is {value!r}, but the weights were trained with {own[name]!r}; leave {name} out"
            )
    return own


def split(model: str, arguments: dict[str, Any]) -> tuple[Family, Objective]:
    """The family and the objective that `build(model, **arguments)` means; imports no TensorFlow."""
    cls = FAMILIES[model]
    of_family, of_objective = field_names(cls), field_names(Objective)
    for name in arguments:
        if name not in of_family and name not in of_objective:
            raise unknown(f"argument of {model}", name, [*of_family, *of_objective])
    family = make(cls, {k: v for k, v in arguments.items() if k in of_family}, model)
    return family, objective_for(family, {k: v for k, v in arguments.items() if k in of_objective}, model)
