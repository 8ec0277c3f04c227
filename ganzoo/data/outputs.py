"""What this package itself writes is never a source's pictures: known by the names that lie together.

Somebody trains in the folder of the pictures, as `--data .` invites to: the run's grids, plots
and films then lie below the source, and so do prepared sets, comparisons and samples.
"""

import re
from collections.abc import Callable, Collection

# Each kind by names that always lie together in it, and together nowhere else.
_FOLDERS = (
    ("a run of ganzoo-train", {"config.toml", "checkpoints"}),
    ("a comparison of ganzoo-compare", {"comparison.json", "runs"}),
    ("a prepared set of ganzoo-prepare", {"store.json", "images.npy"}),
    ("weights of ganzoo-export", {"card.json", "weights.safetensors"}),
    ("weights of ganzoo-export", {"card.json", "weights.npz"}),
    ("a SavedModel", {"saved_model.pb", "variables"}),
)
SAMPLES = "pictures of ganzoo-sample", {"latents.jsonl"}
UNFINISHED = "an unfinished set of ganzoo-prepare"
_PARTIAL = ("partial/lock", "partial/plan")
_DRAWN = (".png", ".webp", ".gif", ".mp4")  # sheets and films of ganzoo-sample, beside a .json
_KIND = b'{"kind": "ganzoo latents'  # how such a .json begins
_NEAREST = "-nearest.png"  # of ganzoo-evaluate, beside a .json
_CACHE_LOCK = re.compile(r"[0-9a-f]{24}\.lock")


def what_wrote(names: Collection[str], exists: Callable[[str], bool]) -> str:
    """What a folder with these names in it is, "" if not ours. `exists(path)` knows what lies deeper."""
    names = set(names)
    for what, marks in (*_FOLDERS, SAMPLES):
        if marks <= names:
            return what
    if "partial" in names and any(map(exists, _PARTIAL)):
        return UNFINISHED
    return ""


def own_files(names: Collection[str], beginning: Callable[[str, int], bytes]) -> set[str]:
    """Which of a folder's files we wrote. `beginning(name, count)` gives the first bytes of one."""
    names, own = set(names), set()
    for name in names:
        stem, dot, ending = name.rpartition(".")
        if _CACHE_LOCK.fullmatch(name):
            own.add(name)
        elif name.endswith(_NEAREST) and f"{name.removesuffix(_NEAREST)}.json" in names:
            own |= {name, f"{name.removesuffix(_NEAREST)}.json"}
        elif (
            f"{dot}{ending}" in _DRAWN
            and f"{stem}.json" in names
            and beginning(f"{stem}.json", len(_KIND)) == _KIND
        ):
            own |= {name, f"{stem}.json"}
    return own
