"""Recipes: TOML in, checked arguments out, and the resolved recipe back into a file.

    loss = { name = "non_saturating", real_label = 0.9 }
    [model]   name and the family's arguments
    [train]   budget, batch, rhythm of reports, and how the family is trained (Objective)
    [data]    where pictures come from and how they are cut (ganzoo.data.DataConfig)
    [about]   what was measured of it, for `ganzoo list`: no part of a run

Nothing here imports TensorFlow: a misspelt key is answered at once.
"""

import codecs
import json
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganzoo.base import trial
from ganzoo.base.arguments import field_names, make, plain
from ganzoo.base.errors import UsageError, unknown
from ganzoo.base.paths import expanded
from ganzoo.base.ranges import check, ranged
from ganzoo.data.data_config import DataConfig
from ganzoo.disk import regular
from ganzoo.family import FAMILIES, Family, objective_for
from ganzoo.objective import Objective
from ganzoo.step import precision

TABLES = ("model", "train", "data")
NOTHING = "none"  # what a run begins with that is given no weights
ABOUT = "about"


@dataclass(frozen=True)
class TrainConfig:
    """How long to train, how often to report, and what to do when it goes wrong. Times are in images seen.

    Attributes:
        images: the budget, in real pictures shown to the discriminator.
        minutes: a budget of training time as well, all processes of the run together (compiling, grids,
            scores and checkpoints included): it ends at whichever comes first; 0 is no limit.
        batch_size: pictures per step over all devices.
        begin_with: trained weights that a new run begins with, by name, folder or run directory; "none" is
            random numbers. See `ganzoo.training.beginning`.
        seed: of weights, data order and every draw.
        grid_every: pictures between two sample grids; 0 is every 200 steps, at first more often.
        checkpoint_every: pictures between two checkpoints; 0 is with every line of the log.
        checkpoint_minutes: minutes between two checkpoints, instead or as well; 0 is not by time.
        keep: how many of the newest checkpoints stay.
        keep_every: pictures between two snapshots of the generator that stay for good; 0 is none.
        eval_every: pictures between two scores of the samples, at the next line of the log; 0 is none.
            The state with the best score is kept, see `ganzoo.training.scores`.
        eval_features: the feature space of the scores, a name out of `ganzoo.metrics.SPACES`.
        eval_num: samples and training pictures that a score compares.
        retries: how often to go back to the last good checkpoint when numbers are no longer finite.
        retry_learning_rate: by what the learning rates are multiplied each time.
        stop_on_collapse: end when the samples hardly differ from each other any more.
        precision: float32, mixed_bfloat16 or mixed_float16, see `ganzoo.step.precision`.
        sync_batchnorm: BatchNorm's statistics over all devices, not over each one's share.
    """

    images: int = ranged(200_000, least=1)
    minutes: float = ranged(0.0, least=0, most=10_000_000, off=True)
    batch_size: int = ranged(64, least=1, most=1_000_000)
    begin_with: str = NOTHING
    seed: int = ranged(0, least=0, most=2**31 - 1)
    grid_every: int = ranged(0, least=0)
    checkpoint_every: int = ranged(0, least=0)
    checkpoint_minutes: float = ranged(0.0, least=0, most=10_000_000, off=True)
    keep: int = ranged(2, least=1)  # the newest has to stay
    keep_every: int = ranged(0, least=0, off=True)
    eval_every: int = ranged(0, least=0, off=True)
    eval_features: str = "mobilenet"
    eval_num: int = ranged(1000, least=2)
    retries: int = ranged(0, least=0, off=True)
    retry_learning_rate: float = ranged(0.5, above=0, most=1)
    stop_on_collapse: bool = False
    precision: str = precision.FLOAT32
    sync_batchnorm: bool = False

    def __post_init__(self):
        precision.check(self.precision)
        check(self, "train.")
        if self.eval_features != TrainConfig.eval_features:  # else nothing of the metrics is imported
            from ganzoo.metrics.spaces import check_space

            check_space(self.eval_features)


