"""Several processes train one model over loopback: they equal one process, and a lost one is noticed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

from tests import processes
from tests.conftest import ROOT

NOTICED_WITHIN = 60.0  # seconds until the others of a killed worker have ended; mostly about ten


def cluster(num: int) -> list[str]:
    """TF_CONFIG for each of `num` workers on free ports of this machine."""
    sockets = [socket.socket() for _ in range(num)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    hosts = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    tasks = [{"type": "worker", "index": index} for index in range(num)]
    return [json.dumps({"cluster": {"worker": hosts}, "task": task}) for task in tasks]


def all_workers(num: int, run, *words) -> list[subprocess.Popen]:
    """`ganzoo-train` as `num` workers. Only the chief's run directory is ever read or written."""
    workers = []
    for index, config in enumerate(cluster(num)):
        own = run if index == 0 else run.parent / f"nothing-{index}"
        workers.append(processes.start(own, *words, env={"TF_CONFIG": config}))
    return workers


@pytest.mark.parametrize("num", [2, pytest.param(3, marks=pytest.mark.long)])
def test_workers_equal_one_process(num, tmp_path):
    outs = [tmp_path / "one.npz", tmp_path / "many.npz"]
    started = []
    for out, configs in ((outs[0], [""]), (outs[1], cluster(num))):
        for config in configs:
            environment = {**os.environ, "TF_CONFIG": config, "PYTHONPATH": str(ROOT)}
            command = [sys.executable, "-m", "tests.step.replica_scenarios", "worker", str(out)]
            pipe = subprocess.PIPE
            started.append(
                subprocess.Popen(command, cwd=ROOT, env=environment, stdout=pipe, stderr=pipe, text=True)
            )
    results = [processes.finish(process) for process in started]
    metrics = []
    for code, out, err in results:
        assert code == 0, err[-3000:]
        metrics.append(json.loads(out.splitlines()[-1].removeprefix("RESULT ")))
    one, many = (dict(np.load(out)) for out in outs)
    for name, value in one.items():
        if not name.startswith("metrics"):
            np.testing.assert_allclose(many[name], value, rtol=0, atol=1e-5, err_msg=name)
    for each in metrics[1:]:
        assert each == pytest.approx(metrics[0], abs=1e-5)
    worst = max(float(np.max(np.abs(one[n] - many[n]))) for n in one if not n.startswith("metrics"))
    print(f"{num} workers: weights differ by {worst:.1e}")


@pytest.mark.parametrize("killed", [1, pytest.param(0, marks=pytest.mark.long)])
def test_a_killed_worker_ends_the_others_and_all_go_on_bit_identical(killed, tmp_path):
    recipe = processes.write_recipe(tmp_path, 2400)
    run = tmp_path / "run"
    workers = all_workers(2, run, "--config", recipe)
    assert processes.wait_for(workers[0], lambda: len(processes.sealed(run)) > 0)
    workers[killed].send_signal(signal.SIGKILL)
    began = time.monotonic()
    code, _, err = processes.finish(workers[1 - killed], timeout=NOTICED_WITHIN)
    print(f"worker {killed} killed: noticed after {time.monotonic() - began:.1f} s")
    processes.finish(workers[killed])
    assert code == 1, err[-2000:]
    assert "another worker was lost" in err and "Traceback" not in err
    # All again; the workers begin before the chief has said anything of the run.
    for process in all_workers(2, run, "--config", recipe):
        code, out, err = processes.finish(process)
        assert code == 0, err[-2000:]
        if process.args[-1] == str(recipe) and "going on from" in out:
            seen = out
    assert "going on from" in seen
    straight = tmp_path / "straight"
    for process in all_workers(2, straight, "--config", recipe):
        assert processes.finish(process)[0] == 0
    processes.assert_identical(run, straight)
    assert not list(tmp_path.glob("nothing-*"))


def test_a_signal_to_one_worker_stops_all_with_a_checkpoint(tmp_path):
    recipe = processes.write_recipe(tmp_path, 200_000)
    run = tmp_path / "run"
    workers = all_workers(2, run, "--config", recipe)
    assert processes.wait_for(workers[0], lambda: len(processes.sealed(run)) > 0)
    workers[1].send_signal(signal.SIGTERM)
    assert [processes.finish(process)[0] for process in workers] == [143, 143]
    summary = json.loads((run / "summary.json").read_text())
    assert summary["images_seen"] == processes.sealed(run)[-1]
