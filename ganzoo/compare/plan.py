"""What is compared with what, and what all of them share. Nothing here imports TensorFlow."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ganzoo.base.errors import GanzooError, UsageError
from ganzoo.base.paths import expanded
from ganzoo.base.printable import printable
from ganzoo.compare.variations import applied, as_text, check_known, check_set, combinations
from ganzoo.config import Config, TrainConfig, quick_recipe, read_recipe, resolve, with_budget
from ganzoo.data import with_classes
from ganzoo.data.sources import check
from ganzoo.training import beginning

SCORES = 10  # points of the learning curve that a budget of images is divided into
SCORES_EVERY = 20_000  # images between two of them where the budget is in minutes
ENDLESS = 1_000_000_000  # images, where minutes are the budget
LABELS = ("label", "labels_csv", "min_per_class", "top_classes")  # these belong to a source of their own


@dataclass(frozen=True)
class Budget:
    """What every run is given: images seen, or else minutes of training."""

    images: int | None = None
    minutes: float | None = None

    def __post_init__(self):
        if (self.images is None) == (self.minutes is None):
            raise UsageError("say how long each run is trained: --images N or --minutes M, one of them")
        for name, value in (("images", self.images), ("minutes", self.minutes)):
            if value is not None and not value > 0:
                raise UsageError(f"--{name} is {value}, but a budget is above 0")

    def __str__(self) -> str:
        return f"{self.images:,} images" if self.images else f"{self.minutes:g} minutes of training"


@dataclass(frozen=True)
class Scoring:
    """How every run is evaluated."""

    features: str = "mobilenet"
    num: int = 10_000
    seed: int = 0

    @property
    def headline(self) -> str:
        """The measure that contestants are ordered by."""
        return f"FD-{self.features}"


@dataclass(frozen=True)
class Contestant:
    """A recipe under the comparison's terms; `varied` are the settings that tell it from its siblings."""

    name: str
    config: Config
    varied: tuple[str, ...] = ()
    own_budget: int = 0  # images, in its recipe

    @property
    def folder(self) -> str:
        """Its name as a part of a path."""
        return re.sub(r"[^\w.=+-]+", "-", self.name).strip("-")[:100]


@dataclass(frozen=True)
class Run:
    """One training of a contestant."""

    contestant: Contestant
    seed: int
    root: Path

    @property
    def name(self) -> str:
        return self.root.name

    @property
    def config(self) -> Config:
        config = self.contestant.config
        return dataclasses.replace(config, train=dataclasses.replace(config.train, seed=self.seed))


@dataclass(frozen=True)
class Plan:
    """A whole comparison."""

    out: Path
    contestants: tuple[Contestant, ...]
    budget: Budget
    seeds: int
    scoring: Scoring
    terms: dict[str, Any]  # the flags that say all this, for the report
    data: dict[int, str] = field(default_factory=dict)  # fingerprints, by `data.random_crop`; once it is read

    def runs(self) -> list[Run]:
        """All trainings, seed by seed: one that is broken off has something of every contestant."""
        return [
            Run(contestant, seed, self.out / "runs" / f"{contestant.folder}-seed{seed}")
            for seed in range(self.seeds)
            for contestant in self.contestants
        ]


def make_plan(
    *,
    out: str | Path,
    models: Sequence[str] = (),
    recipes: Sequence[str] = (),
    vary: Mapping[str, Sequence[Any]] | None = None,
    weights: str | None = None,
    settings: Sequence[str] = (),
    source: str | None = None,
    budget: Budget,
    seeds: int = 3,
    eval_every: int | None = None,
    scoring: Scoring | None = None,
) -> Plan:
    """The plan that the arguments of `compare` mean.

    Raises:
        UsageError: for unknown names (nearest named), contestants of one name, terms that cannot be equal.
    """
    scoring = scoring or Scoring()
    if seeds < 1:
        raise UsageError(
            f"--seeds is {seeds}, but at least 1 run of each is trained; 3 or more show a spread"
        )
    if scoring.num < 2:
        raise UsageError(f"--num is {scoring.num}, but at least 2 pictures are needed")
    entries = named_recipes(models, recipes)
    check_set(settings)
    varied = combinations(vary or {})
    begins = [f"train.begin_with={weights}"] if weights else []
    families = [tables["model"]["name"] for tables in entries.values()]
    check_known([*settings, *(setting for each in varied for setting in each)], families)
    shape = common_shape(entries, settings)
    table = common_data(entries, source)
    contestants: dict[str, Contestant] = {}
    for base, tables in entries.items():
        own_budget = tables.get("train", {}).get("images", TrainConfig.images)
        tables = with_budget(tables, budget.images)  # rates that fall, fall over the budget
        tables = {
            **tables,
            "train": {**tables.get("train", {}), **terms(budget, eval_every, scoring)},
            "data": table,
        }
        for combination in varied:
            common, _ = applied(tables, [*shape, *begins, *settings])
            changed, used = applied(common, combination)
            name = f"{base} ({', '.join(used)})" if used else base
            if name not in contestants:  # a key that the family does not have makes no second one
                config = begun(name, resolved(name, changed))
                contestants[name] = Contestant(name, config, used, own_budget)
    check_alike(contestants.values())
    check(next(iter(contestants.values())).config.data)
    if any(each.config.family.label for each in contestants.values()):
        contestants = {name: labelled(each) for name, each in contestants.items()}
    flags = {
        "models": ",".join(models),
        "recipes": ",".join(recipes),
        "vary": [f"{key}={','.join(map(as_text, values))}" for key, values in (vary or {}).items()],
        "weights": weights,
        "set": list(settings),
        "data": source,
        "images": budget.images,
        "minutes": budget.minutes,
        "seeds": seeds,
        "eval_every": eval_every,
        "features": scoring.features,
        "num": scoring.num,
        "out": str(out),
    }
    given = {name: value for name, value in flags.items() if value}
    return Plan(expanded(out), tuple(contestants.values()), budget, seeds, scoring, given)


