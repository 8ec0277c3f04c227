"""The report as one page that loads nothing: text, tables, charts, and pictures within it."""

from collections.abc import Sequence
from importlib import resources
from string import Template
from typing import Any

from ganzoo.base.printable import escape
from ganzoo.compare import cells, charts
from ganzoo.compare.cells import Table
from ganzoo.compare.gallery import Looks, nearest, samples, walks
from ganzoo.compare.graphs import against, curves
from ganzoo.compare.sentences import sentences


def page(results: dict[str, Any], looks: Looks, command: str) -> str:
    """The whole page, HTML."""
    template = resources.files("ganzoo.compare").joinpath("page.html").read_text(encoding="utf-8")
    names = [each["name"] for each in results["contestants"]]
    parts = [
        section("In words", bullets(sentences(results))),
        section("Quality", in_html(cells.quality(results)) + failed(results)),
        section("Differences", in_html(cells.pairs(results))) if results["differences"] else "",
        section("Learning curves", charts.legend(names) + curves(results)),
        section(
            "Quality against time and cost",
            charts.legend(names) + against(results) + in_html(cells.cost(results)),
        ),
        section("Samples", samples(results, looks)),
        section("Walks through the latents", walks(results, looks)),
        section("Nearest training pictures", nearest(results, looks)),
        section("All measures", in_html(cells.all_measures(results)) + notes(results)),
        section("What was equal, and what was not", equal(results) + in_html(cells.unequal(results))),
        section("Exact recipes", recipes(results)),
        section("Machine, versions, repeating it", repeating(results, command)),
    ]
    return Template(template).substitute(
        title=escape(f"{', '.join(names)}: compared"),
        terms=escape(terms(results)),
        body="\n".join(filter(None, parts)),
    )


def terms(results: dict[str, Any]) -> str:
    """The comparison in one line."""
    budget, about = results["budget"], results["data"]
    each = (
        f"{budget['images']:,} images" if budget["images"] else f"{budget['minutes']:g} minutes of training"
    )
    side, _, channels = about["shape"]
    num = len(results["seeds"])
    scoring, grey = results["scoring"], " in grey" if channels == 1 else ""
    return (
        f"{each} a run, {num} {'seeds' if num > 1 else 'seed'}, {about['source']}: {about['pictures']:,} "
        f"pictures of {side}x{side}{grey}; {scoring['num']:,} generated pictures scored in the space of "
        f"{scoring['features']} features."
    )


def section(title: str, body: str) -> str:
    return f"<section><h2>{escape(title)}</h2>\n{body}</section>" if body else ""


def bullets(lines: Sequence[str]) -> str:
    return '<ul class="words">' + "".join(f"<li>{escape(line)}</li>" for line in lines) + "</ul>"


def in_html(table: Table) -> str:
    """A table that scrolls within itself on a narrow screen."""
    if not table.rows:
        return ""

    def cell(tag: str, text: str) -> str:
        first, _, rest = text.partition("\n")
        is_text = ' class="text"' if tag == "td" and len(first) > 24 else ""  # a sentence, not a number
        first = first.replace("± ", "±\N{NO-BREAK SPACE}")  # a narrow column breaks before the sign
        return f"<{tag}{is_text}>{escape(first)}{f'<small>{escape(rest)}</small>' if rest else ''}</{tag}>"

    head = "".join(cell("th", text) for text in table.head)
    rows = "".join(
        f"<tr>{cell('th', row[0])}{''.join(cell('td', text) for text in row[1:])}</tr>" for row in table.rows
    )
    caption = f'<p class="quiet">{escape(table.caption)}</p>' if table.caption else ""
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    return f'<div class="scroll">{table}</div>{caption}'


def failed(results: dict[str, Any]) -> str:
    table = cells.failures(results)
    return f'<h3 class="bad">Runs without a result</h3>{in_html(table)}' if table.rows else ""


def notes(results: dict[str, Any]) -> str:
    """What the measures' own notes say, each once."""
    found: dict[str, list[str]] = {}
    for each in results["contestants"]:
        for name, entry in each["measures"]["last"].items():
            for note in [*(f"? {each}" for each in entry["doubts"]), *entry["notes"]]:
                if name not in found.setdefault(note, []):
                    found[note].append(name)
    lines = [f"{', '.join(names)}: {note}" for note, names in found.items()]
    return f"<details><summary>Notes on the measures</summary>{bullets(lines)}</details>" if lines else ""


def equal(results: dict[str, Any]) -> str:
    """What all runs shared, in words."""
    about = results["data"]
    unit = "images seen" if results["budget"]["images"] else "minutes of training"
    lines = [
        f"Budget: {unit}, up to one batch more.",
        f"Data: {about['source']}, {about['pictures']:,} pictures, the same crops, in the same order for the "
        f"same seed (fingerprint {about['fingerprint'][:12]}).",
        "Evaluation: the same measures, number of pictures, seed and real pictures; of each the averaged "
        "generator, where its recipe has one.",
        "Not equal: everything below. Each recipe is as it is, tuned to a budget and with a care of "
        "its own; none was tuned for this comparison.",
    ]
    return bullets(lines)


def recipes(results: dict[str, Any]) -> str:
    found = []
    for each in results["contestants"]:
        links = ", ".join(
            f'<a href="https://arxiv.org/abs/{paper}">arXiv {paper}</a>' for paper in each["papers"]
        )
        about = escape(each["model"]) + (f", after {links}" if links else "")
        about += "; train.seed differs from run to run."
        found.append(
            f'<details><summary>{escape(each["name"])}</summary><p class="quiet">{about}</p>'
            f"<pre>{escape(each['recipe'])}</pre></details>"
        )
    return "".join(found)


def machine_lines(machine: dict[str, Any]) -> list[str]:
    """Where the runs were trained, with what, and how many at a time."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    lines = [f"{machine['processor']}, {machine['cores']} cores, {machine['system']}", versions]
    if machine.get("jobs", 1) > 1:
        lines.append(f"{machine['jobs']} runs at a time: times and images/s are those of a shared machine")
    return lines


def repeating(results: dict[str, Any], command: str) -> str:
    lines = machine_lines(results["machine"])
    repeat = "<p>The same command goes on with what is missing and repeats nothing:</p>"
    return f"{bullets(lines)}{repeat}<pre>{escape(command)}</pre>"
