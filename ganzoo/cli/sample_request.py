"""What `ganzoo-sample` is asked for: the flags, checked before TensorFlow is imported."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from absl import flags

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.paths import expand
from ganzoo.cli import sample_target
from ganzoo.config import Config
from ganzoo.family import Family
from ganzoo.metrics import pretrained  # noqa: F401  importing it registers its spaces
from ganzoo.metrics.spaces import SPACES
from ganzoo.pictures.layout import FILTERS, Style, for_films
from ganzoo.sampling import latent_files, requests
from ganzoo.sampling.latent_files import Latents
from ganzoo.training.trained import Trained, find

NUM, NUM_IN_ROW, NUM_IN_FILM = 64, 8, 1  # pictures where --num is not given
# Flags that say nothing without another, and flags that exclude each other.
NEEDS = {"frames": ("walk",), "steps": ("invert",), "restarts": ("invert",), "features": ("invert",)}
EXCLUDES = {
    "latents": ("num", "seed", "class", "classes", "truncation", "walk", "invert"),
    "invert": ("num", "classes", "truncation", "walk", "columns"),
    "walk": ("seed",),
    "classes": ("class",),
}


@dataclass(frozen=True)
class Request:
    """What to draw with which model, and where to.

    `out` is a folder where `form` is given, a film where its ending is one of a film's and
    `stops` or the kept latents walk, else a sheet.
    """

    word: str
    trained: Trained
    checkpoint: str
    out: Path
    form: str | None
    style: Style
    num: int
    seed: int
    truncation: float | None
    given: dict[str, Any]
    classes: tuple[int, ...]
    stops: tuple[int, ...]
    frames: int
    fps: float
    kept: Latents | None
    picture: Path | None
    steps: int
    restarts: int
    features: str | None

    @property
    def family(self) -> Family:
        return self.trained.config.family

    @property
    def label(self) -> int | None:
        """The one class asked for."""
        return self.given.get("label")

    @property
    def closed(self) -> bool:
        """Whether the walk ends where it began."""
        return self.stops[0] == self.stops[-1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of a picture as it is shown, (height, width, channels)."""
        output = self.family.output
        return output.shown_shape if output.can_be_shown else output.shape

    @property
    def per_frame(self) -> int:
        """Pictures in each frame of a film; 0 for what is no film."""
        if self.kept is not None:
            return self.kept.about.get("per_frame") or 0 if sample_target.is_film(self.out, self.form) else 0
        return self.num * max(1, len(self.classes)) if self.stops else 0

    @property
    def total(self) -> int:
        """Pictures in all."""
        if self.kept is not None:
            return len(self.kept.values)
        legs = max(0, len(self.stops) - 1)
        moments = legs * self.frames + (not self.closed) if self.stops else 1
        return self.num * max(1, len(self.classes)) * moments

    @property
    def sidecar(self) -> Path:
        """The JSON beside a sheet or film."""
        return self.out.with_suffix(".json")


def request(values: flags.FlagValues, word: str) -> Request:
    """The request that flags make. Raises a GanzooError for what cannot be done or makes no sense."""
    given = {name for name in values if values[name].present}
    trained = find(word)
    config = trained.config
    for name in ("out", "latents", "invert"):
        values[name].value = values[name].value and expand(values[name].value)
    _check_together(given)
    _check_numbers(values)
    family, out, form = config.family, Path(values.out), sample_target.form_of(values, given)
    latents = latent_files.read(Path(values.latents)) if values.latents else None
    classes = _classes(family, values.classes)
    default = NUM_IN_FILM if values.walk else NUM_IN_ROW if classes else NUM
    asked = Request(
        word=word,
        trained=trained,
        checkpoint=values.checkpoint,
        out=out,
        form=form,
        style=Style(_columns(values, latents, classes), values.gap, values.scale, values.enhance),
        num=default if values.num is None else values.num,
        seed=values.seed,
        truncation=values.truncation,
        given=_given(config, values),
        classes=classes,
        stops=_stops(values.walk),
        frames=values.frames,
        fps=latents.about.get("fps", values.fps) if latents and "fps" not in given else values.fps,
        kept=latents,
        picture=Path(values.invert) if values.invert else None,
        steps=values.steps,
        restarts=values.restarts,
        features=None if values.features == "none" else values.features,
    )
    if asked.per_frame:
        asked = dataclasses.replace(asked, style=dataclasses.replace(asked.style, fit=for_films))
    if values.truncation is not None:
        family.check_truncation(values.truncation)
    if not family.latent_dim and (asked.stops or asked.picture):
        flag = "walk" if asked.stops else "invert"
        raise UsageError(f"{word} has no latents, so --{flag} says nothing; leave it out")
    _check_inputs(asked, values)
    sample_target.check_out(asked, values.overwrite)
    sample_target.check_size(asked, given)
    asked.trained.check(asked.checkpoint)
    return asked


