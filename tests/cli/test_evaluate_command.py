"""`ganzoo-evaluate` on a small run: the table, the files, the errors."""

import json

from ganzoo.training import runs
from tests.conftest import untrained


def test_evaluate_a_run(run_command, tmp_path):
    untrained(tmp_path / "r", "dcgan")
    done = run_command("evaluate", "r", "--num", "40", "--metrics", "frechet,kernel,memorisation")
    assert done.returncode == 0 and done.stderr == "", done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    report = json.loads((tmp_path / last["report"]).read_text())
    names = [row["name"] for row in report["rows"]]
    assert names == ["FD-mobilenet", "KID-mobilenet", "nearer to training"]
    assert all(row["value"] is not None for row in report["rows"]) and "FID" not in done.stdout
    assert report["rows"][0]["ratio"] > 1 and report["num_fake"] == 40
    assert (tmp_path / last["report"].replace(".json", "-nearest.png")).exists()
    again = run_command("evaluate", "r", "--num", "40", "--metrics", "frechet")
    assert f"{report['rows'][0]['value']:.4g}" in again.stdout  # the same pictures, the same number
    other = json.loads(again.stdout.splitlines()[-1])["report"]
    assert other != last["report"] and json.loads((tmp_path / last["report"]).read_text()) == report
    assert runs.read_config(tmp_path / "r").model == "dcgan"


def test_wrong_names_are_answered_with_the_nearest(run_command, tmp_path):
    done = run_command("evaluate", "nowhere")
    assert done.returncode == 1 and "nowhere is not a run" in done.stderr
    (tmp_path / "r").mkdir()
    (tmp_path / "r" / "config.toml").write_text('[model]\nname = "dcgan"\n')
    for words, expected in (
        (["--metrics", "frechets"], "'frechet'"),
        (["--features", "mobilnet"], "'mobilenet'"),
    ):
        done = run_command("evaluate", "r", *words)
        assert done.returncode == 2 and expected in done.stderr and "Traceback" not in done.stderr
