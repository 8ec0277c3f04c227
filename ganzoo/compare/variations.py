"""`--vary KEY=V1,V2`: one recipe, several contestants; and which settings are for whom.

Nothing here imports TensorFlow.
"""

import copy
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from ganzoo.base.arguments import field_names
from ganzoo.base.errors import UsageError, unknown
from ganzoo.data.data_config import DataConfig
from ganzoo.family import FAMILIES
from ganzoo.settings import apply_setting

# What is the same for all and has a flag of its own: where --set and --vary send the user.
FLAGS = {
    "train.images": "--images",
    "train.minutes": "--minutes",
    "train.seed": "--seeds",
    "train.eval_every": "--eval_every",
    "train.eval_features": "--features",
    "data.source": "--data",
}
# What is the same for all, and may be set but not varied: otherwise scores could not be compared.
EQUAL = ("model.image_size", "model.channels", "train.eval_num")
# Of the data, only how the stream varies the pictures may differ: evaluation sees them unvaried.
OF_STREAM = ("flip", "random_crop", "brightness", "contrast", "saturation")

Tables = dict[str, Any]


def parse_vary(text: str) -> tuple[str, list[str]]:
    """KEY and values of `KEY=V1,V2`; commas within brackets or quotes belong to a value.

    Raises:
        UsageError: if it is not of this form.
    """
    key, equals, values = text.partition("=")
    if not equals or not key.strip() or not values.strip():
        raise UsageError(
            f"--vary {text!r} is not KEY=V1,V2; write for example --vary loss=non_saturating,hinge"
        )
    return key.strip(), split_values(values)


def split_values(text: str) -> list[str]:
    """Values between commas, e.g. `hinge,{ name = "wasserstein", drift = 1e-3 }` are two."""
    values, depth, quote, start = [], 0, "", 0
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign in "[{(":
            depth += 1
        elif sign in "]})":
            depth -= 1
        elif sign == "," and depth == 0:
            values.append(text[start:at].strip())
            start = at + 1
    return [*values, text[start:].strip()]


def as_text(value: Any) -> str:
    """A Python value as `--set` would be given it."""
    return value if isinstance(value, str) else json.dumps(value)


def combinations(vary: Mapping[str, Sequence[Any]]) -> list[tuple[str, ...]]:
    """The product of all values, as settings: [("loss=hinge", "model.width=4"), ...].

    Raises:
        UsageError: for a key that has to be equal, or a value that is empty or given twice.
    """
    axes = []
    for key, values in vary.items():
        check_varied(key)
        texts = [as_text(value) for value in values]
        if not texts or not all(texts):
            raise UsageError(f"--vary {key} has an empty value; write --vary {key}=V1,V2")
        twice = [text for text in texts if texts.count(text) > 1]
        if twice:
            raise UsageError(f"--vary {key} names {twice[0]} twice; give each value once")
        axes.append([f"{key}={text}" for text in texts])
    return list(itertools.product(*axes))


def check_varied(key: str) -> None:
    """Raises UsageError for a key that has to be the same for all contestants."""
    table, _, name = key.partition(".")
    known = [f.name for f in fields(DataConfig)]
    is_data = table == "data" and name in known and name not in OF_STREAM
    if key in FLAGS or key in EQUAL or is_data:
        instead = f"{FLAGS[key]} or another comparison" if key in FLAGS else "--set, and another comparison"
        raise UsageError(
            f"--vary {key}: this has to be equal for all contestants, or their scores could not be "
            f"compared; use {instead}"
        )


def check_set(settings: Sequence[str]) -> None:
    """Raises UsageError for a setting that has a flag of its own."""
    for setting in settings:
        flag = FLAGS.get(setting.partition("=")[0].strip())
        if flag:
            raise UsageError(f"--set {setting}: all runs share this, it has a flag of its own, {flag}")


def applied(tables: Tables, settings: Sequence[str]) -> tuple[Tables, tuple[str, ...]]:
    """A copy of a recipe's tables with the settings that its family knows, and which these were.

    A key of `[model]` that the family does not have is passed over: it is another contestant's.
    """
    tables, used = copy.deepcopy(tables), []
    own = field_names(FAMILIES[tables["model"]["name"]])
    for setting in settings:
        name = model_key(setting)
        if name is None or name in own:
            apply_setting(tables, setting)
            used.append(setting)
    return tables, tuple(used)


def model_key(setting: str) -> str | None:
    """`width` of `model.width=32`; None for a key of another table."""
    table, _, name = setting.partition("=")[0].strip().partition(".")
    return name.partition(".")[0] if table == "model" else None


def check_known(settings: Sequence[str], families: Sequence[str]) -> None:
    """Raises UsageError for a key of `[model]` that none of the families has, the nearest named."""
    known = {name for family in families for name in field_names(FAMILIES[family])}
    for setting in settings:
        name = model_key(setting)
        if name is not None and name not in known:
            raise unknown("key in [model]", name, known)