@dataclass(frozen=True)
class Config:
    """A run, fully resolved."""

    family: Family
    objective: Objective
    train: TrainConfig
    data: DataConfig

    def __post_init__(self):
        self.family.schedule.check(self.train.batch_size, self.objective.d_steps)
        for name in ("source", "labels_csv", "cache_dir"):
            _refuse_undecodable(f"data.{name}", getattr(self.data, name))
            for side in "ab":
                _refuse_undecodable(f"data.{side}.{name}", (getattr(self.data, side) or {}).get(name))

    @property
    def model(self) -> str:
        """The family's name."""
        return FAMILIES.name_of(self.family)

    def batch_size(self, images_seen: int) -> int:
        """Pictures of the next batch over all devices: the recipe's, unless the family's schedule differs."""
        return self.family.schedule.batch_size(images_seen, self.train.batch_size)

    def tables(self) -> dict[str, Any]:
        """The recipe that resolves to this config, every argument spelt out."""
        objective = plain(self.objective)
        return {
            "loss": objective.pop("loss"),
            "model": {"name": self.model, **plain(self.family)},
            "train": {**plain(self.train), **objective},
            "data": plain(self.data),
        }


def _refuse_undecodable(key: str, path: str | None) -> None:
    """A run keeps its recipe as TOML, which is UTF-8; names of files may be anything."""
    try:
        (path or "").encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            f"{key} is {path!r}, which is not UTF-8 and cannot stand in a recipe: rename it, or give it "
            "another name by a link (ln -s)"
        ) from None


def resolve(tables: dict[str, Any], where: str = "the recipe") -> Config:
    """The config that a recipe's tables mean.

    Raises:
        UsageError: for unknown keys (nearest named), wrong types, impossible values.
    """
    for key, value in tables.items():
        if key not in (*TABLES, "loss"):
            raise unknown(f"key in {where}", key, (*TABLES, "loss"))
        if key != "loss" and not isinstance(value, dict):
            raise UsageError(f"{key} in {where} is {value!r}, but must be a table: write [{key}]")
    model = dict(tables.get("model", {}))
    if "name" not in model:
        raise UsageError(
            f'{where} names no model: add name = "dcgan" to [model]; known are {", ".join(FAMILIES)}'
        )
    family = make(FAMILIES[model.pop("name")], model, "[model]")
    train, objective = dict(tables.get("train", {})), {}
    for key in list(train):
        if key in field_names(Objective) and key != "loss":
            objective[key] = train.pop(key)
        elif key not in field_names(TrainConfig):
            raise unknown(
                "key in [train]", key, {*field_names(TrainConfig), *field_names(Objective)} - {"loss"}
            )
    if "loss" in tables:
        objective["loss"] = tables["loss"]
    return Config(
        family,
        objective_for(family, objective, "[train]"),
        make(TrainConfig, train, "[train]"),
        make(DataConfig, dict(tables.get("data", {})), "[data]"),
    )


SCALED = ("decay_from", "decay_until", "instance_noise_until")  # moments of a training, in images seen


def with_budget(tables: dict[str, Any], images: int | None) -> dict[str, Any]:
    """A recipe's tables for a budget of `images`; what falls while it trains falls along. None: as they are.

    A recipe says when its rates have fallen to 0: with more images and the same moments, the rest of
    the training would change nothing.
    """
    train = dict(tables.get("train", {}))
    if not isinstance(images, int) or images < 1:
        return tables
    share = images / train.get("images", TrainConfig.images)
    for key in SCALED:
        if isinstance(train.get(key), int | float):
            train[key] = round(share * train[key])
    return {**tables, "train": {**train, "images": images}}


def shortened(tables: dict[str, Any]) -> dict[str, Any]:
    """A recipe's tables under the variable `GANZOO_SHORTER`: the same training, over sooner."""
    train = tables.get("train", {})
    images, minutes = train.get("images", TrainConfig.images), train.get("minutes")
    if trial.divisor() == 1 or not isinstance(images, int):
        return tables
    tables = with_budget(tables, trial.shorter(images))
    if minutes:
        tables["train"]["minutes"] = minutes / trial.divisor()
    return tables


# ---- recipes on disk ------------------------------------------------------------------------


