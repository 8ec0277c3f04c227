"""What the numbers allow one to say, and no more: sentences by rules, from `results.json`'s values.

The rules for two contestants, by the headline measure (lower is better) at the end of the budget:

    one seed each                        no spread, so no order
    every run of one below every run     lower on all seeds; how many times the larger spread the means
    of the other                         are apart; and whether Welch's 95 % interval leaves out 0
    overlapping, means no further apart  these numbers do not order them
    than the larger spread
    overlapping, means further apart     lower on average, but the runs overlap: a hint at most
"""

import itertools
from collections.abc import Iterable
from typing import Any

from ganzoo.compare.outcome import COLLAPSE, FINISHED

AS_REAL = 1.5  # times the floor: within what two halves of few reals differ by, too
SHORT = 120.0  # seconds of a run below which its speed is that of starting
NOTABLE = 0.1  # share by which the best state has to be better than the last to be worth a sentence


def sentences(results: dict[str, Any]) -> list[str]:
    """The summary, most important first."""
    return [
        *about_failures(results),
        *about_order(results),
        *about_pairs(results),
        *about_floor(results),
        *about_best(results),
        *about_modes(results),
        *about_growth(results),
        *about_standing_still(results),
        *about_cost(results),
        *about_limits(results),
    ]


def number(value: float | None) -> str:
    """Three digits, as a person reads them."""
    if value is None:
        return "-"
    if value != 0 and (abs(value) >= 1e7 or abs(value) < 1e-3):
        return f"{value:.2e}"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def scaled(value: float, gap: str = " ") -> str:
    """Three digits and a letter for the thousands: 20 k, 1.5 M, 3 G, 0.25."""
    for size, unit in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{gap}{unit}"
    return f"{value or 0:.3g}"  # no -0


