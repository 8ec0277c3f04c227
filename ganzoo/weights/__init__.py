"""Trained generators to start from: those inside the package, and those a user was given.

A folder of weights is a run's end in little: `config.toml` (the resolved recipe),
`weights.safetensors` (what `sample` needs, the averaged generator, matrices and kernels in
half precision; and the discriminator, for a training that begins with it), `card.json` (what it
is: data, seed, cost, scores, licence, limits, and the SHA-256 of both files), `CARD.md` and
`samples.png` for people. Those inside the package are named `family/set`, e.g.
`dcgan/paintings`. Nothing in it is pickled. Older folders hold a `weights.npz` in its place, and
are read as ever.
"""

import json
from pathlib import Path
from typing import Any

import ganzoo.models  # noqa: F401  importing a family registers it
from ganzoo.base.errors import RunError, unknown
from ganzoo.base.lazy import LazyModule
from ganzoo.base.paths import expanded
from ganzoo.disk import regular
from ganzoo.family import FAMILIES

archive, np = LazyModule("ganzoo.disk.archive"), LazyModule("numpy")  # importing ganzoo costs nothing
sums, tensors = LazyModule("ganzoo.disk.sums"), LazyModule("ganzoo.disk.tensors")
remote = LazyModule("ganzoo.weights.remote")

HERE = Path(__file__).parent
WEIGHTS, CARD, CONFIG = "weights.safetensors", "card.json", "config.toml"
BEFORE = "weights.npz"  # what WEIGHTS was, in folders that others have published
# All that a folder of weights holds; README.md is the card on a hub.
FILES = (WEIGHTS, BEFORE, CARD, CONFIG, "CARD.md", "README.md", "samples.png")


def list_weights() -> list[str]:
    """The names of the weights inside the package, `family/set` each."""
    return sorted(card.parent.relative_to(HERE).as_posix() for card in HERE.glob(f"*/*/{CARD}"))


def find(word: str | Path) -> Path:
    """The folder that a word means: a run directory, a folder or zip of weights, a name, or an address.

    Addresses are those of `ganzoo.weights.remote`. Raises UsageError, the nearest name in it, for what looks
    like a name and is none; RunError for an address from which nothing comes.
    """
    if remote.is_address(word):
        return remote.fetched(str(word), FILES)
    folder = expanded(word)
    if folder.suffix == remote.ZIP and folder.is_file():
        return remote.unpacked(folder, FILES)
    if folder.exists():
        return folder
    if str(word) in list_weights():
        return HERE / str(word)
    # `family/set`, one slash and a family's name before it, was meant as a name.
    parts = str(word).split("/")
    if len(parts) == 2 and parts[0] in FAMILIES:
        raise unknown("weights", str(word), list_weights())
    return folder  # a folder that is not there: its reader says so


def named(family: str, name: str) -> Path:
    """The folder of `build(family, weights=name)`: a name without its family, or a folder."""
    word = f"{family}/{name}"
    if word in list_weights():
        return HERE / word
    if remote.is_address(name) or is_weights(expanded(name)):
        return find(name)
    raise unknown(f"weights of {family}", name, [n.split("/")[1] for n in list_weights() if _of(n) == family])


def _of(name: str) -> str:
    return name.split("/")[0]


def is_weights(folder: Path) -> bool:
    """Whether `folder` holds weights that were packed, not a run."""
    return (Path(folder) / CARD).is_file()


def read_card(folder: Path) -> dict[str, Any]:
    """The model card. Raises RunError if it is damaged, or the recipe is not the one it describes."""
    path = Path(folder) / CARD
    try:
        card = json.loads(regular.read_text(path))
        known = card["sha256"]
        known[WEIGHTS if WEIGHTS in known else BEFORE], known[CONFIG], int(card["images_seen"])
        recipe_fits = sums.sha256_of(path.with_name(CONFIG)) == known[CONFIG]
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise RunError(f"{path} cannot be read: {type(error).__name__}: {error}") from None
    if not recipe_fits:
        raise RunError(f"{path.with_name(CONFIG)} is damaged: its checksum does not match")
    return card


def read(folder: Path) -> dict[str, "np.ndarray"]:
    """The packed arrays in float32. Raises RunError if they are damaged."""
    arrays = read_packed(folder)
    return {name: a.astype(np.float32) if a.dtype == np.float16 else a for name, a in arrays.items()}


def read_packed(folder: Path) -> dict[str, "np.ndarray"]:
    """The arrays as they are packed. Raises RunError if they are damaged."""
    folder, known = Path(folder), read_card(folder)["sha256"]
    if WEIGHTS in known:
        return tensors.read_tensors(folder / WEIGHTS, known[WEIGHTS])
    return archive.read_arrays(folder / BEFORE, known[BEFORE])


def halved(array: "np.ndarray") -> "np.ndarray":
    """Matrices and kernels in half precision; vectors, which are few, and counters as they are."""
    if array.dtype != np.float32 or array.ndim < 2:
        return array
    half = array.astype(np.float16)
    return half if np.isfinite(half).all() else array
