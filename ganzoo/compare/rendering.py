"""From finished runs to `results.json`, `results.md`, `report.html`, and the files for a paper."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from ganzoo.compare import looks, paper, scored
from ganzoo.compare.collect import collect
from ganzoo.compare.cost import cost_of
from ganzoo.compare.gallery import Looks
from ganzoo.compare.html_page import page
from ganzoo.compare.markdown import markdown
from ganzoo.compare.outcome import FINISHED, Outcome
from ganzoo.compare.plan import Plan, Run
from ganzoo.disk.files import write_text
from ganzoo.disk.sums import short_sum
from ganzoo.training import kept

REPORT = (
    *("results.json", "results.md", "report.html"),
    *("results.csv", "results.tex", "methods.txt", "references.bib"),
)
WIDEST = 800  # pixels of a picture in the page


def make_report(
    plan: Plan, ended: dict[str, Outcome], store, command: str, jobs: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Scores what is not scored yet, writes the files and returns the results."""
    finished = [run for run in plan.runs() if ended[run.name].status == FINISHED]
    scores = scored.score_all(plan, finished, store, say)
    costs = costs_of(plan, finished, store, say)
    results = collect(plan, ended, scores, costs, store)
    results["machine"]["jobs"], results["command"] = jobs, command
    shown = looks_of(plan, finished, scores, say)
    keep_earlier(plan.out, results)
    write_text(plan.out / "results.json", json.dumps(results, indent=1) + "\n")
    write_text(plan.out / "results.md", markdown(results, command))
    write_text(plan.out / "report.html", page(results, shown, command))
    for name, text in (
        ("results.csv", paper.tidy_csv(results)),
        ("results.tex", paper.latex(results)),
        ("methods.txt", paper.methods(results)),
        ("references.bib", paper.bibtex(results)),
    ):
        write_text(plan.out / name, text)
    return results


def keep_earlier(out: Path, results: dict[str, Any]) -> None:
    """Moves a report of something else out of the way: other terms, data or version than these results'."""
    try:
        before = json.loads((out / "results.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return
    if identity(before) == identity(results):
        return
    folder = out / "earlier" / short_sum(before)
    folder.mkdir(parents=True, exist_ok=True)
    for name in REPORT:
        if (out / name).is_file():
            (out / name).replace(folder / name)


def identity(results: dict[str, Any]) -> Any:
    """What a report is of: all but what came out."""
    about = {key: results.get(key) for key in ("ganzoo", "budget", "seeds", "data", "scoring")}
    recipes = [(each["name"], each["recipe"]) for each in results.get("contestants", ())]
    return about, recipes


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


def looks_of(plan: Plan, finished: list[Run], scores: dict, say) -> Looks:
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
            sheet = scores[run.name][kept.LAST].get("sheet")
            if sheet:
                shown.nearest[name] = as_webp(run.root / "evaluations" / sheet)
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