def joined(words: Iterable[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = list(words)
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def share(part: float) -> str:
    """A percentage in whole numbers, below one as such."""
    return "less than 1%" if part < 0.01 else f"{part:.0%}"


def times(count: float) -> str:
    """A factor in words."""
    return f"{count:.1f} times" if count < 10 else f"{count:.0f} times"


def about_failures(results) -> list[str]:
    found = []
    for each in results["contestants"]:
        bad = [run for run in each["runs"] if run["status"] != FINISHED]
        if not bad:
            continue
        collapsed = sum(run["status"] == COLLAPSE for run in bad)
        how = "collapsed" if collapsed == len(bad) else "failed" if not collapsed else "failed or collapsed"
        rest = len(each["runs"]) - len(bad)
        then = (
            f"its numbers are of the other {rest} alone, which flatters it"
            if rest
            else "there are no numbers of it"
        )
        found.append(f"{each['name']}: {len(bad)} of {len(each['runs'])} runs {how}; {then}.")
    for each in results["contestants"]:
        alike = [run for run in each["runs"] if run["status"] == FINISHED and run["alike_at_the_end"]]
        if alike:
            found.append(
                f"{each['name']}: at the end of {len(alike)} of {len(each['runs'])} runs the samples hardly "
                "differ from each other (mode collapse); look at them before its numbers."
            )
    return found


def about_order(results) -> list[str]:
    """The means, lowest first: a list, not a verdict."""
    headline = results["scoring"]["headline"]
    there = means(results, headline)
    if not there:
        return ["No run was finished and scored, so nothing is compared."]
    listed = joined(f"{name} {number(value['mean'])}" for name, value in there)
    return [f"{headline} at the end of the budget (lower is better), mean over the seeds: {listed}."]


def means(results, measure: str, state: str = "last") -> list[tuple[str, dict]]:
    """Contestants with a mean of a measure, the lowest first."""
    found = [
        (each["name"], each["measures"][state][measure]["value"])
        for each in results["contestants"]
        if each["measures"][state].get(measure, {}).get("value") is not None
    ]
    return sorted(found, key=lambda pair: pair[1]["mean"])


def about_pairs(results) -> list[str]:
    """Neighbours in the order of means; of the rest, only what can be said of all at once."""
    order = [name for name, _ in means(results, results["scoring"]["headline"])]
    pairs = {(pair["lower"], pair["higher"]): pair for pair in results["differences"]}
    return [about_pair(pairs[key]) for key in itertools.pairwise(order) if key in pairs]


def about_pair(pair: dict[str, Any]) -> str:
    """What two contestants' runs say of each other."""
    ours, theirs, difference = pair["lower"], pair["higher"], pair["difference"]
    largest = pair["larger_spread"]
    if largest is None:
        return (
            f"{ours} and {theirs}: with a single finished run there is no spread to hold their difference of "
            f"{number(difference)} against; these numbers do not order them."
        )
    seeds = f"all {pair['num'][0]} seeds" if pair["num"][0] == pair["num"][1] else "all finished runs"
    apart = f"{times(difference / largest)} the larger spread" if largest else "with no spread at all"
    if pair["apart"]:
        return (
            f"{ours}'s distance is lower than {theirs}'s on {seeds} (every run of one below every run of the "
            f"other); the difference of means, {number(difference)}, is {apart}{about_interval(pair)}."
        )
    if difference <= largest:
        return (
            f"{ours} and {theirs}: the difference of means, {number(difference)}, is within the spread of "
            f"{number(largest)}: these numbers do not order them."
        )
    return (
        f"{ours}'s distance is lower than {theirs}'s on average, by {number(difference)}, {apart}, but their "
        "runs overlap: a hint at most."
    )


def about_interval(pair: dict[str, Any]) -> str:
    if pair["interval"] is None:
        return ""
    low, high = pair["interval"]
    if low > 0:
        return f", and Welch's 95 % interval of it, {number(low)} to {number(high)}, leaves out 0"
    return (
        f", but Welch's 95 % interval of it, {number(low)} to {number(high)}, includes 0: so few runs "
        "suggest this order without establishing it"
    )


def about_floor(results) -> list[str]:
    headline = results["scoring"]["headline"]
    found = [
        (each["name"], each["measures"]["last"][headline]["ratio"]["mean"])
        for each in results["contestants"]
        if (each["measures"]["last"].get(headline) or {}).get("ratio")
    ]
    if not found:
        return []
    found.sort(key=lambda pair: pair[1])
    name, least = found[0]
    if least <= AS_REAL:
        return [
            f"{name} comes within {times(least)} the distance between two halves of the real pictures: by "
            "this measure hardly to be told from them, which also a generator that copies would be."
        ]
    return [
        f"Even the lowest, {name}'s, is {times(least)} the distance between two halves of the real pictures "
        f"(1 would be as good as real); the highest, {found[-1][0]}'s, {times(found[-1][1])}."
        if len(found) > 1
        else f"{name}'s is {times(least)} the distance between two halves of the real pictures."
    ]


def about_best(results) -> list[str]:
    """Who had been notably better before the end."""
    headline, found = results["scoring"]["headline"], []
    best = dict(means(results, headline, "best"))
    for name, last in means(results, headline):
        if name in best and best[name]["mean"] < (1 - NOTABLE) * last["mean"]:
            found.append(f"{name} ({number(best[name]['mean'])} against {number(last['mean'])})")
    if not found:
        return []
    return [
        f"Better at an earlier state than at the end: {joined(found)}. The best state was chosen by the same "
        "measure on fewer samples, so this favours it a little."
    ]


def about_modes(results) -> list[str]:
    there = means(results, "modes")
    floor = results["floors"].get("modes", {}).get("floor")
    if not there or floor is None:
        return []
    listed = joined(f"{name} {number(value['mean'])}" for name, value in reversed(there))
    accuracy = results["contestants"][0]["measures"]["last"].get("modes", {}).get("notes", [""])
    note = f" ({accuracy[0]})" if accuracy and accuracy[0] else ""
    return [f"Classes reached of {floor:g}, mean over the seeds: {listed}{note}."]


def about_growth(results) -> list[str]:
    """Who may have been stopped early: what the budget is next to the recipe's own."""
    found = []
    for each in results["contestants"]:
        seen = (each["images_seen"] or {}).get("mean")
        if seen and seen < 0.5 * each["own_budget"]:
            stands = f", when it stood at {each['stands']}" if each["stands"] else ""
            found.append(
                f"{each['name']} saw {share(seen / each['own_budget'])} of the images its recipe is meant "
                f"for{stands}"
            )
    if not found:
        return []
    return [
        f"Equal budgets are not equally long ones: {'; '.join(found)}. What a recipe does at a number of "
        "images (growing, falling rates) is cut short by this."
    ]


def about_standing_still(results) -> list[str]:
    """Whose learning rates had fallen to 0 before the end: from there on nothing was learned."""
    found = [
        f"{each['name']} from {each['rates_end']:,} images on"
        for each in results["contestants"]
        if 0 < each.get("rates_end", 0) < ((each["images_seen"] or {}).get("mean") or 0)
    ]
    if not found:
        return []
    return [
        f"Learning rates had fallen to 0 before the end, and no weight changed after that: {joined(found)}."
    ]


def about_cost(results) -> list[str]:
    rates = [
        (each["name"], each["images_per_second"]["mean"])
        for each in results["contestants"]
        if each["images_per_second"]
    ]
    if len(rates) < 2:
        return []
    rates.sort(key=lambda pair: -pair[1])
    (fast, most), (slow, least) = rates[0], rates[-1]
    return [
        f"{fast} trained on {number(most)} images/s and {slow} on {number(least)}, compiling, scores, grids "
        f"and checkpoints included: {times(most / least)} as many on this machine{short_runs(results)}."
    ]


def short_runs(results) -> str:
    """A warning where compiling and the like make up much of the time."""
    seconds = [each["seconds"]["mean"] for each in results["contestants"] if each["seconds"]]
    if min(seconds) >= SHORT:
        return ""
    return f", which says little: the shortest runs took {min(seconds):.0f} s, much of it compiling"


def about_limits(results) -> list[str]:
    """What holds whatever came out."""
    num, pairs = len(results["seeds"]), results["differences"]
    few = [f"{num} seed{'s are' if num > 1 else ' is'} few"]
    least = [pair["least_p_value"] for pair in pairs if pair["least_p_value"] is not None]
    if num > 1 and least:
        few.append(f"an exact permutation test of two contestants cannot give a p below {min(least):.2g}")
    if len(pairs) > 1:
        few.append(f"{len(pairs)} pairs are compared, so one may stand out by chance")
    return [
        f"{'; '.join(few)}.",
        "All of this is about these recipes on these pictures at this budget, by one measure in one feature "
        "space. It does not say which model is better elsewhere, or when each is tuned.",
    ]
