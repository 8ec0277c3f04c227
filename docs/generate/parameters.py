"""How large the models are by their quick recipes, for `ganzoo list`, which cannot wait for TensorFlow."""

import json
from dataclasses import replace

from docs.generate import FAMILIES
from ganzoo import data
from ganzoo.config import quick_recipe, resolve


def text() -> str:
    """The JSON: a number of parameters for each network of each model."""
    return json.dumps({name: sizes(name) for name in FAMILIES}, indent=1) + "\n"


def sizes(name: str) -> dict[str, int]:
    """The parameters of a model's networks, as a run says them before its first step."""
    config = resolve(quick_recipe(name))
    family = config.family
    if any(getattr(family, key) is None for key in family.from_data):
        size, _, channels = family.batch_spec["image"]
        family = family.fit_to_data(data.load(replace(config.data, crop="center"), size, channels))
    networks = {**family.generators(lambda network: 0), **family.discriminators(lambda network: 0)}
    return {player: network.count_params() for player, network in networks.items()}
