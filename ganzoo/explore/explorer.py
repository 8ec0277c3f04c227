"""What `ganzoo-explore` shows: one picture at a time, and what it was made of.

explorer = Explorer("runs/dcgan-1", config, gan)
made = explorer.make(Wish(seed=3, truncation=0.7))
made.png(), made.recipe, made.command
"""

import dataclasses
import json
import re
import shlex
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ganzoo import weights
from ganzoo.base.errors import UsageError
from ganzoo.config import Config
from ganzoo.family import Family
from ganzoo.kinds.kind import Kind
from ganzoo.pictures import films, picture_files
from ganzoo.pictures.layout import Style, for_films, to_uint8
from ganzoo.sampling import latent_files, requests, walks
from ganzoo.sampling.latent_files import Latents
from ganzoo.weights import places

MOST_SEED = 2**32 - 1
SHEET = 12  # pictures to choose from
FRAMES, FRAMES_PER_SECOND = 30, 20.0  # of a film: from one seed to the other
LARGE = 1024  # pixels that an enlarged picture has at least, on its longer side
AGAIN = "again.png"
FILE = "FILE"  # stands for a file of this machine, elsewhere


@dataclass(frozen=True)
class Wish:
    """Which picture.

    Attributes:
        seed: of the picture, or of where the way to `end` begins; 0 to MOST_SEED.
        truncation: values of the latents beyond it are drawn anew; None leaves them.
        label: the class; None for the one that `gan.sample` draws for the seed.
        end: the seed at the other end of the way.
        share: how far along it, 0 is `seed` and 1 is `end`.
        given: words for other inputs by name, as for `ganzoo-sample --given`; empty ones are left out.
    """

    seed: int = 0
    truncation: float | None = None
    label: int | None = None
    end: int = 1
    share: float = 0.0
    given: dict[str, str] = field(default_factory=dict)

    def check(self, family: Family) -> None:
        """Raises UsageError for what cannot be drawn."""
        for name, seed in (("seed", self.seed), ("second seed", self.end)):
            if seed is None:
                raise UsageError(f"the {name} is empty; give a whole number from 0 to {MOST_SEED}")
            if seed != int(seed) or not 0 <= seed <= MOST_SEED:
                raise UsageError(f"the {name} is {seed}; give a whole number from 0 to {MOST_SEED}")
        if not 0.0 <= self.share <= 1.0:
            raise UsageError(f"the share of the way is {self.share}; give one from 0 to 1")
        if self.truncation is not None:
            family.check_truncation(self.truncation)
        if self.label is not None:
            requests.read(family, "label", self.label, 1)


