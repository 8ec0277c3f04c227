"""Command lines of the documentation, checked as far as they can be without training anything.

A line is parsed with its command's own flags; then all that the command checks before its work
is checked, with stand-ins for the folders and runs that it names.
"""

import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from docs.generate import pages
from ganzoo import data, export
from ganzoo.base.errors import DataError
from ganzoo.cli import explore, sample_request, train
from ganzoo.cli import export as cli_export
from ganzoo.compare.plan import Budget, Scoring, make_plan
from ganzoo.compare.variations import parse_vary
from ganzoo.config import list_recipes, read_recipe, resolve, to_toml
from ganzoo.data.data_config import LAYOUT, STORED, DataConfig
from ganzoo.metrics import name_checks
from ganzoo.sampling.latent_files import Latents, write
from ganzoo.training import checkpoints, devices, runs, strategies
from ganzoo.training.trained import find
from tests.conftest import ROOT

# What is not ours to check: installing, other people's programs, a shell's own words.
SKIPPED = {"pip", "kaggle", "export", "mkdocs"}
MODULES_SKIPPED = {"venv", "pip", "pytest"}
PROGRAMS = {"benchmarks", "experiments", "tools"}


def lines(text: str) -> Iterator[list[str]]:
    """The commands of a shell block, as words."""
    for line in text.replace("\\\n", " ").splitlines():
        for part in line.split("&&"):
            words = shlex.split(part, comments=True)
            if words:
                yield words


def check(words: list[str]) -> None:
    """Fails if a command of the documentation cannot be right."""
    name = Path(words[0]).name
    if words[0] == "." or name in SKIPPED:
        return
    if name.startswith("ganzoo-"):
        check_ours(name.removeprefix("ganzoo-"), words[1:])
    elif name.startswith("python") and words[1] == "-m":
        module = words[2]
        if module in PROGRAMS:
            assert words[3:] == [] or (ROOT / module / f"{words[3]}.py").is_file(), f"no {module} {words[3]}"
        elif module not in MODULES_SKIPPED:
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").is_file() or path.is_dir(), f"no module {module}"
    elif name.startswith("python") and words[1].endswith(".py"):
        source = (ROOT / words[1]).read_text(encoding="utf-8")
        for flag in [word for word in words if word.startswith("--")]:
            assert f'"{flag}"' in source, f"{words[1]} has no {flag}"
    else:
        pytest.fail(f"a command that nobody checks: {shlex.join(words)}")


def check_ours(name: str, argv: list[str]) -> None:
    """Parses a line of one of our commands and checks what it asks for."""
    command = replace(pages.command(name), main=lambda values, *words: CHECKS[name](values, *words))
    argv = [word for word in argv if word != "..."]
    assert command(argv) == 0, f"ganzoo-{name} {shlex.join(argv)}"


def flags_named(name: str, text: str) -> None:
    """Fails if a piece of running text names a flag that a command does not have."""
    known = pages.command(name).flags
    for flag in re.findall(r"--(\w+)", text):
        there = {flag, flag.removeprefix("no")} & {*known, "help"}
        assert there, f"ganzoo-{name} has no --{flag}"


def stand_in(word: str) -> str:
    """A run with an empty checkpoint in the place of one that the documentation names; returns its folder."""
    if word.endswith(".zip"):  # written by the line before
        word = "dcgan/paintings"
    name = word.split("/")[0] if not word.startswith("runs/") else re.sub(r"-\d+$", "", Path(word).name)
    root = Path(word) if word.startswith("runs/") else Path("runs", f"{name}-1")
    if not root.exists():
        assert name in list_recipes(), f"{word} would not be the name of a run"
        config = resolve(read_recipe(name))
        if any(getattr(config.family, key) is None for key in config.family.from_data):
            size, _, channels = config.family.batch_spec["image"]
            store = data.load(replace(config.data, crop="center"), size, channels)
            config = replace(config, family=config.family.fit_to_data(store))
        (root / "checkpoints").mkdir(parents=True)
        checkpoints.save(root / "checkpoints", 0, {}, {})
        (root / "config.toml").write_text(to_toml(config.tables()), encoding="utf-8")
    return str(root)


# ---- what each command would check ------------------------------------------------------------------


def check_train(values) -> None:
    if values.run_dir and not (values.model or values.config):
        stand_in(values.run_dir)
    config, run_dir, _ = train.plan(values)
    if run_dir is not None and runs.exists(run_dir):
        runs.refuse_changes(run_dir, config)
    if (Path(config.data.source) / "store.json").is_file():  # prepared by a command before, so does it fit?
        size, _, channels = config.family.batch_spec["image"]
        with pytest.raises(DataError, match="holds no usable picture"):
            data.load(config.data, size, channels)
    devices.check(values.device)
    strategies.check(values.strategy)
    train.profiled_steps(values.profile)


def check_sample(values, word: str) -> None:
    root = stand_in(word)
    if values.latents:
        family = find(root).config.family
        write(Path(values.latents), Latents(np.zeros((4, family.latent_dim), np.float32), {}, {}), {})
    sample_request.request(values, root)


def check_evaluate(values, word: str) -> None:
    if not (values.data and not word.startswith("runs/")):  # else a folder of pictures
        stand_in(word)
    name_checks.check_names(values.features, values.metrics)
    devices.check(values.device)


def check_prepare(values, source: str) -> None:
    settings = {key: values[key].value for key in STORED}
    DataConfig(source=source, **settings)
    assert values.out
    about = {"layout": LAYOUT, "size": values.size, "channels": values.channels, "settings": settings}
    about |= {"train": 0, "test": 0, "class_names": [], "report": {"reasons": {}}}
    Path(values.out).mkdir()
    (Path(values.out) / "store.json").write_text(json.dumps(about))


def check_export(values, word: str) -> None:
    given = {name: values[name].value for name in cli_export.OPTIONS if values[name].value is not None}
    form = export.formats.chosen(values.format, **given)
    export.check(stand_in(word), form, values.out, values.pixels, values.overwrite)


def check_explore(values, word: str) -> None:
    explore.checked(stand_in(word), values.checkpoint)


def check_compare(values, *given: str) -> None:
    if given:  # trained by the lines before
        assert values.out and all(word.startswith("runs/") for word in given)
        return
    if values.data:
        Path(values.data).mkdir(parents=True, exist_ok=True)
        Path(values.data, "picture.jpg").touch()
    assert values.out
    make_plan(
        out=values.out,
        models=values.models,
        recipes=values.recipes,
        vary=dict(map(parse_vary, values.vary)),
        weights=values.weights,
        settings=values["set"].value,
        source=values.data,
        budget=Budget(values.images, values.minutes),
        seeds=values.seeds,
        eval_every=values.eval_every,
        scoring=Scoring(values.features, values.num),
    )


CHECKS = {
    "train": check_train,
    "sample": check_sample,
    "evaluate": check_evaluate,
    "prepare": check_prepare,
    "export": check_export,
    "explore": check_explore,
    "compare": check_compare,
}
