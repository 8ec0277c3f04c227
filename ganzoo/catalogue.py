"""What there is to choose from: models, recipes and trained weights, with what was measured of each.

Nothing is computed here, and neither TensorFlow nor NumPy is imported: costs and scores stand in the
recipes' [about] and on the weights' cards, and how large the models are in a file that
`python -m docs.generate` writes.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

from ganzoo import weights as _weights
from ganzoo.config import list_recipes, quick_recipe, read_about, read_recipe, recipe_folder, resolve
from ganzoo.data.sources import counted
from ganzoo.family import FAMILIES
from ganzoo.zoo import list_models

PARAMETERS = Path(__file__).parent / "models" / "parameters.json"


def models() -> list[dict[str, Any]]:
    """Each model by name, with its paper, what it takes and gives, and its size by its quick recipe.

    Returns:
        Dicts of `name`, `paper`, `takes`, `gives` (texts) and `parameters` (a number by network, {} where
        none was noted, as of a family of one's own).
    """
    found = []
    for name in list_models():
        family = resolve(quick_recipe(name)).family
        noise = [f"{family.latent_dim} random numbers"] if family.latent_dim else []
        takes = [*noise, *(kind.describe().partition(":")[0] for kind in family.inputs.values())]
        found.append(
            {
                "name": name,
                "paper": FAMILIES[name].paper,
                "parameters": _parameters().get(name, {}),
                "takes": " and ".join(takes),
                "gives": f"{_size(family.output.shape)} {family.output.word}s",
            }
        )
    return found


def recipes() -> list[dict[str, Any]]:
    """Each recipe by name: the first sentence of its head, its model, data and budget, cost and score.

    Returns:
        Dicts of `name`, `line`, `model`, `data`, `pictures` (a size), `images` (the budget), and `cost`,
        `score` and `source` (where both stand), which are None where nothing was measured.
    """
    found = []
    for name in list_recipes():
        config, about = resolve(read_recipe(name), name), read_about(name)
        measured = {key: about.get(key) for key in ("cost", "score", "source")}
        if "weights" in about:
            card = weights_card(about["weights"])
            measured = {key: card[key] for key in ("cost", "score")} | {
                "source": f"the card of {about['weights']}"
            }
        found.append(
            {
                "name": name,
                "line": first_sentence((recipe_folder() / f"{name}.toml").read_text(encoding="utf-8")),
                "model": config.model,
                "data": config.data.source,
                "pictures": _size(config.family.output.shape),
                "images": config.train.images,
                **measured,
            }
        )
    return found


def weights() -> list[dict[str, Any]]:
    """Each of the package's trained weights by name, as its card describes it.

    Returns:
        Dicts as of `weights_card`.
    """
    return [weights_card(name) for name in _weights.list_weights()]


PARTS = {"models": models, "recipes": recipes, "weights": weights}


def weights_card(name: str) -> dict[str, Any]:
    """What the card of weights says that one chooses by.

    Returns:
        `name`, `pictures` (a size), `bytes` (of the file), `score` (a Frechet distance beside its
        real-against-real floor), `learned_from` (how many pictures), `cost`, `licence`.
    """
    folder = _weights.find(name)
    card = _weights.read_card(folder)
    score = next((f"{key} {said}" for key, said in card["scores"].items() if key.startswith("FD-")), None)
    counts = {
        key: int(number)
        for key, number in re.findall(r"\b(pictures|of_one_picture) (\d+)", card["scored"]["data"])
    }
    return {
        "name": name,
        "pictures": _size(card["picture"]),
        "bytes": (folder / _weights.WEIGHTS).stat().st_size,
        "score": score,
        "learned_from": counted(counts["pictures"], counts.get("of_one_picture", 1), card["data"]),
        "cost": card["cost"],
        "licence": card["licence"],
    }


def first_sentence(toml: str) -> str:
    """The first sentence of the comment that a recipe begins with; "" without one."""
    lines = []
    for line in toml.splitlines():
        if not line.startswith("# "):
            break
        lines.append(line[2:])
    said = " ".join(lines)
    return said[: match.start()] if (match := re.search(r"\.(\s|$)", said)) else said


@cache
def _parameters() -> dict[str, dict[str, int]]:
    return json.loads(PARAMETERS.read_text(encoding="utf-8")) if PARAMETERS.is_file() else {}


def _size(shape) -> str:
    """A shape as it is written: 64x64x3."""
    return "x".join(map(str, shape))
