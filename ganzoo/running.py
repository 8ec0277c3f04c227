"""A training run from beginning to end, as `ganzoo-train` and `ganzoo.train` both do it."""

import contextlib
import dataclasses
import functools
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganzoo.base.arguments import field_names
from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.base.paths import expanded
from ganzoo.config import Config, TrainConfig, recipe_for, resolve, shortened, with_budget
from ganzoo.data import with_classes
from ganzoo.data.data_config import DataConfig
from ganzoo.data.sources import check, located
from ganzoo.family import FAMILIES
from ganzoo.objective import Objective
from ganzoo.training import beginning, devices, folders, notebook, runs, strategies
from ganzoo.training.trained import BEST, find

loop = LazyModule("ganzoo.training.loop")


@dataclass(frozen=True)
class Run:
    """A run that has been trained: where it is, how it ended, and its model.

    Attributes:
        run_dir: the run directory: grids, log, checkpoints, recipe; what `ganzoo.load` takes.
        summary: its end in numbers, as in `summary.json`: `finished`, `images_seen`, `seconds` of the run,
            `this_process`'s share of both, `last` and `best` readings, ...
    """

    run_dir: Path
    summary: dict[str, Any]

    @property
    def exit_code(self) -> int:
        """What the command ends with: 0 unless a signal or a collapse ended the run."""
        return self.summary["exit_code"]

    @functools.cached_property
    def gan(self):
        """The trained `ganzoo.GAN`: the best state by the run's score, the last where it has none."""
        return self.load()

    def load(self, checkpoint: str | int = BEST):
        """The model at a kept state; see `ganzoo.load`."""
        return find(self.run_dir).load(checkpoint)


def train(
    model: str | None = None,
    *,
    recipe: str | Path | None = None,
    data: str | Path | None = None,
    weights: str | Path | Mapping[str, float] | None = None,
    run_dir: str | Path | None = None,
    device: str = "auto",
    strategy: str = "auto",
    callbacks: Sequence = (),
    verbose: bool = True,
    allow_changes: bool = False,
    allow_other_data: bool = False,
    from_best: bool = False,
    **arguments: Any,
) -> Run:
    """Trains as `ganzoo-train` does: by a recipe, into a run directory, to be gone on with at any time.

        run = ganzoo.train("dcgan", data="some/folder", images=30_000, image_size=32)
        run.gan.sample(16, seed=1)

    In a notebook the progress and the newest grid are shown in place. Interrupting it ends the run with
    everything written; the same call with `run_dir=run.run_dir` goes on.

    Args:
        model: a name out of `list_models()`; trained by the quick recipe of that name. (`build(model)`
            alone has its paper's settings; `build(model, recipe=model)` is what is trained here.)
        recipe: another recipe, a name out of `list_recipes()` or a path.
        data: where the pictures are: "paintings" (embedded), a folder, zip files, "tfds:NAME" or an .npz;
            default what the recipe says.
        weights: what a new run begins with: trained weights by name or folder, or a run directory. Without
            `model` and `recipe` it is trained as they were. (A dict is something else, as in `build`: how
            much the loss's terms count.)
        run_dir: where the run is written, or the run to go on with; default a new `runs/NAME-NUMBER`.
        device: "auto", "cpu", "gpu" or "gpu:NUMBER".
        strategy: how several devices share the work, as for `ganzoo-train --strategy`.
        callbacks: Keras callbacks; an epoch is a period of the log.
        verbose: whether anything is printed or shown.
        allow_changes, allow_other_data, from_best: as for `ganzoo-train`, in going on with a run.
        **arguments: any argument of the recipe by its own name: the family's (`image_size`, `width`,
            ...), the training's (`images`, `minutes`, `batch_size`, `loss`, `learning_rate`, `seed`,
            `eval_every`, ...) and the data's (`label`, `crop`, `flip`, ...).

    Returns:
        The `Run`: `run.gan`, `run.run_dir`, `run.summary`.

    Raises:
        UsageError: for a wrong name (the nearest is named), or other arguments than the run began with.
        DataError: if the data is missing or does not fit.
        RunError: if the run directory cannot be used, or training diverged.
    """
    if isinstance(weights, Mapping):
        arguments, weights = {**arguments, "weights": dict(weights)}, None
    config, name = asked(model, recipe, data, weights, run_dir, arguments)
    return start(
        config,
        None if run_dir is None else expanded(run_dir),
        name,
        device=device,
        strategy=strategy,
        verbose=verbose,
        say_json=False,
        callbacks=callbacks,
        allow_changes=allow_changes,
        allow_other_data=allow_other_data,
        from_best=from_best,
    )


