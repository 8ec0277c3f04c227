"""Several models under equal terms: trained, scored and shown side by side.

    from ganzoo.compare import compare
    result = compare(models=["vanilla", "dcgan"], images=50_000, seeds=3, out="comparison")
    result.report      # the page to look at
    result.results     # what results.json holds

A comparison's folder:

    comparison.json   what is compared           runs/       ordinary run directories, NAME-seedN
    report.html       results.json  results.md   recipes/ logs/ outcomes/ costs/
    results.csv  results.tex  methods.txt  references.bib                for a paper
    earlier/          reports of something else: another budget, scoring, data or version
"""

import dataclasses
import shlex
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import import_tensorflow_quietly
from ganzoo.compare import checks
from ganzoo.compare.given import plan_of_runs
from ganzoo.compare.outcome import FINISHED, Outcome
from ganzoo.compare.plan import Budget, Plan, Scoring, make_plan
from ganzoo.compare.public import public_plan
from ganzoo.compare.run import Slot, Trainer, slots_of, train_all
from ganzoo.disk.files import write_text
from ganzoo.training import folders

__all__ = ["Comparison", "compare"]


@dataclass(frozen=True)
class Comparison:
    """What `compare` returns: the page, and everything that it says as plain values."""

    report: Path
    results: dict[str, Any]


def compare(
    runs: Sequence[str | Path] = (),
    *,
    out: str | Path,
    models: Sequence[str] = (),
    recipes: Sequence[str] = (),
    vary: Mapping[str, Sequence[Any]] | None = None,
    weights: str | None = None,
    settings: Sequence[str] = (),
    data: str | None = None,
    images: int | None = None,
    minutes: float | None = None,
    seeds: int = 3,
    eval_every: int | None = None,
    features: str = "mobilenet",
    num: int = 10_000,
    jobs: int = 1,
    devices: Sequence[str] = ("auto",),
    retry: bool = False,
    trainer: Trainer | None = None,
    say: Callable[[str], None] = print,
) -> Comparison:
    """Trains models under equal terms and writes a report; goes on where it was broken off.

    Equal are the budget, the pictures and their order, their size, and the evaluation. All else is as
    each recipe has it, and the report says what that is. A run that fails or collapses is a result.

    Args:
        runs: finished run directories: they are compared as they are and nothing is trained, so that of the
            rest only `out`, `features` and `num` count.
        out: the comparison's folder, new or of the same one.
        models: families by name, each with its quick recipe.
        recipes: recipes by name or path.
        vary: recipe keys and their values, e.g. {"loss": ["non_saturating", "hinge"]}: each recipe enters
            once for each combination of those that it knows.
        weights: what all of them begin with, as `--weights` of `ganzoo-train`; to compare with a beginning
            from nothing, vary "train.begin_with" over "none" and a name.
        settings: as `--set` of `ganzoo-train`, for all of them.
        data: where pictures come from, as `--data`; default what the recipes say.
        images: the budget of a run in images seen, or else
        minutes: in minutes of training: compiling, scores, grids and checkpoints included.
        seeds: runs of each.
        eval_every: images between two points of the learning curve; default a tenth of the budget.
        features: a name out of `ganzoo.metrics.SPACES`, in which best states are chosen and all are scored.
        num: generated pictures that are scored.
        jobs: runs trained at a time; on one device they share the cores.
        devices: where they are trained, in turn: auto, cpu, gpu or gpu:NUMBER.
        retry: train failed runs once more.
        trainer: what trains a run, for tests; default `ganzoo-train` in a process of its own.
        say: is told what happens.

    Raises:
        UsageError: for wrong names, terms that cannot be equal, a folder of something else.
        DataError: if the data is not there, a contestant cannot learn from it, e.g. for want of labels, or
            a run there was trained on other data.
        RunError: if another process is at work in the folder, or it cannot be written.
        KeyboardInterrupt: on Ctrl-C, with everything written; the same call goes on.
    """
    scoring = Scoring(features, num)
    if runs:
        _refuse_terms(
            models=models, recipes=recipes, vary=vary, weights=weights, settings=settings, data=data
        )
        return of_runs(plan_of_runs(runs, out, scoring), say)
    plan = make_plan(
        out=out,
        models=models,
        recipes=recipes,
        vary=vary,
        weights=weights,
        settings=settings,
        source=data,
        budget=Budget(images, minutes),
        seeds=seeds,
        eval_every=eval_every,
        scoring=scoring,
    )
    from ganzoo.metrics.name_checks import check_names

    check_names(features)
    slots = slots_of(jobs, devices)
    checks.check_out(plan.out)
    checks.check_runs(plan)
    store = checks.check_store(plan)
    plan = dataclasses.replace(plan, data=checks.fingerprints(plan, store))
    checks.check_data(plan)
    with folders.locked(plan.out):
        write_text(plan.out / checks.PLAN, checks.plan_text(plan))
        ended = train_all(plan, slots, trainer=trainer, retry=retry, say=say)
        results = reported(plan, ended, store, slots, say)
    return Comparison(plan.out / "report.html", results)


def _refuse_terms(**given) -> None:
    """Raises UsageError for what says how to train, where runs are trained already."""
    for name, value in given.items():
        if value:
            raise UsageError(f"{name} says how to train, but finished runs are given; leave one of them out")


def of_runs(plan: Plan, say: Callable[[str], None]) -> Comparison:
    """Compares runs that are trained already."""
    from ganzoo.metrics.name_checks import check_names

    check_names(plan.scoring.features)
    checks.check_out(plan.out)
    store = checks.check_store(plan)
    plan = dataclasses.replace(plan, data=checks.fingerprints(plan, store))
    checks.check_data(plan)
    ended = {run.name: Outcome(FINISHED) for run in plan.runs()}
    with folders.locked(plan.out):
        write_text(plan.out / checks.PLAN, checks.plan_text(plan))
        results = reported(plan, ended, store, slots_of(1), say)
    return Comparison(plan.out / "report.html", results)


def reported(plan: Plan, ended, store, slots: Sequence[Slot], say) -> dict[str, Any]:
    """Scores and writes; TensorFlow is imported here, after the trainings have given their memory back."""
    import_tensorflow_quietly()
    from ganzoo.compare.rendering import make_report

    command = command_of(public_plan(plan), len(slots))
    return make_report(plan, ended, store, command, len(slots), say)


def command_of(plan: Plan, jobs: int) -> str:
    """A command line that makes this comparison; `jobs` at a time share what minutes give."""
    about = {**plan.terms, **({"jobs": jobs} if jobs > 1 else {})}
    words = ["ganzoo-compare", *map(str, about.pop("runs", ()))]
    for name, value in about.items():
        for each in value if isinstance(value, list) else [value]:
            words += [f"--{name}", str(each)]
    return " ".join(map(shlex.quote, words))