def recipe_folder() -> Path:
    """Where the recipes of `zoo_configs/` are: installed in the package, or beside it in a checkout."""
    package = Path(__file__).parent
    installed = package / "zoo_configs"
    return installed if installed.is_dir() else package.parent / "zoo_configs"


def list_recipes() -> list[str]:
    """The recipes by name: what `--config`, `ganzoo.train` and `ganzoo.build` take besides paths."""
    return sorted(path.stem for path in recipe_folder().glob("*.toml"))


def read_recipe(name: str) -> dict[str, Any]:
    """The tables of a recipe, given by the name of one in `zoo_configs/` or by its path.

    Raises:
        UsageError: if there is none, or it is not TOML.
    """
    return {key: value for key, value in _read(name).items() if key != ABOUT}


def quick_recipe(model: str) -> dict[str, Any]:
    """The tables that a model is trained by where nothing else is said: the recipe of its name, or none.

    Raises:
        UsageError: for an unknown model, the nearest named.
    """
    FAMILIES[model]
    return read_recipe(model) if model in list_recipes() else {"model": {"name": model}}


def recipe_for(model: str | None, recipe: str | None) -> dict[str, Any]:
    """The tables that a model's name, a recipe's or both mean; what of both contradicts is refused."""
    if recipe is None:
        return quick_recipe(model)
    if model is not None:
        FAMILIES[model]  # an unknown name is answered here, the nearest named
    tables = read_recipe(recipe)
    named = tables.get("model", {}).get("name")
    if model is not None and model != named:
        raise UsageError(f"the model {model} contradicts the recipe {recipe}, which is for {named}; drop one")
    return tables


def read_about(name: str) -> dict[str, str]:
    """What was measured of a recipe, given as for `read_recipe`; every key may be missing.

    `cost` and `score` in words and numbers and the file `source` that they stand in, or `weights`: the
    name of trained weights in the package that were made by it, whose card has both.
    """
    return _read(name).get(ABOUT, {})


def _read(name: str) -> dict[str, Any]:
    path = expanded(name)
    if path.suffix != ".toml" and not path.is_file():
        if name not in list_recipes():
            raise unknown("recipe", name, list_recipes())
        path = recipe_folder() / f"{name}.toml"
    try:
        return parse(regular.read(path))
    except FileNotFoundError:
        raise UsageError(
            f"there is no recipe {name!r}; give a path or one of {', '.join(list_recipes())}"
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"the recipe {path} cannot be read: {error}; save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"the recipe {path} is not valid TOML: {error}") from None


def parse(content: bytes) -> dict[str, Any]:
    """The tables of a TOML file as editors save it: UTF-8, with a byte order mark or without, or UTF-16.

    Raises:
        UnicodeDecodeError, tomllib.TOMLDecodeError: for what is neither.
    """
    is_wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    return tomllib.loads(content.decode("utf-16" if is_wide else "utf-8-sig").replace("\r\n", "\n"))


def to_toml(tables: dict[str, Any]) -> str:
    """TOML text of plain tables: top-level values first, then one table each."""
    lines = [f"{k} = {_value(v)}" for k, v in tables.items() if k not in TABLES]
    for name in TABLES:
        lines += ["", f"[{name}]", *(f"{k} = {_value(v)}" for k, v in tables[name].items())]
    return "\n".join(lines) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{k} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return repr(value)


def differences(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What differs between two resolved recipes, one "[train] seed: 0 before, 1 now" each."""
    lines = []
    for table in ("loss", *TABLES):
        before, now = flat(old.get(table, {})), flat(new.get(table, {}))
        for key in sorted({*before, *now}, key=lambda key: (key != "name", key)):  # the model comes first
            if before.get(key) != now.get(key):
                lines.append(f"{table}.{key}: {before.get(key)} before, {now.get(key)} now")
    return lines


def flat(table: Any, prefix: str = "") -> dict[str, Any]:
    """A table of tables as one, keys joined by points; a plain value stands under its prefix."""
    if not isinstance(table, dict):
        return {prefix.rstrip("."): table}
    values: dict[str, Any] = {}
    for key, value in table.items():
        values |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return values
