"""The sentences of a comparison: each follows from its numbers, and none says more."""

import copy

import pytest

from ganzoo.compare.collect import differences, summed_up
from ganzoo.compare.sentences import about_pair, about_standing_still, joined, number, sentences, times

FD = "FD-mobilenet"


def a_run(seed, value, status="finished", best=None, alike=False, **more):
    """A run as `results.json` has it."""

    def state(fd):
        rows = {FD: {"value": fd, "ratio": fd / 10, "better": "lower", "num": 50, "floor": 10.0, "note": ""}}
        return {"images_seen": 1000, "measures": rows}

    scores = {} if value is None else {"last": state(value), "best": state(best or value)}
    about = {"seed": seed, "status": status, "sentence": "", "alike_at_the_end": alike, **more}
    return {**about, "images_seen": 1000, "seconds": 200.0, "images_per_second": 5.0, **scores}


def results_of(**values):
    """Results of contestants, given the headline value of each of their runs; None is a failed one."""
    contestants = []
    for name, each in values.items():
        runs = [a_run(i, v, "finished" if v else "collapsed") for i, v in enumerate(each)]
        contestants.append(contestant(name, runs))
    return assembled(contestants)


def contestant(name, runs, **more):
    done = [run for run in runs if run["status"] == "finished"]
    rate = {"mean": 5.0} if done else None
    about = {"name": name, "runs": runs, "own_budget": 1000, "stands": "", "images_per_second": rate}
    seen, seconds = ({"mean": 1000.0}, {"mean": 200.0}) if done else (None, None)
    measures = {state: summed_up(runs, state) for state in ("last", "best")}
    return {**about, "images_seen": seen, "seconds": seconds, "measures": measures, **more}


def assembled(contestants):
    return {
        "contestants": contestants,
        "scoring": {"headline": FD},
        "seeds": list(range(len(contestants[0]["runs"]))),
        "floors": {FD: {"floor": 10.0, "num": 50}},
        "differences": differences(contestants, FD),
    }


def pair_words(**values):
    return about_pair(results_of(**values)["differences"][0])


def test_apart_on_every_seed_and_beyond_the_interval():
    said = pair_words(b=[30, 31, 32], a=[10, 11, 12])
    assert said.startswith("a's distance is lower than b's on all 3 seeds")
    assert "the difference of means, 20, is 20 times the larger spread" in said
    assert "17.7 to 22.3, leaves out 0" in said  # 20 +- 2.776 sqrt(2/3)


def test_apart_but_so_few_that_the_interval_includes_zero():
    said = pair_words(a=[10, 11], b=[12, 20])
    assert "on all 2 seeds" in said and "includes 0" in said and "without establishing it" in said


def test_within_the_spread_is_no_order():
    said = pair_words(a=[10, 20, 30], b=[12, 22, 32])
    assert said == (
        "a and b: the difference of means, 2, is within the spread of 10: these numbers do not order them."
    )


def test_overlapping_runs_are_a_hint_at_most():
    said = pair_words(a=[10, 11, 20], b=[19, 25, 26])
    assert "on average, by 9.67" in said and said.endswith("their runs overlap: a hint at most.")


def test_one_seed_orders_nothing():
    assert pair_words(a=[10], b=[90]).endswith("these numbers do not order them.")
    assert "above 0" not in pair_words(a=[10, 12], b=[90])


def test_a_failed_run_is_said_and_flatters():
    said = sentences(results_of(a=[10, None, 12], b=[30, 31, 32]))
    assert said[0] == ("a: 1 of 3 runs collapsed; its numbers are of the other 2 alone, which flatters it.")
    nothing = sentences(results_of(a=[None], b=[None]))
    assert "a: 1 of 1 runs collapsed; there are no numbers of it." in nothing
    assert any("nothing is compared" in line for line in nothing)


def test_floor_best_and_collapse():
    results = results_of(a=[12, 13], b=[50, 60])
    said = " ".join(sentences(results))
    assert "a comes within 1.2 times the distance between two halves of the real pictures" in said
    assert "Better at an earlier state" not in said
    runs = [a_run(0, 50, best=20, alike=True), a_run(1, 50, best=20)]
    said = " ".join(sentences(assembled([contestant("c", runs)])))
    assert "Better at an earlier state than at the end: c (20 against 50)" in said
    assert "c: at the end of 1 of 2 runs the samples hardly differ" in said
    assert "c's is 5.0 times the distance" in said


def test_a_budget_far_below_the_recipes_own_is_said():
    runs = [a_run(0, 50)]
    results = assembled([contestant("slow", runs, own_budget=100_000, stands="16x16")])
    said = " ".join(sentences(results))
    assert "slow saw 1% of the images its recipe is meant for, when it stood at 16x16" in said
    results["contestants"][0]["own_budget"] = 1500
    assert "meant for" not in " ".join(sentences(results))


def test_the_limits_are_always_said():
    said = sentences(results_of(a=[1, 2, 3], b=[4, 5, 6], c=[7, 8, 9]))
    assert "3 seeds are few" in said[-2] and "a p below 0.1" in said[-2] and "3 pairs" in said[-2]
    assert "does not say which model is better elsewhere" in said[-1]


def test_no_sentence_depends_on_the_order_of_contestants():
    results = results_of(a=[10, 11, 12], b=[30, 31, 32])
    turned = copy.deepcopy(results)
    turned["contestants"].reverse()
    turned["differences"] = differences(turned["contestants"], FD)
    assert sentences(turned)[0] == sentences(results)[0]
    assert [about_pair(p) for p in turned["differences"]] == [about_pair(p) for p in results["differences"]]


@pytest.mark.parametrize(
    "value, text", [(0, "0"), (0.1234, "0.123"), (12.345, "12.3"), (1234.5, "1,234"), (2.5e-5, "2.50e-05")]
)
def test_numbers_as_a_person_reads_them(value, text):
    assert number(value) == text


def test_small_words():
    assert joined(["a"]) == "a" and joined(["a", "b", "c"]) == "a, b and c"
    assert times(2.14) == "2.1 times" and times(12.4) == "12 times"


def test_rates_that_end_before_the_budget_are_said():
    runs = contestant("a", [])["runs"]
    results = assembled([contestant("slow", runs, own_budget=100, rates_end=60)])
    results["contestants"][0]["images_seen"] = {"mean": 100}
    (said,) = about_standing_still(results)
    assert said.endswith("no weight changed after that: slow from 60 images on.")
    results["contestants"][0]["rates_end"] = 100
    assert about_standing_still(results) == []
