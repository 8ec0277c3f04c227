"""Labels: dates to centuries, rare classes folded, tables read."""

import pytest

from ganzoo.data import DataConfig
from ganzoo.data.label_columns import century, fold


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("1889.0", "19th century"), ("c.1450", "15th century"), ("1503-1506", "16th century"),
        ("ca. 900", "9th century"), ("1900", "19th century"), ("1901", "20th century"),
        ("2001", "21st century"), ("first half of the 14th century", "14th century"),
        ("May 1832", "19th century"), ("150", "2nd century"),
        ("", "unlabelled"), ("unknown", "unlabelled"), ("0000", "unlabelled"), ("12345", "unlabelled"),
    ],
)  # fmt: skip
def test_century(date, expected):
    assert century(date) == expected


LABELS = ["b"] * 5 + ["a"] * 3 + ["9th"] * 2 + ["10th"] + [""]


def test_all_classes_in_natural_order():
    names, classes, folded = fold(LABELS, DataConfig())
    assert names == ("9th", "10th", "a", "b", "unlabelled") and not folded
    assert [names[number] for number in classes] == [label or "unlabelled" for label in LABELS]


def test_rare_classes_are_folded_and_said():
    names, classes, folded = fold(LABELS, DataConfig(min_per_class=3))
    assert names == ("a", "b", "other") and folded == {"9th": 2, "10th": 1, "unlabelled": 1}
    assert classes == [1] * 5 + [0] * 3 + [2] * 4


def test_only_the_largest_are_kept():
    names, _, folded = fold(LABELS, DataConfig(top_classes=2))
    assert names == ("a", "b", "other") and sum(folded.values()) == 4
    assert fold(["x"], DataConfig(top_classes=5))[0] == ("x",)


def test_a_class_that_is_called_other():
    names, classes, _ = fold(["other", "other", "z", "z", "q"], DataConfig(min_per_class=2))
    assert names == ("z", "other") and classes == [1, 1, 0, 0, 1]
