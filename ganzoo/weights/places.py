"""What a recipe says of its owner's machine, left out of everything that is given away.

Weights, exports, cards and the page of a comparison leave the machine: no path, folder or file
name of it goes with them. And weights come from strangers: nothing that their recipe says
decides where anything is read from or written to.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

from ganzoo.config import NOTHING, Config
from ganzoo.data.sources import is_embedded, is_public
from ganzoo.weights import list_weights

PRIVATE = "(private)"  # stands for a folder or file, in recipes that are given away
ELSEWHERE = "[...]"  # stands for a path in a sentence
REST = r"""[^\s'"`,;:()<>|]*[^\s'"`,;:()<>|.]"""  # of a path, which no sentence ends
# From the root, a home or a drive on, but not what follows a word or an address: "images/s", "https://...".
PATH = re.compile(rf"(?<![\w:/.\]~-])(?:~\w*/|/|[A-Za-z]:[\\/]){REST}")


def public_source(source: str) -> str:
    """What may be said of where pictures come from: the name of a public set, or that it is private."""
    return source if is_public(source) else PRIVATE


def without_places(config: Config) -> Config:
    """The recipe as it is given away: without its owner's folders and files."""
    return _placed(config, public_source)


def public_name(word: str | Path, config: Config) -> str:
    """What a trained model may be called elsewhere: weights of the package or a hub by name."""
    return str(word) if is_public_name(str(word)) else config.model


def is_public_name(word: str) -> bool:
    """Whether a word for weights says nothing of this machine: a name of the package's, or of a hub."""
    return word in list_weights() or word.startswith("hf://")


def of_a_stranger(config: Config) -> Config:
    """The recipe of weights, which anyone may have written: it may name embedded pictures alone."""
    return _placed(config, lambda source: source if is_embedded(source) else PRIVATE)


def _placed(config: Config, source_of: Callable[[str], str]) -> Config:
    """The recipe with other sources, those of both sides too, and no other place."""
    data = config.data
    gone = ("labels_csv", "cache_dir")
    sides = {
        name: {k: v for k, v in own.items() if k not in gone} | {"source": source_of(own["source"])}
        for name in "ab"
        if (own := getattr(data, name)) is not None
    }
    without = dict.fromkeys(gone)
    begun = config.train.begin_with
    if begun != NOTHING and not is_public_name(begun):
        config = replace(config, train=replace(config.train, begin_with=PRIVATE))
    return replace(config, data=replace(data, source=source_of(data.source), **without, **sides))


def without_paths(text: str, known: Mapping[str, str] | None = None) -> str:
    """A sentence without the paths in it; `known` ones, relative ones too, and what stands for each."""
    for path, word in sorted((known or {}).items(), key=lambda pair: -len(pair[0])):
        if path.strip("./"):  # "." and ".." are in every sentence, and tell nothing
            text = re.sub(rf"(?<![\w/.-]){re.escape(path)}(?:/{REST})?(?![\w-])", word, text)
    return PATH.sub(ELSEWHERE, text)
