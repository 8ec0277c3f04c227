"""Two workers of one core each against one process with two cores, at the same global batch.

    python -m benchmarks.runs_workers [--steps 20] [--batch 128] [--rounds 2]

Aim: at least 0.8 of the images/s, on the 64x64 DCGAN. Rounds alternate; needs two free cores.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import time

import numpy as np


def one_process(steps: int, batch: int) -> None:
    """Trains by TF_CONFIG, or alone, and prints seconds per step."""
    from ganzoo.training import strategies

    strategy = strategies.make("auto")
    team = strategies.Team(strategy)
    import ganzoo
    from ganzoo.data import stream
    from ganzoo.data.store import Store

    store = Store.of_pictures(np.random.default_rng(0).integers(0, 256, (512, 64, 64, 3), np.uint8))
    with team.scope():
        gan = ganzoo.build("dcgan")
    execute = gan.make_train_function()
    batches = team.batches(lambda shard: gan.prepared(stream(store, batch, seed=0, shard=shard)))
    times = []
    for _ in range(steps + 3):
        began = time.monotonic()
        float(execute(batches)["d_loss"])
        times.append(time.monotonic() - began)
    print(f"SECONDS {statistics.median(times[3:])}", flush=True)


def free_hosts(num: int) -> list[str]:
    sockets = [socket.socket() for _ in range(num)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    hosts = [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    return hosts


def measured(cores: list[set[int]], steps: int, batch: int) -> float:
    """Seconds per step of as many processes as there are sets of cores."""
    hosts, started = free_hosts(len(cores)), []
    for index, own in enumerate(cores):
        task = {"cluster": {"worker": hosts}, "task": {"type": "worker", "index": index}}
        environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
        environment["TF_CONFIG"] = json.dumps(task) if len(cores) > 1 else ""
        command = [
            sys.executable,
            "-m",
            __spec__.name,
            "--steps",
            str(steps),
            "--batch",
            str(batch),
            "--child",
        ]
        command = ["taskset", "-c", ",".join(map(str, sorted(own))), *command]
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
    outs = [process.communicate()[0] for process in started]
    return max(float(out.split("SECONDS ")[1]) for out in outs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        one_process(arguments.steps, arguments.batch)
        return
    first, second, *_ = sorted(os.sched_getaffinity(0))
    ratios = []
    for number in range(arguments.rounds):
        alone = measured([{first, second}], arguments.steps, arguments.batch)
        two = measured([{first}, {second}], arguments.steps, arguments.batch)
        ratios.append(alone / two)
        print(
            f"round {number + 1}: one process, two cores {arguments.batch / alone:.0f} images/s; two workers "
            f"of one core {arguments.batch / two:.0f} images/s; ratio {alone / two:.2f}",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f} (aim: at least 0.8), global batch {arguments.batch}")


if __name__ == "__main__":
    main()
