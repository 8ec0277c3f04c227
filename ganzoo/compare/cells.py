"""The tables of a report, as rows of cells: one source for the page and for `results.md`."""

from dataclasses import dataclass
from typing import Any

from ganzoo.bounds import BOUND
from ganzoo.compare.outcome import FINISHED
from ganzoo.compare.sentences import number, scaled


@dataclass(frozen=True)
class Table:
    """A heading row and rows of cells; a cell may hold a second, quieter line after a newline."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


def with_spread(found: dict[str, Any] | None) -> str:
    """`12.3 ± 0.4` and below the runs' own values; a single run has no spread."""
    if found is None:
        return "-"
    if found["deviation"] is None:
        return number(found["mean"])
    each = ", ".join(number(value) for value in found["values"])
    return f"{number(found['mean'])} ± {number(found['deviation'])}\n{each}"


def in_doubt(entry: dict[str, Any]) -> str:
    """The mark of a number that says little, for a reason that stands among the notes."""
    return " ?" if entry.get("doubts") else ""


def mean_of(found: dict[str, Any] | None) -> str:
    return "-" if found is None else number(found["mean"])


def ended(each: dict[str, Any]) -> str:
    """How many runs were finished, and what became of the others."""
    runs = each["runs"]
    counts = {
        status: sum(run["status"] == status for run in runs) for status in (FINISHED, "collapsed", "failed")
    }
    bad = ", ".join(f"{count} {status}" for status, count in counts.items() if count and status != FINISHED)
    return f"{counts[FINISHED]} of {len(runs)}" + (f"\n{bad}" if bad else "")


def quality(results: dict[str, Any]) -> Table:
    """The headline measure at the end and at best, its ratio to the floor, and what it is blind to."""
    headline = results["scoring"]["headline"]
    floor = results["floors"].get(headline)
    sided = ("precision", "recall", "coverage")
    head = ["", "runs finished", f"{headline}, last", "times the floor", f"{headline}, best state", *sided]
    has_modes = any("modes" in each["measures"]["last"] for each in results["contestants"])
    head += ["classes reached"] if has_modes else []
    has_bound = any(BOUND in each["measures"]["last"] for each in results["contestants"])
    head += ["nats a picture\nbound"] if has_bound else []
    rows = []
    for each in results["contestants"]:
        last, best = each["measures"]["last"], each["measures"]["best"]
        at = sorted(
            {run["best"]["images_seen"] for run in each["runs"] if "images_seen" in run.get("best", {})}
        )
        when = f"\nat {', '.join(f'{seen:,}' for seen in at)} images" if at else ""
        cells = [
            ended(each),
            with_spread(value(last, headline)),
            mean_of(value(last, headline, "ratio")),
            with_spread(value(best, headline)).partition("\n")[0] + when,
            *(
                with_spread(value(last, name)).partition("\n")[0] + in_doubt(last.get(name, {}))
                for name in sided
            ),
        ]
        cells += [with_spread(value(last, "modes")).partition("\n")[0]] if has_modes else []
        if has_bound:
            cells.append(with_spread(value(last, BOUND)).partition("\n")[0] + in_doubt(last.get(BOUND, {})))
        rows.append((each["name"], *cells))
    real = ["-", number(floor["floor"]) if floor else "-", "1", "-"]
    real += [floor_of(results, name) for name in (*sided, *(("modes",) if has_modes else ()))]
    real += ["-"] if has_bound else []
    rows.append(("real against real (floor)", *real))
    caption = (
        f"Mean ± standard deviation over the finished seeds, and each run's own value. {headline}: lower is "
        "better; precision, recall and coverage: higher is."
    )
    if floor and floor["num"] is not None:
        caption += (
            f" The floor compares two halves of the real pictures, {floor['num']:,} each; values and "
            "ratio are taken at that number."
        )
    if has_bound:
        caption += (
            f" Nats a picture: a lower bound of the mean log probability ({BOUND}), to be held against "
            "those of the same likelihood alone; a GAN has no density."
        )
    entries = [entry for each in results["contestants"] for entry in each["measures"]["last"].values()]
    if any(entry.get("doubts") for entry in entries):
        caption += " A question mark: the number says little here; the notes on the measures say why."
    return Table(tuple(head), tuple(rows), caption)


def value(measures: dict[str, Any], name: str, what: str = "value") -> dict[str, Any] | None:
    return measures.get(name, {}).get(what)


def floor_of(results: dict[str, Any], name: str) -> str:
    found = results["floors"].get(name)
    return number(found["floor"]) if found else "-"


def pairs(results: dict[str, Any]) -> Table:
    """Every two contestants: how far apart, in units of the spread, and two tests."""
    head = (
        *("", "difference of means", "larger spread", "times the spread", "all runs apart"),
        *("Welch's 95 % interval", "exact permutation p"),
    )
    rows = []
    for pair in results["differences"]:
        largest, low_high = pair["larger_spread"], pair["interval"]
        rows.append(
            (
                f"{pair['lower']} below {pair['higher']}",
                number(pair["difference"]),
                number(largest),
                number(pair["difference"] / largest) if largest else "-",
                "yes" if pair["apart"] else "no",
                "-" if low_high is None else f"{number(low_high[0])} to {number(low_high[1])}",
                "-"
                if pair["p_value"] is None
                else f"{number(pair['p_value'])}\nleast {number(pair['least_p_value'])}",
            )
        )
    return Table(head, tuple(rows), f"{results['scoring']['headline']} at the end of the budget.")


