"""From finished runs to `results.json`, `results.md` and `report.html`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from ganzoo.compare import looks, scored
from ganzoo.compare.collect import collect
from ganzoo.compare.cost import cost_of
from ganzoo.compare.gallery import Looks
from ganzoo.compare.markdown import markdown
from ganzoo.compare.outcome import FINISHED, Outcome
from ganzoo.compare.page import page
from ganzoo.compare.plan import Plan, Run
from ganzoo.training import kept
from ganzoo.training.files import write_text

WIDEST = 800  # pixels of a picture in the page


def make_report(
    plan: Plan, ended: dict[str, Outcome], store, command: str, jobs: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Scores what is not scored yet, writes the three files and returns the results."""
    finished = [run for run in plan.runs() if ended[run.name].status == FINISHED]
    scores = scored.score_all(plan, finished, store, say)
    costs = costs_of(plan, finished, store, say)
    results = collect(plan, ended, scores, costs, store)
    results["machine"]["jobs"], results["command"] = jobs, command
    shown = looks_of(plan, finished, say)
    write_text(plan.out / "results.json", json.dumps(results, indent=1) + "\n")
    write_text(plan.out / "results.md", markdown(results, command))
    write_text(plan.out / "report.html", page(results, shown, command))
    return results


def costs_of(plan: Plan, finished: list[Run], store, say) -> dict[str, Any]:
    """Each contestant's cost at the budget; where that is in minutes, at the most images it came to."""
    costs: dict[str, Any] = {}
    for each in plan.contestants:
        seen = [scored.images_at(run.root, kept.LAST) or 0 for run in finished if run.contestant == each]
        images = plan.budget.images or max(seen, default=0)
        if images:
            costs[each.name] = cost_of(
                plan, each, store, images, lambda n=each.name: say(f"{n}: counting its cost")
            )
        else:
            costs[each.name] = None
    return costs


def looks_of(plan: Plan, finished: list[Run], say) -> Looks:
    """The pictures of the page: samples of every finished run, the rest of each contestant's first."""
    shown = Looks()
    for run in finished:
        name = run.contestant.name
        first = name not in shown.walks
        sheet, film = looks.draw(
            run, first, lambda r=run: say(f"{r.contestant.name}, seed {r.seed}: drawing")
        )
        shown.samples[name, run.seed] = sheet.read_bytes()
        if first:
            shown.walks[name] = film.read_bytes()
            near = scored.nearest_path(run, scored.images_at(run.root, kept.LAST))
            if near.is_file():
                shown.nearest[name] = as_webp(near)
    if finished and (finished[0].root / "reals.png").is_file():
        shown.reals = as_webp(finished[0].root / "reals.png")
    return shown


def as_webp(path: Path) -> bytes:
    """A PNG made small for the page, enlarged where its pictures would be specks."""
    with Image.open(path) as opened:
        picture = opened.convert("RGB")
    times = max(1, 320 // picture.width)
    picture = picture.resize((picture.width * times, picture.height * times), Image.Resampling.NEAREST)
    return looks.webp([picture], WIDEST)