def asked(model, recipe, data, weights, run_dir, arguments: Mapping[str, Any]) -> tuple[Config, str]:
    """The config that the arguments of `train` mean, and the name of a new run's folder."""
    if weights is not None and model is None and recipe is None:
        tables = with_budget(beginning.tables_of(str(weights)), arguments.get("images"))
    elif model is None and recipe is None:
        if run_dir is None or not runs.exists(expanded(run_dir)):
            raise UsageError(
                "say what to train: a model, as in train('dcgan'), a recipe=..., weights=... to begin with, "
                "or the run_dir=... of a run to go on with"
            )
        tables = runs.read_config(expanded(run_dir)).tables()
    else:
        recipe = None if recipe is None else str(recipe)
        tables = with_budget(recipe_for(model, recipe), arguments.get("images"))
    for name, value in arguments.items():
        put(tables, name, value)
    if data is not None:
        if not isinstance(data, str | os.PathLike):
            raise UsageError(
                f"data is of the type {type(data).__name__}, but must be a name or a path: 'paintings', a "
                "folder, zip files, 'tfds:NAME' or an .npz; arrays and tf.data sets are for gan.fit"
            )
        tables.setdefault("data", {})["source"] = os.fspath(data)
    if weights is not None:
        tables.setdefault("train", {})["begin_with"] = beginning.located(os.fspath(weights))
    if model or recipe or weights or "images" in arguments:
        tables = shortened(tables)
    config = resolve(tables)
    config = dataclasses.replace(config, data=located(config.data))
    return config, Path(recipe).stem if recipe else config.model


def put(tables: dict[str, Any], name: str, value: Any) -> None:
    """Puts an argument into the table of a recipe where it belongs. Raises UsageError for an unknown one."""
    if name == "loss":
        tables["loss"] = value
        return
    family = FAMILIES[tables["model"]["name"]]
    homes = {"model": [family], "train": [TrainConfig, Objective], "data": [DataConfig]}
    for table, classes in homes.items():
        if any(name in field_names(cls) for cls in classes):
            tables[table] = {**tables.get(table, {}), name: value}
            return
    known = {key for classes in homes.values() for cls in classes for key in field_names(cls)}
    raise unknown("argument", name, known)


def start(
    config: Config,
    run_dir: Path | None,
    name: str,
    *,
    device: str = "auto",
    strategy: str = strategies.AUTO,
    verbose: bool = True,
    allow_changes: bool = False,
    **options: Any,
) -> Run:
    """Trains a config in a run directory, or says that this is done already.

    Args:
        config: what to train.
        run_dir: where; None is a new folder `runs/NAME-NUMBER`.
        name: of that folder.
        device, strategy: as for `train`.
        verbose: whether anything is printed or shown.
        allow_changes, **options: as for `ganzoo.training.loop.train`.
    """
    say = print if verbose else lambda text: None
    if config.family.label:
        config = dataclasses.replace(config, data=with_classes(config.data, say))
    if run_dir is not None and runs.exists(run_dir) and runs.is_finished(run_dir, config):
        if not allow_changes:
            runs.refuse_changes(run_dir, config)
        say(f"{run_dir} is finished: {runs.ended_by(run_dir)}. {MORE}")
        done = Run(run_dir, runs.read_summary(run_dir) | {"exit_code": 0})
        if options.get("say_json"):
            print(json.dumps(done.summary))
        return done
    # Is everything there at all? Asked before TensorFlow's import makes the user wait.
    _check_data(config, run_dir)
    if run_dir is None or not runs.exists(run_dir):
        beginning.check(config)
    devices.check(device)
    strategies.check(strategy)
    if strategy == strategies.CPU and device not in ("auto", "cpu"):
        raise UsageError(f"--strategy cpu contradicts --device {device}; drop one")
    import_tensorflow_quietly()
    devices.choose("cpu" if strategy == strategies.CPU else device)
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(folders.new_run_dir(name)) if run_dir is None else run_dir
        inline = notebook.Inline(folder) if verbose and notebook.is_there() else None
        nowhere = None if verbose else stack.enter_context(open(os.devnull, "w"))
        made = strategies.make(strategy)
        options |= {"allow_changes": allow_changes, "stream": inline or nowhere}
        summary = loop.train(config, folder, strategy=made, **options)
        if inline:
            inline.show_newest()
    return Run(folder, summary)


def _check_data(config: Config, run_dir: Path | None) -> None:
    """Raises DataError if there is no data; of a run that goes on, it may have moved."""
    try:
        check(config.data)
    except DataError as error:
        if run_dir is None or not runs.exists(run_dir):
            raise
        raise DataError(f"{error} (where the data of {run_dir} has moved: --data NEW_PLACE)") from None


MORE = "For more use --images or --minutes, for a new run another --run_dir"
