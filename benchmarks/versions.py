"""Speed of the step in two checkouts, in turns of two living processes: is a version slower than before?

    git worktree add ../before COMMIT
    python -m benchmarks versions ../before .
    python -m benchmarks versions ../before . --families dcgan --rounds 10

Both processes wait while the other one works, so they share the minutes and not the cores.
"""

import argparse
import os
import statistics
import subprocess
import sys
from pathlib import Path

# Family, side, batch, steps of a turn: about half a second each.
CASES = (
    ("vanilla", 32, 64, 150),
    ("dcgan", 32, 16, 60),
    ("dcgan", 64, 64, 10),
    ("cgan", 32, 16, 60),
    ("progan", 16, 16, 40),
)
WORK = """
import resource, sys, time
import numpy as np, tensorflow as tf, ganzoo
name, size, batch = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
arguments = {"image_size": size, "channels": 3}
if name == "dcgan":
    arguments |= {"width": 32, "norm": "none", "loss": "relativistic", "penalties": ["r1", "r2"]}
if name == "cgan":
    arguments |= {"num_classes": 10}
gan = ganzoo.build(name, **arguments)
pictures = np.random.default_rng(0).integers(0, 256, (batch, size, size, 3), np.uint8)
element = (pictures, np.arange(batch) % 10) if name == "cgan" else pictures
step = gan.make_train_function()
batches = iter(gan.prepared(tf.data.Dataset.from_tensors(element).repeat().prefetch(4)))
began = time.perf_counter()
float(step(batches)["d_loss"])
first = time.perf_counter() - began
for _ in range(5):
    step(batches)
print(first, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, flush=True)
for line in sys.stdin:
    began = time.perf_counter()
    for _ in range(int(line)):
        logs = step(batches)
    float(logs["d_loss"])
    print(int(line) * batch / (time.perf_counter() - began), flush=True)
"""


class Worker:
    """A process with the step of one checkout, which works when it is asked to."""

    def __init__(self, checkout: Path, name: str, size: int, batch: int):
        environment = {**os.environ, "PYTHONPATH": str(checkout.resolve()), "TF_CPP_MIN_LOG_LEVEL": "3"}
        self.process = subprocess.Popen(
            [sys.executable, "-c", WORK, name, str(size), str(batch)],
            cwd=checkout,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.first, self.memory = (float(word) for word in self.process.stdout.readline().split())

    def rate(self, steps: int) -> float:
        """Images a second over so many steps."""
        self.process.stdin.write(f"{steps}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def end(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def main() -> None:
    """Prints a table: each case's rates, their ratio, the first (tracing) step, and memory."""
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("before", type=Path)
    flags.add_argument("now", type=Path)
    flags.add_argument("--families", nargs="*", default=None)
    flags.add_argument("--rounds", type=int, default=24)
    options = flags.parse_args()
    print(
        "| step | before, images/s | now, images/s | now is times as fast (medians; turn by turn) "
        "| first step, s | peak memory, MiB |\n|---|---|---|---|---|---|"
    )
    for name, size, batch, steps in CASES:
        if options.families and name not in options.families:
            continue
        workers = [Worker(checkout, name, size, batch) for checkout in (options.before, options.now)]
        rates = ([], [])
        for turn in range(options.rounds):
            for i in (0, 1) if turn % 2 else (1, 0):
                rates[i].append(workers[i].rate(steps))
        for worker in workers:
            worker.end()
        before, now = (statistics.median(each) for each in rates)
        paired = statistics.median(b / a for a, b in zip(*rates, strict=True))
        print(
            f"| {name}, {size}x{size}, batch {batch} | {before:,.0f} | {now:,.0f} "
            f"| {now / before:.3f}; {paired:.3f} "
            f"| {workers[0].first:.2f}, {workers[1].first:.2f} "
            f"| {workers[0].memory:,.0f}, {workers[1].memory:,.0f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
