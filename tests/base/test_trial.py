"""GANZOO_SHORTER: the same commands, over sooner."""

import pytest

from ganzoo.base import trial
from ganzoo.base.errors import UsageError
from ganzoo.cli import train
from ganzoo.cli.app import command


def planned(*words: str):
    found = []
    flags = train.define_flags()
    assert not command("ganzoo-train", "", flags, lambda v: found.append(train.plan(v)), argv=words)
    return found[0][0]


def test_budgets_are_divided_and_what_falls_falls_along(monkeypatch):
    whole = planned("--config", "painting_dcgan_small_data")
    monkeypatch.setenv(trial.VARIABLE, "100")
    short = planned("--config", "painting_dcgan_small_data")
    assert short.train.images == whole.train.images // 100
    assert short.objective.decay_until == whole.objective.decay_until // 100 > 0
    assert planned("--model", "dcgan", "--images", "5000").train.images == 50
    assert planned("--model", "dcgan", "--set", "train.images=5000").train.images == 50
    assert planned("--model", "dcgan", "--minutes", "60").train.minutes == 0.6
    assert planned("--model", "dcgan", "--images", "3").train.images == 1


@pytest.mark.parametrize("text", ["0", "-3", "many", "nan", "inf"])
def test_a_number_that_shortens_nothing_is_refused(monkeypatch, text):
    monkeypatch.setenv(trial.VARIABLE, text)
    with pytest.raises(UsageError, match="expected a number of 1 or more"):
        trial.divisor()


def test_unset_it_says_nothing(monkeypatch):
    monkeypatch.delenv(trial.VARIABLE, raising=False)
    assert trial.note() is None and trial.shorter(7) == 7
