"""Packing the generator of a run, with a card that says what it is."""

from pathlib import Path
from typing import Any

from ganzoo.base.errors import UsageError
from ganzoo.base.paths import expanded
from ganzoo.disk.files import built
from ganzoo.disk.overwrite import refuse_foreign
from ganzoo.disk.sums import sha256_of
from ganzoo.disk.tensors import write_tensors
from ganzoo.export.cards import card_of, lasting, write_card
from ganzoo.training import checkpoints, kept, run_pictures, runs
from ganzoo.training.trained import find
from ganzoo.weights import CONFIG, FILES, WEIGHTS, halved, is_weights
from ganzoo.weights.places import without_places


def pack(
    run: str | Path,
    out: str | Path,
    *,
    checkpoint: str | int = "best",
    discriminator: bool = True,
    about: dict[str, Any] | None = None,
    overwrite: bool = False,
) -> Path:
    """Writes the averaged generator of a run, or of other weights, as a folder of weights.

    Nothing in it says where on this machine the run or its pictures lie.

    Args:
        run: a run directory or the name of weights.
        out: the new folder; it is there whole or not at all.
        checkpoint: which state, as for `ganzoo.load`.
        discriminator: whether discriminators come along, to begin another training with; they count for
            nothing in drawing. A state without trained ones has none to give.
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
    trained = find(run)
    gan, config = trained.load(checkpoint), without_places(trained.config)
    with built(out, allow=lambda path: refuse_foreign(path, FILES)) as folder:
        folder.mkdir()
        runs.write_config(runs.RunPaths(folder), config)
        state = gan.sampled_state()
        if discriminator and trained.has_discriminators(checkpoint):
            state |= gan.judging_state()
        arrays = {name: halved(array) for name, array in checkpoints.values(state).items()}
        card = card_of(config, gan, about or {})
        if size := size_of_discriminators(arrays):
            card["discriminator"] = f"packed, {size / 1e6:.1f} MB, to begin another training with"
        write_tensors(folder / WEIGHTS, arrays, lasting(card))
        if gan.family.can_be_drawn and gan.family.output.can_be_shown:
            made = gan.sample_grid()
            pictures = gan.family.output.as_pictures(made.reshape(-1, *made.shape[2:]))
            run_pictures.save_png(folder / "samples.png", run_pictures.grid(pictures, 8))
        card["sha256"] = {name: sha256_of(folder / name) for name in (WEIGHTS, CONFIG)}
        write_card(folder, card)
    return out


def size_of_discriminators(arrays: dict[str, Any]) -> int:
    """The bytes of packed arrays that are discriminators'."""
    return sum(array.nbytes for name, array in arrays.items() if name.startswith(kept.JUDGING))
