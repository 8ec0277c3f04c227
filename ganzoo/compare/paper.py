"""A comparison for a paper: tidy CSV, a LaTeX table, a methods paragraph, BibTeX."""

import csv
import io
import math
from importlib import resources
from typing import Any

from ganzoo.compare.collect import finished
from ganzoo.compare.statistics import spread_of, welch

COLUMNS = ("contestant", "seed", "state", "images_seen", "measure", "value", "floor", "ratio", "num")
IN_TABLE = ("KID", "precision", "recall", "coverage")  # beginnings of names, after the headline
LEVEL = 0.95
OF_MEASURES = {  # arXiv numbers of what measures are from, by the beginning of their names
    "FD": "1706.08500",
    "KID": "1801.01401",
    "precision": "1904.06991",
    "coverage": "2002.09797",
}


def tidy_csv(results: dict[str, Any]) -> str:
    """One line for each number: contestant, seed, state, measure, value, floor, ratio, N."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(COLUMNS)
    for each in results["contestants"]:
        for run in finished(each["runs"]):
            for state in ("last", "best"):
                found = run.get(state, {})
                for name, row in found.get("measures", {}).items():
                    cells = [row["value"], row["floor"], row["ratio"], row["num"]]
                    cells = ["" if cell is None else repr(cell) for cell in cells]
                    lines.writerow([each["name"], run["seed"], state, found["images_seen"], name, *cells])
    return text.getvalue()


# ---- the table --------------------------------------------------------------------------------------


def latex(results: dict[str, Any]) -> str:
    r"""A booktabs table of the last states: mean ± deviation over seeds, to the digits that this allows.

    Bold is what Welch's 95 % interval sets apart from every other contestant. Needs `\usepackage{booktabs}`.
    """
    names = measures_shown(results)
    better = {name: entry["better"] for each in results["contestants"] for name, entry in last(each).items()}
    arrows = [rf"{escaped(name)} ${_ARROWS.get(better.get(name), '')}$" for name in names]
    lines = [r"\begin{tabular}{l" + "r" * len(names) + "}", r"\toprule"]
    lines += [" & ".join(["", *arrows]) + r" \\", r"\midrule"]
    for each in results["contestants"]:
        cells = [cell(results, each, name) for name in names]
        lines.append(" & ".join([escaped(each["name"]), *cells]) + r" \\")
    floors = [results["floors"].get(name, {}).get("floor") for name in names]
    real = ["--" if floor is None else f"{floor:.3g}" for floor in floors]
    lines += [r"\midrule", " & ".join(["real against real", *real]) + r" \\", r"\bottomrule"]
    note = (
        "% mean +- standard deviation over finished seeds; bold: Welch's 95 % interval of the difference to "
        "every other row excludes 0; ?: it says little here, results.md says why"
    )
    return "\n".join([note, *lines, r"\end{tabular}"]) + "\n"


_ARROWS = {"lower": r"\downarrow", "higher": r"\uparrow"}


def measures_shown(results: dict[str, Any]) -> list[str]:
    """The headline measure and those that papers print beside it, as far as they were taken."""
    names = list(dict.fromkeys(name for each in results["contestants"] for name in last(each)))
    shown = [results["scoring"]["headline"]]
    shown += [name for start in IN_TABLE for name in names if name.startswith(start)]
    return [name for name in shown if name in names]


def last(each: dict[str, Any]) -> dict[str, Any]:
    """The measures of a contestant at the end of the budget."""
    return each["measures"]["last"]


def cell(results: dict[str, Any], each: dict[str, Any], name: str) -> str:
    """A mean with its deviation, bold where it is set apart; `--` where there is none."""
    found = last(each).get(name, {}).get("value")
    if found is None:
        return "--"
    text = rounded(found["mean"], found["deviation"])
    doubt = "^{?}" if last(each)[name].get("doubts") else ""
    return rf"$\mathbf{{{text}}}{doubt}$" if is_best(results, each, name) else f"${text}{doubt}$"


def rounded(mean: float, deviation: float | None) -> str:
    r"""`12.3 \pm 0.4`: the deviation to one digit, to two where that is a 1, the mean to its place."""
    if not deviation:
        return f"{mean:.3g}"
    exponent = math.floor(math.log10(deviation))
    digits = 1 if deviation / 10**exponent >= 1.95 else 2
    places = digits - 1 - exponent
    if places < 0:
        mean, deviation, places = round(mean, places), round(deviation, places), 0
    return rf"{mean:.{places}f} \pm {deviation:.{places}f}"


def is_best(results: dict[str, Any], each: dict[str, Any], name: str) -> bool:
    """Whether a contestant's mean is the best one, and its difference to every other is more than chance."""
    entry = last(each).get(name, {})
    sign = {"lower": 1, "higher": -1}.get(entry.get("better"))
    ours = _spread(entry)
    others = [_spread(last(other).get(name, {})) for other in results["contestants"] if other is not each]
    others = [other for other in others if other is not None]
    if sign is None or ours is None or not others:
        return False
    intervals = [welch(ours, theirs, LEVEL) for theirs in others]
    return all(found is not None and (found.low if sign > 0 else -found.high) > 0 for found in intervals)


