"""What a sample is asked for: inputs by name, read by their kinds; what is not given is drawn at random."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.data.data_config import CENTER, CROPS, DataConfig, side_of
from ganzoo.disk import regular
from ganzoo.family import FAMILIES, Family
from ganzoo.kinds.label_map import LabelMap
from ganzoo.kinds.picture import Picture
from ganzoo.step.draws import Draws


def fill(family: Family, num: int, seed: int, given: Mapping) -> dict[str, np.ndarray]:
    """All inputs of `num` samples: what is given, one for all or one each, and the rest by `seed`.

    Raises:
        UsageError: for a name that the model does not take, a value that is not of the name's kind, or
            an input left out that cannot be drawn at random.
    """
    given = {name: value for name, value in given.items() if value is not None}
    found = {name: read(family, name, value, num) for name, value in given.items()}
    check_complete(family, given)
    draws = Draws(seed)
    for name in family.inputs.keys() - found.keys():
        found[name] = np.asarray(family.inputs[name].draw(draws, name, num))
    return {name: found[name] for name in family.inputs}


def check_number(num) -> None:
    """Raises UsageError unless so many pictures can be made."""
    if isinstance(num, bool) or not isinstance(num, int | np.integer):
        raise UsageError(f"asked for {num!r} pictures; ask for a whole number of them, e.g. 16")
    if num < 1:
        raise UsageError(f"asked for {num} pictures; ask for at least 1")


def read(family: Family, name: str, asked, num: int) -> np.ndarray:
    """One input of `num` samples, `(num, ...)`, out of what is given for it. Raises UsageError."""
    if name not in family.inputs:
        raise _not_taken(name, family)
    return family.inputs[name].read(name, asked, num)


def check_complete(family: Family, given: Collection[str]) -> None:
    """Raises UsageError unless what is not given can be drawn at random."""
    missing = [name for name, kind in family.inputs.items() if name not in given and not kind.can_be_drawn]
    if missing:
        raise UsageError(
            f"the model {_name(family)} makes nothing of nothing; give "
            + ", and ".join(f"{name}: {family.inputs[name].describe()}" for name in missing)
        )


def read_word(family: Family, name: str, word: str, crop: str = CENTER):
    """What a word of a command line gives under `name`, for `fill`: files are read, names stay.

    Args:
        family: of the model.
        name: of the input.
        word: the name of a file, a class, a sentence, ..., as the input's kind has it.
        crop: how pictures become square, as those that the model learned from did.

    Raises:
        UsageError: for a name that the model does not take, or a word that its kind does not know.
        DataError: for a file that cannot be read as one of this kind.
    """
    if name not in family.inputs:
        raise _not_taken(name, family)
    kind = family.inputs[name]
    if isinstance(kind, LabelMap):
        return kind.decode(_existing(name, word, kind), crop=crop)
    if isinstance(kind, Picture):
        return decode_picture(_existing(name, word, kind), kind, crop)
    value = kind.read_word(name, word)
    kind.read(name, value, 1)  # says what is wrong with it now, not after the model is loaded
    return value


def read_for(config, name: str, word: str):
    """As `read_word`, for the model of a recipe: pictures are cut as those that it learned from."""
    return read_word(config.family, name, word, crop_of(config.data, config.family, name))


def crop_of(config: DataConfig, family: Family, name: str) -> str:
    """How the pictures were cut that a model learned an input of; of random squares, the middle is taken."""
    sides = [each for each, kind in family.columns.items() if isinstance(kind, Picture | LabelMap)]
    own = side_of(config, "ab"[sides.index(name)]) if config.has_sides and name in sides[:2] else config
    return own.crop if own.crop in CROPS else CENTER


def decode_picture(path: Path, kind: Picture, crop: str = CENTER) -> np.ndarray:
    """A picture in a file, cut square and scaled as training pictures are: uint8 `kind.shape`.

    Raises:
        UsageError: for a model whose pictures are not square. DataError: for a file that is no picture.
    """
    from ganzoo.data.cleaning import Rules, clean

    if kind.height != kind.width or not kind.can_be_shown:
        raise UsageError(f"files are read as square pictures, grey or in colour, not as {kind.describe()}")
    try:
        content = regular.read(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror}") from None
    verdict = clean(content, path.name, Rules(kind.height, kind.channels, crop, upscale=True))
    if (
        not verdict.accepted and verdict.reason != "single colour"
    ):  # which teaches nothing, but can be asked for
        raise DataError(f"{path} cannot be used: {verdict.reason}")
    return verdict.images[0]


def explain(family: Family) -> list[str]:
    """A line for each input that samples of this model may be given: NAME=VALUE, and what the value is."""
    drawn = {True: "; drawn at random unless given", False: ""}
    return [f"{name}={kind.describe()}{drawn[kind.can_be_drawn]}" for name, kind in family.inputs.items()]


def _existing(name: str, word: str, kind) -> Path:
    path = Path(word).expanduser()
    if not path.is_file():
        raise UsageError(f"{name} is {word}, but there is no such file; give {kind.describe()}")
    return path


def _name(family: Family) -> str:
    """What a family is called; one that is not registered by its class."""
    try:
        return FAMILIES.name_of(family)
    except KeyError:
        return type(family).__name__


def _not_taken(name: str, family: Family) -> UsageError:
    model = _name(family)
    if name == "label":
        return UsageError(f"the model {model} has no classes; leave label (--class, --classes) out")
    if name == "given" and family.inputs:
        names = ", ".join(f"{each}=..." for each in family.inputs)
        return UsageError(f"given= is no input: inputs are keywords of their own, {names}")
    if not family.inputs:
        return UsageError(f"the model {model} takes nothing but a seed; leave {name} out")
    return unknown(f"input of the model {model},", name, family.inputs)
