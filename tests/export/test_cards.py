"""Cards of weights: their scores at one number of pictures, and how they are taken again."""

import dataclasses
import json

import pytest

from ganzoo import evaluation, weights
from ganzoo.base.errors import UsageError
from ganzoo.export.cards import in_words
from ganzoo.export.weights_folder import pack
from ganzoo.metrics import feature_space
from ganzoo.metrics.report import Row
from tests.conftest import untrained
from tools import rescore


@pytest.mark.parametrize(
    "values, says",
    [
        # Before, 76.27 (N = 1072; real against real 63.87 at N = 536).
        (
            {"num": 536, "num_groups": 67, "floor": 50.0, "ratio": 1.5},
            "75 (N = 536 of 67 originals; real against real 50; ratio 1.5)",
        ),
        ({"num": 500, "floor": 0.0}, "75 (N = 500; real against real 0)"),
        ({"z": 3.21, "p_value": 0.005}, "75 (N = 77; z 3.2; p 0.005)"),
    ],
)
def test_value_floor_and_ratio_are_of_one_number_of_pictures(values, says):
    assert in_words(Row("FD", 75.0, **values), 77) == says


def test_a_card_is_scored_again_and_keeps_all_else(tmp_path, monkeypatch):
    quick = dataclasses.replace(feature_space("pixels"), name="mobilenet")
    monkeypatch.setattr(evaluation, "feature_space", lambda name: quick)
    said = {"licence": "CC0", "cost": "1 minute", "scores": {"FD-old": "1"}, "data": "paintings"}
    folder = pack(untrained(tmp_path / "run", "vanilla"), tmp_path / "w", about=said)
    before = weights.read_card(folder)
    old, card = rescore.rescore(str(folder), None, 60, "pixels")
    assert old == {"FD-old": "1"} and card == json.loads((folder / "card.json").read_text())
    assert "FD-pixels" in card["scores"] and "FD-old" not in card["scores"]
    assert card["scored"]["samples"] == "60, seed 0" and "fingerprint" in card["scored"]["data"]
    changed = ("scores", "scored")
    kept = {key: value for key, value in card.items() if key not in changed}
    assert kept == {key: value for key, value in before.items() if key not in changed}
    assert weights.read(folder) and "**scores**" in (folder / "CARD.md").read_text()
    with pytest.raises(UsageError, match="is no weights with a card"):
        rescore.rescore(str(tmp_path / "run"), None, 60)


def test_those_of_the_paintings_are_scored_unless_named():
    assert rescore.embedded() == [name for name in weights.list_weights() if name.endswith("/paintings")]