def _check_together(given: set[str]) -> None:
    for name, others in NEEDS.items():
        if name in given and not given & set(others):
            raise UsageError(f"--{name} says nothing without --{others[0]}; give both or leave it out")
    for name, others in EXCLUDES.items():
        clash = sorted(given & set(others)) if name in given else []
        if clash:
            raise UsageError(f"--{name} and --{clash[0]} contradict each other; leave one out")


def _check_numbers(values: flags.FlagValues) -> None:
    for name, least in (("num", 1), ("columns", 1), ("gap", 0), ("scale", 1), ("frames", 1)):
        value = values[name].value
        if value is not None and value < least:
            what = " picture" if name == "num" else ""
            raise UsageError(f"--{name} is {value}; ask for at least {least}{what}")
    for name in ("steps", "restarts"):
        if values[name].value < 1:
            raise UsageError(f"--{name} is {values[name].value}; ask for at least 1")
    known = {"none", *SPACES} - {"classifier"}  # which learns from labelled pictures first
    if values.features not in known:
        raise unknown("feature space", values.features, known)
    if values.enhance not in FILTERS:
        raise unknown("way to enhance", values.enhance, FILTERS)
    if values.enhance != "none" and values.scale == 1:
        raise UsageError(f"--enhance {values.enhance} enlarges; say how much, e.g. --scale 4")


def _given(config: Config, values: flags.FlagValues) -> dict[str, Any]:
    """What --given and --class say, by the input's name, as `gan.inputs` takes it."""
    words = pairs_of(values.given)
    if values["class"].value is not None:
        if "label" in words:
            raise UsageError("label is given twice; give it once")
        words["label"] = values["class"].value
    if "label" in words and values.classes:
        raise UsageError("--classes and a label contradict each other; leave one out")
    return {name: requests.read_for(config, name, word) for name, word in words.items()}


def pairs_of(given: list[str]) -> dict[str, str]:
    """The words of --given by their names. Raises UsageError for what is no NAME=VALUE, or a name twice."""
    words: dict[str, str] = {}
    for word in given:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"--given is {word!r}; give it as NAME=VALUE, e.g. --given label=3")
        if name in words:
            raise UsageError(f"{name} is given twice; give it once")
        words[name] = value
    return words


def given_words(config: Config, given: list[str]) -> dict[str, str]:
    """The words of --given, each one that its kind can read, none missing. Raises a GanzooError."""
    words = pairs_of(given)
    for name, word in words.items():
        requests.read_for(config, name, word)
    requests.check_complete(config.family, words)
    return words


def _classes(family: Family, asked: list[str]) -> tuple[int, ...]:
    if asked and family.label is None:
        requests.read_word(family, "label", asked[0])  # a model without classes says so
    if asked == ["all"] and "all" not in family.label.spoken:
        return tuple(range(family.label.known()))
    return tuple(requests.read_word(family, "label", one) for one in asked)


def _stops(walk: list[str]) -> tuple[int, ...]:
    try:
        stops = tuple(int(seed) for seed in walk)
    except ValueError:
        raise UsageError(f"--walk is {','.join(walk)}, but stops are seeds: --walk 1,2,3") from None
    if len(stops) == 1:
        raise UsageError(f"--walk {stops[0]} goes nowhere; give two seeds or more, e.g. --walk {stops[0]},7")
    if len(set(stops)) == 1 and stops:
        raise UsageError(f"--walk stays at the seed {stops[0]}; give another one, too")
    return stops


def _columns(values: flags.FlagValues, latents: Latents | None, classes: tuple[int, ...]) -> int | None:
    """As asked; else as the kept pictures stood; else a row for each class."""
    if values.columns is not None or (latents is None and not classes):
        return values.columns
    if latents is not None:
        return latents.about.get("columns")
    return values.num or (NUM_IN_FILM if values.walk else NUM_IN_ROW)


def _check_inputs(asked: Request, values: flags.FlagValues) -> None:
    """Raises UsageError for inputs that are missing, or kept ones that are not the model's."""
    latents, family = asked.kept, asked.family
    if latents is None:
        if not asked.classes and asked.picture is None:
            requests.check_complete(family, asked.given)
        return
    if latents.values.shape[1] != family.latent_dim:
        raise UsageError(
            f"the latents of {values.latents} have {latents.values.shape[1]} numbers each, "
            f"but {asked.word} takes {family.latent_dim}; they are another model's"
        )
    for name, kept in latents.inputs.items():
        each = kept.tolist() if name == "label" else kept
        latents.inputs[name] = requests.read(family, name, each, len(latents.values))
    if family.label is not None and "label" not in latents.inputs:
        raise UsageError(f"the latents of {values.latents} have no classes, but {asked.word} needs them")
    requests.check_complete(family, {**asked.given, **latents.inputs})
    for name, kind in (("columns", int), ("per_frame", int), ("fps", int | float)):
        number = latents.about.get(name)
        if number is not None and (not isinstance(number, kind) or number <= 0):
            raise DataError(f"{values.latents} is damaged: {name} is {number!r}")
    if asked.out.suffix.lower() in (".gif", ".mp4") and not asked.per_frame:
        raise UsageError(f"{values.latents} is of single pictures, not of a walk; give --out a .png")
