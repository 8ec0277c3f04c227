"""The charts of a report: learning curves, and quality against time and cost."""

from typing import Any

from ganzoo.base.printable import escape
from ganzoo.compare import charts
from ganzoo.compare.charts import Series
from ganzoo.compare.outcome import FINISHED


def series_of(results: dict[str, Any], x: str, y: str) -> list[Series]:
    """For each contestant a line for each run's log; values that are not there or not finite are left out."""
    return [
        Series(
            each["name"],
            style,
            tuple(
                tuple(
                    (float(row[x]), float(row[y]))
                    for row in run["curve"]
                    if row.get(x) is not None and row.get(y) is not None
                )
                for run in each["runs"]
            ),
        )
        for style, each in enumerate(results["contestants"])
    ]


READINGS = (
    ("diversity", "Variety of the samples (1: as the data)", "diversity", (0.0, 1.0)),
    ("d_real", "Real pictures that D recognises", "share", (0.0, 1.0)),
    ("d_fake", "Generated pictures that D recognises", "share", (0.0, 1.0)),
    ("d_loss", "Loss of D (no measure of quality)", "loss", ()),
    ("g_loss", "Loss of G (no measure of quality)", "loss", ()),
)


def _terms(results: dict[str, Any]) -> list[tuple]:
    """What is drawn of the terms that some families' generators minimise besides."""
    known = {"images_seen", "seconds", results["scoring"]["headline"], *(name for name, *_ in READINGS)}
    rows = (row for each in results["contestants"] for run in each["runs"] for row in run["curve"])
    names = dict.fromkeys(name for row in rows for name in row if name not in known)
    return [(name, f"The term {name}", name, ()) for name in names]


def curves(results: dict[str, Any]) -> str:
    """Scores and readings while it was trained."""
    score, per_image = results["scoring"]["headline"], "images seen"
    drawn = [
        charts.lines(
            f"{score} while training (lower is better)",
            per_image,
            score,
            series_of(results, "images_seen", score),
        ),
        charts.lines(
            "The same over time", "seconds of training", score, series_of(results, "seconds", score)
        ),
        *(
            charts.lines(title, per_image, label, series_of(results, "images_seen", name), shown)
            for name, title, label, shown in (*READINGS, *_terms(results))
            if any(
                name in row for each in results["contestants"] for run in each["runs"] for row in run["curve"]
            )
        ),
    ]
    note = (
        '<p class="quiet">A line is a run. Scores while training are of fewer samples than those in the '
        "table and not to be compared with them; nor are losses of different recipes with each other.</p>"
    )
    return f'<div class="charts">{"".join(drawn)}</div>{note}'


def against(results: dict[str, Any]) -> str:
    """The final score of each run over what it took."""
    headline = results["scoring"]["headline"]

    def series(x) -> list[Series]:
        found = []
        for style, each in enumerate(results["contestants"]):
            places = [
                (x(each, run), ratio_of(run, headline)) for run in each["runs"] if run["status"] == FINISHED
            ]
            places = [(a, b) for a, b in places if a and b]
            found.append(Series(each["name"], style, tuple((place,) for place in places)))
        return found

    def trained(each, run):
        return each["cost"] and each["cost"]["train"] * run["images_seen"]

    of = {
        "minutes of training": lambda each, run: run["seconds"] and run["seconds"] / 60,
        "multiply-adds of the whole training": trained,
        "multiply-adds of one generated picture": lambda each, run: each["cost"] and each["cost"]["sample"],
        "parameters of the generator": lambda each, run: (
            each["cost"] and each["cost"]["generator_parameters"]
        ),
        "peak memory, MiB": lambda each, run: run["peak_memory_mib"],
    }
    drawn = [
        charts.points(f"Over {label}", label, "times the floor", series(x), level=1.0)
        for label, x in of.items()
    ]
    if not any(drawn):
        return ""
    note = (
        f"A point is a run: {headline} at the end of the budget as a multiple of the real-against-real floor."
    )
    return f'<p class="quiet">{escape(note)}</p><div class="charts">{"".join(drawn)}</div>'


def ratio_of(run: dict[str, Any], headline: str) -> float | None:
    return run.get("last", {}).get("measures", {}).get(headline, {}).get("ratio")