@dataclass(frozen=True)
class Made:
    """A picture and what it was made of.

    Attributes:
        pixels: uint8 `(height, width, channels)`.
        latents: its latent and label, and the recipe's part without them.
        family: the model's.
        command: the line for a shell that makes the same pixels again, here.
        command_anywhere: the same, RUN for a run directory.
        name: for its files, without an ending.
    """

    pixels: np.ndarray
    latents: Latents
    family: Family
    command: str
    command_anywhere: str
    name: str

    @property
    def enlargement(self) -> int:
        """The whole number by which it reaches LARGE pixels, at least 2."""
        return max(2, -(-LARGE // max(self.pixels.shape[:2])))

    def png(self, scale: int = 1) -> bytes:
        """The file that `ganzoo-sample` writes of it with `--num 1 --gap 0 --scale`."""
        sheet = Style(columns=1, gap=0, scale=scale).sheet([self.pixels[None]], 1, self.pixels.shape)
        return picture_files.encoded(sheet, "png")

    @property
    def about(self) -> dict[str, Any]:
        """The recipe without the latent, which is long; for any machine: not this one's path of the run."""
        return {**self.latents.about, "command": self.command_anywhere}

    @property
    def recipe(self) -> str:
        """The recipe as JSON, a file that `ganzoo-sample --latents` takes."""
        head = json.loads(latent_files.header(self.about))
        lines = latent_files.lines(self.latents, self.family.inputs)
        return json.dumps({**head, "pictures": [json.loads(line) for line in lines]}, ensure_ascii=False)


@dataclass(frozen=True)
class Explorer:
    """A trained model to ask for pictures.

    Attributes:
        word: the run directory or weights, as the user calls them.
        config: theirs.
        gan: the loaded model.
        given: words for inputs other than the class, that hold where a wish has none.
    """

    word: str
    config: Config
    gan: Any
    given: dict[str, str] = field(default_factory=dict)

    @property
    def family(self) -> Family:
        return self.config.family

    @property
    def classes(self) -> list[str]:
        """What the classes are called, in the order of their numbers; none for a model without."""
        return list(self.family.label.spoken) if self.family.label else []

    @property
    def others(self) -> dict[str, Kind]:
        """What the model is given besides a class."""
        return {name: kind for name, kind in self.family.inputs.items() if name != "label"}

    def words(self, wish: Wish) -> dict[str, str]:
        """The words of a wish for the other inputs, the explorer's own where it has none."""
        both = {**self.given, **{name: word for name, word in wish.given.items() if word}}
        return {name: both[name] for name in self.others if both.get(name)}

    @cached_property
    def truncates(self) -> bool:
        """Whether the family's latents can be truncated."""
        try:
            self.family.check_truncation(1.0)
        except UsageError:
            return False
        return True

    @cached_property
    def images_seen(self) -> int:
        return int(self.gan.images_seen.numpy())

    def make(self, wish: Wish) -> Made:
        """The picture of a wish, in the bits that `ganzoo-sample` gives it. Raises UsageError."""
        wish.check(self.family)
        latents = self._latents(wish)
        made = next(self.gan.stream(latents.values, **latents.inputs))
        pixels = to_uint8(self.family.output.as_pictures(made)[0])
        name = self._name(wish, latents)
        public = self.word if self.word in weights.list_weights() else "RUN"
        commands = [self._command(word, wish, latents, name) for word in (self.word, public)]
        return Made(pixels, latents, self.family, *commands, name)

    def sheet(self, wish: Wish) -> list[tuple[int, np.ndarray]]:
        """Pictures to choose from: the wish's with its own seed and those after it, each with its seed.

        Each is the one that `make` makes of the seed, enlarged. Raises UsageError.
        """
        seeds = range(int(wish.seed), min(int(wish.seed) + SHEET, MOST_SEED + 1))
        found = []
        for seed in seeds:
            pixels = self.make(dataclasses.replace(wish, seed=seed, share=0.0)).pixels
            found.append((seed, Style(scale=for_films(*pixels.shape[:2])).enlarged(pixels)))
        return found

    def film(self, wish: Wish) -> bytes:
        """The way from the seed to the second one and back, as an endless GIF of at least 256 pixels a side.

        Raises UsageError.
        """
        wish.check(self.family)
        stops = np.stack([self.gan.latents(1, seed, wish.truncation) for seed in (wish.seed, wish.end)])
        way = walks.walk(stops, FRAMES, closed=True)[:, 0]
        inputs = self._latents(dataclasses.replace(wish, share=0.0)).inputs  # the way keeps its class
        inputs = {name: np.repeat(value, len(way), axis=0) for name, value in inputs.items()}
        output, style = self.family.output, Style(fit=for_films)
        pictures = (each for made in self.gan.stream(way, **inputs) for each in output.as_pictures(made))
        frames = (style.sheet([each[None]], 1, output.shown_shape) for each in pictures)
        return films.gif(frames, FRAMES_PER_SECOND)

    def _latents(self, wish: Wish) -> Latents:
        start, end = (self.gan.latents(1, seed, wish.truncation) for seed in (wish.seed, wish.end))
        values = walks.slerp(start, end, wish.share)  # at 0 and 1 the ends themselves
        words = self.words(wish)
        given = {name: requests.read_for(self.config, name, word) for name, word in words.items()}
        inputs = self.gan.inputs(1, wish.seed, labels=wish.label, **given)
        about = {
            "model": places.public_name(self.word, self.config),
            "images_seen": self.images_seen,
            "generator": self.gan.fingerprint,
            "seed": wish.seed,
            "truncation": wish.truncation,
        }
        if self.family.label:
            about["classes"] = [self.family.label.plain(inputs["label"][0])]
        if wish.share:
            about["between"] = {"end": wish.end, "share": wish.share}
        return Latents(values, inputs, about)

    def _command(self, word: str, wish: Wish, latents: Latents, name: str) -> str:
        words = ["ganzoo-sample", word]
        if wish.share:
            words.append(f"--latents={name}.json")
        else:
            words += ["--num=1", f"--seed={wish.seed}"]
            words += [f"--truncation={wish.truncation}"] if wish.truncation is not None else []
            words += [f"--class={one}" for one in latents.about.get("classes", ())]
        for given, value in self.words(wish).items():
            if self.others[given].is_plain and wish.share:
                continue  # the recipe holds it
            is_told = word == self.word or self.others[given].is_plain
            words.append(f"--given={given}={value if is_told else FILE}")
        if not weights.is_weights(weights.find(self.word)):
            words.append(f"--checkpoint={self.images_seen}")  # "best" may be another one tomorrow
        return shlex.join([*words, "--gap=0", "--scale=1", f"--out={AGAIN}"])

    def _name(self, wish: Wish, latents: Latents) -> str:
        parts = [places.public_name(self.word, self.config), str(wish.seed)]
        parts += [f"to-{wish.end}-{wish.share:g}"] if wish.share else []
        parts += [f"t{wish.truncation:g}"] if wish.truncation is not None else []
        parts += [f"class-{one}" for one in latents.about.get("classes", ())]
        return re.sub(r"[^\w.-]+", "-", "-".join(parts)).lstrip(".-")
