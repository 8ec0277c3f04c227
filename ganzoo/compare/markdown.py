"""The report as Markdown: words and tables, no pictures."""

from typing import Any

from ganzoo.compare import cells
from ganzoo.compare.cells import Table
from ganzoo.compare.html_page import machine_lines, terms
from ganzoo.compare.sentences import sentences


def markdown(results: dict[str, Any], command: str) -> str:
    """The text of `results.md`."""
    names = ", ".join(each["name"] for each in results["contestants"])
    parts = [f"# {names}: compared", terms(results), "## In words"]
    parts.append("\n".join(f"* {line}" for line in sentences(results)))
    for title, table in (
        ("Quality", cells.quality(results)),
        ("Runs without a result", cells.failures(results)),
        ("Differences", cells.pairs(results)),
        ("Cost", cells.cost(results)),
        ("All measures", cells.all_measures(results)),
        ("What was not equal", cells.unequal(results)),
    ):
        if table.rows:
            parts += [f"## {title}", in_markdown(table), *filter(None, [table.caption])]
    parts += ["## Machine", "; ".join(machine_lines(results["machine"]))]
    return "\n\n".join([*parts, f"    {command}"]) + "\n"


def in_markdown(table: Table) -> str:
    """A table; the quiet second line of a cell stands in brackets."""

    def cell(text: str) -> str:
        first, _, rest = text.replace("|", "\\|").partition("\n")
        return f"{first} ({rest})" if rest else first

    lines = [table.head, ("---",) * len(table.head), *table.rows]
    return "\n".join(f"| {' | '.join(cell(text) for text in line)} |" for line in lines)