def labelled(contestant: Contestant) -> Contestant:
    """With the labels that somebody among the contestants needs; all learn from the same data."""
    config = contestant.config
    config = dataclasses.replace(config, data=with_classes(config.data, lambda text: None))
    return dataclasses.replace(contestant, config=config)


def named_recipes(models: Sequence[str], recipes: Sequence[str]) -> dict[str, dict]:
    """The tables of each contestant's recipe, by its name. A model's is its quick recipe."""
    if not models and not recipes:
        raise UsageError("say what to compare: --models vanilla,dcgan or --recipes NAMES_OR_PATHS")
    entries: dict[str, dict] = {}
    for kind, words in (("model", models), ("recipe", recipes)):
        for word in words:
            tables = quick_recipe(word) if kind == "model" else read_recipe(word)
            resolve(tables, f"the recipe {word}")
            name = printable(Path(word).stem if word.endswith(".toml") else word)
            if name in entries:
                raise UsageError(f"two contestants are called {name!r}; give each recipe a name of its own")
            entries[name] = tables
    return entries


def terms(budget: Budget, eval_every: int | None, scoring: Scoring) -> dict[str, Any]:
    """What every `[train]` holds, whatever its recipe says."""
    if eval_every is None:
        eval_every = max(1, budget.images // SCORES) if budget.images else SCORES_EVERY
    return {
        "images": budget.images or ENDLESS,
        "minutes": budget.minutes or 0.0,
        "eval_every": eval_every,
        "eval_features": scoring.features,  # the best state is chosen by what it is judged by
        "eval_num": TrainConfig.eval_num,
    }


def common_shape(entries: dict[str, dict], settings: Sequence[str]) -> list[str]:
    """Settings that give every model the largest side and the most channels of their recipes."""
    common, _ = zip(*(applied(tables, settings) for tables in entries.values()), strict=True)
    shapes = [
        resolved(name, tables).family.output.shape for name, tables in zip(entries, common, strict=True)
    ]
    if any(len(shape) != 3 for shape in shapes):
        raise UsageError("one of these recipes learns no pictures, which a comparison is about")
    return [
        f"model.image_size={max(shape[0] for shape in shapes)}",
        f"model.channels={max(shape[2] for shape in shapes)}",
    ]


def common_data(entries: dict[str, dict], source: str | None) -> dict[str, Any]:
    """One `[data]` table for all: where recipes differ, the first that says something is heard.

    Which labels to take is a matter of the source: a recipe's go when `source` is another one.
    """
    table: dict[str, Any] = {}
    for tables in entries.values():
        own = tables.get("data", {})
        foreign = source is not None and own.get("source", "paintings") != source
        for key, value in own.items():
            if not (foreign and key in LABELS):
                table.setdefault(key, value)
    return table if source is None else {**table, "source": source}


def resolved(name: str, tables: dict[str, Any]) -> Config:
    """The config of a contestant; errors begin with its name."""
    try:
        return resolve(tables, f"the recipe of {name}")
    except UsageError as error:
        raise UsageError(f"{name}: {error}") from None


def begun(name: str, config: Config) -> Config:
    """The config with what it begins with by an absolute path; errors begin with the contestant's name."""
    try:
        beginning.check(config)
    except GanzooError as error:
        raise type(error)(f"{name}: {error}") from None
    train = dataclasses.replace(config.train, begin_with=beginning.located(config.train.begin_with))
    return dataclasses.replace(config, train=train)


def check_alike(contestants: Sequence[Contestant]) -> None:
    """Raises UsageError unless all learn pictures of one shape and have folders of their own."""
    contestants = list(contestants)
    first = contestants[0]
    for each in contestants[1:]:
        ours, theirs = (c.config.family.task for c in (first, each))
        if ours != theirs:
            raise UsageError(
                f"{first.name} makes {ours} and {each.name} makes {theirs}: these are different tasks"
            )
        ours, theirs = (c.config.family.output.shape for c in (first, each))
        if ours != theirs:
            raise UsageError(
                f"{first.name} learns pictures of {ours} and {each.name} of {theirs}, which cannot be "
                "compared; --set model.image_size=... and model.channels=... apply to those that have them"
            )
    folders = [each.folder for each in contestants]
    for each in contestants:
        if folders.count(each.folder) > 1:
            raise UsageError(f"two contestants would share the folder {each.folder}; give shorter values")
