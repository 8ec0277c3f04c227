"""What goes into a paper: digits by the uncertainty, bold only where the statistics allow it, sources."""

import csv
import io

import pytest

from ganzoo.compare import paper


def contestant(name, values, doubts=()):
    entry = {
        "value": {"values": values, "mean": sum(values) / len(values), "deviation": spread(values)},
        "better": "lower",
        "doubts": list(doubts),
    }
    row = {"value": values[0], "floor": 20.0, "ratio": None, "num": 67}
    state = {"images_seen": 1600, "measures": {"FD-mobilenet": row}}
    runs = [{"seed": seed, "status": "finished", "last": state, "best": {}} for seed in range(len(values))]
    measures = {"last": {"FD-mobilenet": entry}, "best": {}}
    return {"name": name, "runs": runs, "measures": measures, "papers": ["1511.06434"]}


def spread(values):
    mean = sum(values) / len(values)
    return (sum((v - mean) ** 2 for v in values) / (len(values) - 1)) ** 0.5 if len(values) > 1 else None


def results(*contestants):
    return {
        "contestants": list(contestants),
        "scoring": {"headline": "FD-mobilenet", "num": 300},
        "floors": {"FD-mobilenet": {"floor": 20.0, "num": 67}},
    }


@pytest.mark.parametrize(
    "mean, deviation, text",
    [
        (77.812, 0.7123, r"77.8 \pm 0.7"),
        (228.31, 12.4, r"228 \pm 12"),
        (0.11361, 0.00082, r"0.1136 \pm 0.0008"),
        (1234.5, 56.0, r"1230 \pm 60"),
        (0.5, 0.0139, r"0.500 \pm 0.014"),
        (77.812, None, "77.8"),
        (77.812, 0.0, "77.8"),
    ],
)
def test_digits_are_those_that_the_spread_allows(mean, deviation, text):
    assert paper.rounded(mean, deviation) == text


def test_bold_is_only_what_is_apart_from_every_other():
    clear, near, far = (
        contestant(n, v) for n, v in (("a", [10, 10.1, 9.9]), ("b", [10.05, 10.2, 9.8]), ("c", [50, 51, 49]))
    )
    table = paper.latex(results(clear, far))
    assert r"a & $\mathbf{10.00 \pm 0.10}$" in table and r"c & $50.0 \pm 1.0$" in table
    assert r"\mathbf" not in paper.latex(results(clear, near, far))  # the best two cannot be told apart
    assert r"\mathbf" not in paper.latex(results(contestant("a", [10]), far))  # one seed allows nothing
    assert r"real against real & 20" in table and table.count(r"\toprule") == 1


def test_a_number_in_doubt_is_marked_and_names_are_escaped():
    table = paper.latex(results(contestant("dcgan (loss=hinge_x)", [1, 2], ["why"]), contestant("b", [3, 4])))
    assert r"dcgan (loss=hinge\_x) & $1.5 \pm 0.7^{?}$" in table


def test_the_csv_is_tidy():
    rows = list(csv.DictReader(io.StringIO(paper.tidy_csv(results(contestant("a", [10, 11]))))))
    assert [row["seed"] for row in rows] == ["0", "1"]
    assert (
        rows[0] | {"contestant": "a", "measure": "FD-mobilenet", "value": "10", "num": "67", "ratio": ""}
        == rows[0]
    )


def test_sources_are_those_of_the_models_and_measures_shown():
    text = paper.bibtex(results(contestant("a", [1, 2])))
    assert text.startswith("@software{ganzoo,") and "{1511.06434}" in text and "{1706.08500}" in text
    assert "{1710.10196}" not in text and text.count("{") == text.count("}")
