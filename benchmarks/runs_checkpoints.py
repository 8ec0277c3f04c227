"""What a checkpoint of the 64x64 DCGAN costs: size, time to write and read, share of training.

    python -m benchmarks.runs_checkpoints [--steps 20] [--batch 128]

Aim: checkpointing every 1,000 steps takes at most 1 % of training time.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

import ganzoo
from ganzoo.data import stream
from ganzoo.data.store import Store
from ganzoo.training import checkpoints


def timed(function) -> float:
    began = time.monotonic()
    function()
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--batch", type=int, default=128)
    arguments = parser.parse_args()
    gan = ganzoo.build("dcgan")
    store = Store.of_pictures(np.random.default_rng(0).integers(0, 256, (512, 64, 64, 3), np.uint8))
    execute = gan.make_train_function()
    batches = iter(gan.prepared(stream(store, arguments.batch, seed=0)))
    for _ in range(3):
        execute(batches)
    step = statistics.median(timed(lambda: execute(batches)) for _ in range(arguments.steps))
    with tempfile.TemporaryDirectory(dir=".") as folder:
        path = Path(folder)

        def write():
            checkpoints.save(path, 1, checkpoints.values(gan.state()), {})

        written = statistics.median(timed(write) for _ in range(5))
        file = checkpoints.list_sealed(path)[0]
        size = file.stat().st_size
        read = statistics.median(
            timed(lambda: checkpoints.restore(gan.state(), checkpoints.read(file).arrays)) for _ in range(5)
        )
    share = written / (1000 * step + written)
    print(f"one step, batch {arguments.batch}: {step:.3f} s ({arguments.batch / step:.0f} images/s)")
    print(f"checkpoint: {size / 1e6:.1f} MB, written and synced in {written:.2f} s, read in {read:.2f} s")
    print(f"every 1,000 steps: {share:.3%} of training time (aim: at most 1 %)")


if __name__ == "__main__":
    main()
