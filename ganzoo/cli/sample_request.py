"""What `ganzoo-sample` is asked for: the flags, checked before TensorFlow is imported."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from absl import flags

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.paths import expand
from ganzoo.config import Config
from ganzoo.family import Family
from ganzoo.metrics import pretrained  # noqa: F401  importing it registers its spaces
from ganzoo.metrics.spaces import SPACES
from ganzoo.pictures import films
from ganzoo.pictures.layout import FILTERS, Style
from ganzoo.pictures.picture_files import FORMATS, refuse_others
from ganzoo.sampling import latent_files, requests
from ganzoo.sampling.latent_files import Latents
from ganzoo.trained import Trained, find

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
            return self.kept.about.get("per_frame") or 0 if is_film(self.out, self.form) else 0
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
    family, out, form = config.family, Path(values.out), _form(values, given)
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
    if values.truncation is not None:
        family.check_truncation(values.truncation)
    if not family.latent_dim and (asked.stops or asked.picture):
        flag = "walk" if asked.stops else "invert"
        raise UsageError(f"{word} has no latents, so --{flag} says nothing; leave it out")
    _check_inputs(asked, values)
    _check_out(asked, values.overwrite)
    _check_size(asked, given)
    asked.trained.check(asked.checkpoint)
    return asked


def is_film(out: Path, form: str | None) -> bool:
    """Whether the ending is one that only films have, or that they have as well."""
    return form is None and out.suffix.lower() in films.ENDINGS


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


def _form(values: flags.FlagValues, given: set[str]) -> str | None:
    """The format of single files, None for a sheet or a film."""
    out, ending = Path(values.out), Path(values.out).suffix.lower()
    is_folder = values.out.endswith(("/", "\\")) or out.is_dir() or not ending
    moves = bool(values.walk)
    if is_folder and not (values.walk or values.invert):
        for name in ("columns", "gap", "fps"):
            if name in given:
                raise UsageError(f"--{name} says nothing of single files in the folder {out}; leave it out")
        if values.format not in FORMATS:
            raise unknown("format", values.format, FORMATS)
        return values.format
    if "format" in given:
        raise UsageError("--format is of single files in a folder: give --out FOLDER/ or leave it out")
    if moves or (values.latents and ending in (".gif", ".mp4")):
        fitting = films.ENDINGS
    else:
        fitting = tuple(FORMATS.values())
        if ending in films.ENDINGS and ending not in fitting:
            raise UsageError(f"{out} is a film's name, and a film needs a way to go: --walk 1,2,3,1")
    if is_folder or ending not in fitting:
        what = "a film" if fitting is films.ENDINGS else "a sheet"
        raise UsageError(f"--out is {values.out}, but {what} ends in {', '.join(fitting)}")
    if "fps" in given and fitting is not films.ENDINGS and not values.latents:
        raise UsageError("--fps says nothing without --walk; give both or leave it out")
    return None


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


def _check_out(asked: Request, overwrite: bool) -> None:
    out = asked.out
    if not out.parent.is_dir():
        raise UsageError(f"--out is {out}, but there is no folder {out.parent}; make it first")
    if asked.form is None:
        there = [path for path in (out, asked.sidecar) if path.exists()]
        if there and not overwrite:
            raise UsageError(f"{there[0]} exists already; --overwrite replaces it")
        if any(path.is_dir() for path in there):
            raise UsageError(f"{out} and {asked.sidecar.name} are to be files, but one of them is a folder")
        if there:
            _refuse_other_sheet(asked)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not out.is_dir():
            raise UsageError(f"--out is {out}, which is a file; name a folder")
        refuse_others(out)
        if not overwrite:
            raise UsageError(f"{out} holds pictures already; --overwrite replaces them")


def _refuse_other_sheet(asked: Request) -> None:
    """Raises UsageError unless the JSON beside says that the picture there is one of ours."""
    out, sidecar = asked.out, asked.sidecar
    try:
        if latent_files.read(sidecar).about.get("file", out.name) == out.name:
            return
    except DataError:
        pass
    mine = sidecar if sidecar.exists() and not out.exists() else out
    raise UsageError(
        f"{mine} was not written by this command (no {sidecar.name} beside it that says so), so --overwrite "
        "leaves it alone; give --out another name"
    )


def _check_size(asked: Request, given: set[str]) -> None:
    shape, ending = asked.shape, asked.out.suffix.lower()
    if not asked.family.output.can_be_shown:
        raise UsageError(f"{asked.word} makes no pictures in grey or colour but {shape}")
    if asked.form is not None:
        return
    asked.style.check_sheet(2 if asked.picture else asked.per_frame or asked.total, shape, ending)
    if asked.per_frame:
        size = asked.style.sheet_size(asked.per_frame, shape)
        films.check(ending, asked.total // asked.per_frame, *size, asked.fps)
    elif "fps" in given:
        raise UsageError("--fps says nothing of a sheet; give --out a .gif or .mp4, or leave it out")
