"""Model cards: what trained weights are, for programs (`card.json`) and for people (`CARD.md`)."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.disk.files import write_text
from ganzoo.weights import CARD, read_card
from ganzoo.weights.places import PRIVATE

LIMITS = (
    "It makes what its training pictures resemble and nothing else; it can repeat them, and it has "
    "their period, place and choice of subjects."
)


def card_of(config, gan, about: dict[str, Any]) -> dict[str, Any]:
    """What there is to say about a trained generator; `config` names no place."""
    parameters = sum(int(np.prod(v.shape)) for v in gan.g_variables)
    sources = config.data.sources
    return {
        "model": config.model,
        "data": " and ".join("private pictures" if each == PRIVATE else each for each in sources),
        "picture": list(config.family.output.shape),
        "parameters": parameters,
        "images_seen": int(gan.images_seen.numpy()),
        "seed": config.train.seed,
        "licence": "the training pictures' own; not stated",
        "limits": LIMITS,
        **about,
    }


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes a card for programs and for people."""
    write_text(Path(folder) / CARD, json.dumps(card, indent=1) + "\n")
    write_text(Path(folder) / "CARD.md", as_markdown(card))


def write_hub_card(folder: Path) -> None:
    """Writes the README.md of a hub's repository: the card, with metadata that the hub's search reads.

    Keys and values are those of https://huggingface.co/docs/hub/model-cards; a licence that is stated in
    words of its own is "other" there.
    """
    card = read_card(folder)
    metadata = {
        "library_name": "ganzoo",
        "pipeline_tag": "unconditional-image-generation",
        "tags": ["gan", "keras", "tensorflow", card["model"]],
        "license": "other",
        "license_name": "see-card",
        "license_link": "README.md",
    }
    how = "import ganzoo\n\ngan = ganzoo.load('hf://ORGANISATION/NAME')\nimages = gan.sample(16, seed=1)"
    lines = [f"{key}: {json.dumps(value)}" for key, value in metadata.items()]  # JSON is YAML
    text = "\n".join(["---", *lines, "---", as_markdown(card), f"```python\n{how}\n```", ""])
    write_text(Path(folder) / "README.md", text)


def rescored(folder: Path, found) -> dict[str, Any]:
    """The card of weights with the scores of an `evaluation.RunReport` of them, all else as it was; written.

    Raises RunError if the weights are damaged, which would be scored as if they were whole.
    """
    card = read_card(folder)
    sums = {"sha256": card["sha256"]}
    card = {**lasting(card), "scores": scores(found.report), "scored": scored(found), **sums}
    write_card(folder, card)
    return card


def lasting(card: dict[str, Any]) -> dict[str, Any]:
    """What a card says for as long as the weights are these: neither scores nor checksums."""
    return {key: value for key, value in card.items() if key not in ("scores", "scored", "sha256")}


def scored(found) -> dict[str, Any]:
    """What the scores are of: enough to take them again."""
    of = found.of
    data = {
        key: of["data"][key] for key in ("split", "pictures", "of_one_picture", "fingerprint", "held_out")
    }
    space, checksum, resize = of["features"]
    return {
        "samples": f"{of['num']}, seed {of['seed']}",
        "features": f"{space} (weights {checksum}), resize {resize}",
        "data": ", ".join(f"{key} {value}" for key, value in data.items() if value is not None),
        "versions": ", ".join(f"{name} {version}" for name, version in of["versions"].items()),
    }


def scores(report) -> dict[str, str]:
    """Each measured number as text: value, floor and ratio at one number of pictures, which is said."""
    return {row.name: in_words(row, report.num_fake) for row in report.rows if row.value is not None}


def in_words(row, num_fake: int) -> str:
    """A row of a report: all of it at one number of pictures."""
    num = f"N = {row.num or num_fake}" + (f" of {row.num_groups} originals" if row.num_groups else "")
    parts = (
        num,
        f"real against real {row.floor:.4g}" if row.floor is not None else "",
        f"ratio {row.ratio:.3g}" if row.ratio is not None else "",
        f"z {row.z:.2g}" if row.z is not None else "",
        f"p {row.p_value:.2g}" if row.p_value is not None else "",
        f"in doubt: {row.doubt}" if row.doubt else "",
    )
    return f"{row.value:.4g} ({'; '.join(filter(None, parts))})"


def as_markdown(card: dict[str, Any]) -> str:
    """The card as people read it."""
    shown = {key: value for key, value in card.items() if key != "sha256"}
    lines = [f"# {shown['model']}: {shown['data']}", "", "![samples](samples.png)", ""]
    for key, value in shown.items():
        if isinstance(value, dict):
            lines += [f"* **{key}**", *(f"    * {name}: {each}" for name, each in value.items())]
        else:
            lines.append(f"* **{key}**: {'x'.join(map(str, value)) if isinstance(value, list) else value}")
    return "\n".join([*lines, "", "The whole recipe is in `config.toml`.", ""])
