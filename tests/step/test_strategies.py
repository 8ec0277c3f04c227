"""Two devices of one machine do what one does. Each scenario is a process, see replica_scenarios.py."""

import json
import os
import subprocess
import sys

import pytest

from ganzoo.base.errors import UsageError
from ganzoo.training import strategies
from tests.conftest import ROOT


def scenario(*words: str) -> dict:
    """What a scenario returned."""
    done = subprocess.run(
        [sys.executable, "-W", "error::UserWarning", "-m", "tests.step.replica_scenarios", *map(str, words)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=400,
        env={key: value for key, value in os.environ.items() if key != "TF_CONFIG"},
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stderr[-3000:]
    return json.loads(lines[-1].removeprefix("RESULT "))


@pytest.mark.parametrize("num", [2, pytest.param(4, marks=pytest.mark.long)])
def test_two_replicas_end_with_the_weights_of_one(num):
    rows = scenario("mirrored_equals_one_device", num)
    print(json.dumps(rows, indent=1))
    for name, row in rows.items():
        assert row["apart"] == 0.0, name  # bit-equal replicas, whatever BatchNorm does
        assert row.get("weights", 0.0) < 1e-5, name
        assert row.get("metrics", 0.0) < 1e-5, name


def test_fit_shares_a_users_data_with_a_partial_last_batch():
    result = scenario("fit_with_a_partial_batch")
    assert result["weights"] < 1e-5
    one, two = result["runs"]["1"], result["runs"]["2"]
    assert one[:2] == two[:2] == [6, 84]
    assert one[2] == pytest.approx(two[2], abs=1e-5)
    assert result["spread"] > 0


def test_two_replicas_are_one_for_any_number_of_networks():
    for name, row in scenario("families_of_any_number_of_networks").items():
        assert row["apart"] == 0.0, name
        assert row["weights"] < 1e-5 and row["metrics"] < 1e-4, (name, row)


def test_an_epoch_may_end_within_an_execution():
    """On two replicas, too: the steps there are batches for, no more, and their means as history."""
    rows = scenario("fit_with_executions_longer_than_an_epoch")
    expected = rows.pop("one, True")
    assert expected["step"] == 6 and len(expected["history"]["d_loss"]) == 2
    for name, row in rows.items():
        assert row == expected, name


def test_an_optimizer_from_outside_the_scope_is_refused():
    assert "outside the scope" in scenario("made_outside_the_scope")


def test_an_overflow_on_one_replica_skips_the_step_on_all():
    result = scenario("overflow_on_one_replica")
    assert [row["moved"] for row in result["steps"]] == [True, True, False, True, True]
    assert all(row["finite"] for row in result["steps"])
    scale = result["steps"][0]["scales"][0]
    assert [row["scales"] for row in result["steps"]] == [[scale] * 2] * 2 + [[scale / 2] * 2] * 3
    assert result["apart"] == 0.0


def test_a_run_moves_between_device_counts(tmp_path):
    result = scenario("run_moves_between_device_counts", tmp_path)
    assert result["resumed on two"] == 0.0
    assert result["moved"] < 1e-4  # Adam amplifies the rounding of a sum in another order


def test_a_batch_that_does_not_divide_is_refused():
    team = strategies.Team()
    team.num_replicas = 3
    with pytest.raises(UsageError, match="8, which does not divide among 3 devices"):
        team.check_batch(8)


def test_names_and_tf_config_are_checked(monkeypatch):
    monkeypatch.delenv("TF_CONFIG", raising=False)
    with pytest.raises(UsageError, match="did you mean 'mirrored'"):
        strategies.check("mirrord")
    with pytest.raises(UsageError, match="needs TF_CONFIG"):
        strategies.check("multi_worker")
    monkeypatch.setenv("TF_CONFIG", "{")
    with pytest.raises(UsageError, match="must be JSON"):
        strategies.check("auto")
    monkeypatch.setenv("TF_CONFIG", json.dumps({"cluster": {"worker": ["a:1", "b:1"]}}))
    with pytest.raises(UsageError, match="names 2 workers, but --strategy is mirrored"):
        strategies.check("mirrored")