def _spread(entry: dict[str, Any]):
    found = entry.get("value")
    return None if found is None else spread_of(found["values"])


def escaped(text: str) -> str:
    """Text that LaTeX prints as it is."""
    for sign in "\\&%$#_{}":
        text = text.replace(sign, r"\textbackslash{}" if sign == "\\" else f"\\{sign}")
    return text.replace("~", r"\textasciitilde{}").replace("^", r"\textasciicircum{}")


# ---- the words --------------------------------------------------------------------------------------


def methods(results: dict[str, Any]) -> str:
    """A paragraph on how the numbers came about: data, budget, seeds, features, checksum, N, machine."""
    data, scoring, machine = results["data"], results["scoring"], results["machine"]
    names = ", ".join(each["name"] for each in results["contestants"])
    budget = results["budget"]
    long = f"{budget['images']:,} images" if budget["images"] else f"{budget['minutes']:g} minutes"
    features = results["features"]
    pictures = f"{data['pictures']:,} pictures"
    if data["of_one_picture"] > 1:
        num = data["pictures"] // data["of_one_picture"]
        pictures = f"{data['pictures']:,} crops of {num:,} pictures"
    floor = results["floors"].get(scoring["headline"])
    at = f" Values and floors (real against real) are at N = {floor['num']:,} a side." if floor else ""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    return (
        f"We compared {names}, each trained with seeds {', '.join(map(str, results['seeds']))} for {long} on "
        f"{pictures} of {'x'.join(map(str, data['shape']))} (fingerprint {data['fingerprint'][:16]}). "
        f"{scoring['num']:,} generated pictures of each run's last state were scored in the features "
        f"{features['space']} (weights {features['checksum']}, resize {features['resize']}).{at} Means and "
        f"standard deviations are over seeds; differences were tested by Welch's interval and exact "
        f"permutation. Machine: {machine['processor']}, {machine['cores']} cores; {versions}.\n"
    )


def bibtex(results: dict[str, Any]) -> str:
    """BibTeX of the families compared, of the measures in the table, and of ganzoo."""
    wanted = [paper for each in results["contestants"] for paper in each["papers"]]
    shown = measures_shown(results)
    wanted += [paper for start, paper in OF_MEASURES.items() if any(n.startswith(start) for n in shown)]
    text = resources.files("ganzoo.compare").joinpath("references.bib").read_text(encoding="utf-8")
    entries = [f"@{entry.strip()}" for entry in text.split("@")[1:]]
    own = [each for each in entries if each.startswith("@software{")]
    chosen = [each for paper in dict.fromkeys(wanted) for each in entries if f"{{{paper}}}" in each]
    return "\n\n".join([*own, *chosen]) + "\n"