def cost(results: dict[str, Any]) -> Table:
    """What each takes, counted and measured."""
    head = (
        *("", "parameters\nG, D", "multiply-adds\na picture made", "multiply-adds\na picture trained on"),
        *("images/s\nin training", "minutes\na run", "images seen", "peak memory\nMiB"),
    )
    rows = []
    for each in results["contestants"]:
        found = each["cost"]
        counts = ("-", "-", "-")
        if found:
            parameters = f"{found['generator_parameters']:,}\n{found['discriminator_parameters']:,}"
            counts = (parameters, *(scaled(found[name]) for name in ("sample", "train")))
        minutes = "-" if each["seconds"] is None else number(each["seconds"]["mean"] / 60)
        seen = "-" if each["images_seen"] is None else f"{each['images_seen']['mean']:,.0f}"
        memory = "-" if each["peak_memory_mib"] is None else f"{each['peak_memory_mib']['mean']:,.0f}"
        rows.append((each["name"], *counts, mean_of(each["images_per_second"]), minutes, seen, memory))
    return Table(
        head,
        tuple(rows),
        "Multiply-adds are counted in the graph: convolutions and matrix products, forward and backward, "
        "nothing else; of training as the mean over the budget. Images/s and minutes are measured, with "
        "compiling, scores, grids and checkpoints; memory is the training process's largest resident size.",
    )


def all_measures(results: dict[str, Any]) -> Table:
    """Every measure at the end of the budget."""
    contestants = results["contestants"]
    names = list(dict.fromkeys(name for each in contestants for name in each["measures"]["last"]))
    rows = []
    for name in names:
        there = [each["measures"]["last"].get(name) for each in contestants]
        known = next(entry for entry in there if entry)
        found = [
            with_spread(entry["value"]).partition("\n")[0] + in_doubt(entry) if entry else "-"
            for entry in there
        ]
        rows.append((name, known["better"], *found, floor_of(results, name)))
    return Table(("", "better", *(each["name"] for each in contestants), "real against real"), tuple(rows))


def unequal(results: dict[str, Any]) -> Table:
    """What differs between the recipes besides the networks."""
    names = [each["name"] for each in results["contestants"]]
    fixed = [
        ("batch size", *(", ".join(map(str, each["batch_sizes"])) for each in results["contestants"])),
        (
            "learning rates (G, D)",
            *(", ".join(f"{rate:g}" for rate in each["learning_rates"]) for each in results["contestants"]),
        ),
        (
            "parameters (G, D)",
            *(
                f"{each['cost']['generator_parameters']:,}, {each['cost']['discriminator_parameters']:,}"
                if each["cost"]
                else "-"
                for each in results["contestants"]
            ),
        ),
        ("told the classes", *("yes" if each["conditional"] else "no" for each in results["contestants"])),
        ("images its recipe is meant for", *(f"{each['own_budget']:,}" for each in results["contestants"])),
        ("where its schedule stood", *(each["stands"] or "-" for each in results["contestants"])),
    ]
    named = ("batch_size", "learning_rate", "d_learning_rate")
    rest = [
        (key, *("-" if entry[name] is None else shown(entry[name]) for name in names))
        for key, entry in results["unequal"].items()
        if key not in named
    ]
    return Table(("", *names), tuple([*fixed, *rest]))


def shown(entry: Any) -> str:
    """A recipe's value as a person writes it."""
    if isinstance(entry, bool):
        return "yes" if entry else "no"
    if isinstance(entry, list):
        return "; ".join(shown(each) for each in entry) or "none"
    if isinstance(entry, dict):
        rest = ", ".join(f"{k} {shown(v)}" for k, v in entry.items() if k != "name")
        name = str(entry.get("name", ""))
        return f"{name} ({rest})" if name and rest else name or rest
    return f"{entry:g}" if isinstance(entry, float) else str(entry)


def failures(results: dict[str, Any]) -> Table:
    """The runs that did not come to their end, and what was said."""
    rows = [
        (
            f"{each['name']}, seed {run['seed']}",
            run["status"],
            f"{run['images_seen'] or 0:,}",
            run["sentence"],
        )
        for each in results["contestants"]
        for run in each["runs"]
        if run["status"] != FINISHED
    ]
    rows += [
        (
            f"{each['name']}, seed {run['seed']}, {state}",
            "not scored",
            f"{run['images_seen'] or 0:,}",
            run[state]["error"],
        )
        for each in results["contestants"]
        for run in each["runs"]
        for state in ("last", "best")
        if "error" in run.get(state, {})
    ]
    return Table(("", "ended", "images seen", ""), tuple(rows))
