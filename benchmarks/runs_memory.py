"""Peak resident memory of the flagship's training step, in float32 and in bfloat16.

    python -m benchmarks.runs_memory [--steps 5] [--batch 128]

Each precision is measured in a process of its own.
"""

import argparse
import os
import subprocess
import sys
import time

import numpy as np


def one_process(precision: str, steps: int, batch: int) -> None:
    """Trains a few steps and prints the peak."""
    import ganzoo
    from ganzoo.base.peak_memory import peak_memory
    from ganzoo.data import stream
    from ganzoo.data.store import Store

    gan = ganzoo.build("dcgan", precision=precision)
    before = peak_memory()
    store = Store.of_pictures(np.random.default_rng(0).integers(0, 256, (512, 64, 64, 3), np.uint8))
    execute, batches = gan.make_train_function(), iter(gan.prepared(stream(store, batch, seed=0)))
    execute(batches)
    began = time.monotonic()
    for _ in range(steps):
        float(execute(batches)["d_loss"])
    speed = batch * steps / (time.monotonic() - began)
    print(
        f"{precision:15s} peak {peak_memory():5d} MiB ({before} before the first step), {speed:.0f} images/s"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=5)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        one_process(arguments.child, arguments.steps, arguments.batch)
        return
    for precision in ("float32", "mixed_bfloat16"):
        command = [sys.executable, "-m", __spec__.name, "--child", precision]
        command += ["--steps", str(arguments.steps), "--batch", str(arguments.batch)]
        subprocess.run(command, check=True, env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"})


if __name__ == "__main__":
    main()
