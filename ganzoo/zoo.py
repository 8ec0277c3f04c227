"""From a name and arguments to a compiled GAN."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ganzoo.models  # noqa: F401  importing a family registers it
from ganzoo import weights as _weights
from ganzoo.base.arguments import field_names, make, plain
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.lazy import import_tensorflow_quietly
from ganzoo.config import recipe_for, resolve
from ganzoo.family import FAMILIES, Family, objective_for
from ganzoo.objective import Objective


def list_models() -> list[str]:
    """The names that `build` takes."""
    return sorted(FAMILIES)


def build(
    model: str,
    *,
    recipe: str | Path | None = None,
    weights: str | Path | Mapping[str, float] | None = None,
    seed: int | None = None,
    precision: str | None = None,
    sync_batchnorm: bool | None = None,
    **arguments: Any,
):
    """A compiled `ganzoo.GAN`, ready for `fit`.

    By itself it has the settings of the family's paper. The recipe of the same name, which
    `ganzoo-train --model NAME` and `ganzoo.train(NAME)` train by, was chosen for a few minutes on a
    laptop and differs from them: `build(NAME, recipe=NAME)` gives what those begin with.

    Args:
        model: a name out of `list_models()`.
        recipe: take the settings of this recipe, a name out of `list_recipes()` or a path, for what is
            not said here; how long to train and on what data is no part of a model.
        weights: begin with this trained generator: a name out of `list_weights()` without the
            family, or a folder that `ganzoo-export --format weights` wrote. Architecture and images
            seen are then the weights' own; the discriminator is theirs, or a new one if they have none. A
            dict is something else, as in a recipe: how much each of the family's own terms of the loss
            counts, e.g. `{"cycle": 5.0}`.
        seed: of the initial weights and every random draw in training; default 0.
        precision: float32 (the default), mixed_bfloat16 or mixed_float16; the global Keras policy is
            left alone.
        sync_batchnorm: under a strategy, take BatchNorm's statistics over all devices.
        **arguments: the family's own (`image_size`, `width`, ...: the fields of its
            dataclass) and those of its training (`loss`, `learning_rate`, ...: the fields of
            `ganzoo.objective.Objective`). Defaults are the family's paper's, or the recipe's.

    Raises:
        UsageError: for an unknown name or argument, or a value that does not fit.
        RunError: if the weights are damaged.
    """
    FAMILIES[model]  # an unknown name is answered first
    if isinstance(weights, Mapping):
        arguments, weights = {**arguments, "weights": dict(weights)}, None
    elif not isinstance(weights, str | Path | None):
        raise UsageError(
            f"weights is {weights!r}, but must be the name or folder of trained weights, or a dict of how "
            "much the loss's terms count"
        )
    own, about = ({}, {}) if recipe is None else of_recipe(model, str(recipe))
    given = {"seed": seed, "precision": precision, "sync_batchnorm": sync_batchnorm}
    about |= {name: value for name, value in given.items() if value is not None}
    arguments = {**own, **arguments}
    folder = None if weights is None else _weights.named(model, str(weights))
    if folder is not None:
        arguments = {**_architecture(model, folder, arguments), **arguments}
    family, objective = split(model, arguments)
    import_tensorflow_quietly()
    from ganzoo.gan import GAN

    gan = GAN(family, **about)
    gan.compile(objective)
    if folder is not None:
        from ganzoo.training.kept import take_packed

        take_packed(gan, _weights.read(folder))
    return gan


OF_THE_MODEL = ("seed", "precision", "sync_batchnorm")  # arguments of [train] that a GAN is made with


def of_recipe(model: str, recipe: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a recipe says of its model and objective, and of `OF_THE_MODEL`; it must be for `model`."""
    tables = recipe_for(model, recipe)
    resolve(tables, f"the recipe {recipe}")  # what is wrong in it is said with its name
    train = tables.get("train", {})
    own = {name: value for name, value in tables["model"].items() if name != "name"}
    own |= {name: train[name] for name in field_names(Objective) if name in train}
    own |= {"loss": tables["loss"]} if "loss" in tables else {}
    return own, {name: train[name] for name in OF_THE_MODEL if name in train}


def _architecture(model: str, folder, arguments: dict[str, Any]) -> dict[str, Any]:
    """The family's arguments that weights were trained with; refuses others."""
    from ganzoo.training.trained import find

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
