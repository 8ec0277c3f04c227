"""Packing the generator of a run, with a card that says what it is."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.archive import sha256_of
from ganzoo.config import Config
from ganzoo.errors import UsageError
from ganzoo.overwrite import refuse_foreign
from ganzoo.paths import expanded
from ganzoo.training import checkpoints, pictures, runs
from ganzoo.training.files import built, write_text
from ganzoo.weights import CARD, CONFIG, FILES, WEIGHTS, halved, is_weights

LIMITS = (
    "It makes what its training pictures resemble and nothing else; it can repeat them, and it has "
    "their period, place and choice of subjects."
)


def pack(
    run: str | Path,
    out: str | Path,
    *,
    checkpoint: str | int = "best",
    about: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Writes the averaged generator of a run, or of other weights, as a folder of weights.

    Args:
        run: a run directory or the name of weights.
        out: the new folder; it is there whole or not at all.
        checkpoint: which state, as for `ganzoo.load`.
        about: what the card shall say besides: `data`, `licence`, `cost`, `scores`, `limits`.
        overwrite: replace a folder of weights that is there.

    Raises:
        RunError: no run, or no such checkpoint. UsageError: `out` is taken.
    """
    out = expanded(out)
    if out.exists() and not (overwrite and is_weights(out)):
        mend = "--overwrite replaces it" if is_weights(out) else "give a folder that does not exist"
        raise UsageError(f"{out} exists already; {mend}")
    if out.exists():
        refuse_foreign(out, FILES)
    if not out.parent.is_dir():
        raise UsageError(f"there is no folder {out.parent}; make it first")
    gan = runs.load(run, checkpoint)
    config = without_place(runs.config_of(run))
    with built(out, allow=lambda path: refuse_foreign(path, FILES)) as folder:
        folder.mkdir()
        runs.write_config(runs.RunPaths(folder), config)
        arrays = {name: halved(array) for name, array in checkpoints.values(gan.sampled_state()).items()}
        with open(folder / WEIGHTS, "wb") as file:
            np.savez(file, **arrays)
        shape = gan.family.batch_spec["image"]
        pictures.save_png(folder / "samples.png", pictures.grid(gan.sample_grid().reshape(-1, *shape), 8))
        card = card_of(config, gan, about or {})
        card["sha256"] = {name: sha256_of(folder / name) for name in (WEIGHTS, CONFIG)}
        write_card(folder, card)
    return out


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes a card for programs and for people."""
    write_text(Path(folder) / CARD, json.dumps(card, indent=1) + "\n")
    write_text(Path(folder) / "CARD.md", as_markdown(card))


def without_place(config: Config) -> Config:
    """The recipe without the folder its pictures lay in, which is its owner's business."""
    source = config.data.source
    if source.startswith("tfds:"):
        return config
    return replace(config, data=replace(config.data, source=Path(source).name))


def card_of(config, gan, about: dict[str, Any]) -> dict[str, Any]:
    """What there is to say about a trained generator."""
    parameters = sum(int(np.prod(v.shape)) for v in gan.generator.trainable_variables)
    return {
        "model": config.model,
        "data": config.data.source,
        "picture": list(config.family.batch_spec["image"]),
        "parameters": parameters,
        "images_seen": int(gan.images_seen.numpy()),
        "seed": config.train.seed,
        "licence": "the training pictures' own; not stated",
        "limits": LIMITS,
        **about,
    }


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
