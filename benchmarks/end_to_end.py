"""`ganzoo-train` as the user runs it against the bare training step, in turns within one run.

    python -m benchmarks.end_to_end [--recipe painting_dcgan] [--steps 200]

Data, checkpoints, grids, log and health readings are all on, at their usual rhythm (once in 200
steps of few pictures). Every few steps the run pauses while as many bare steps of an equal model are
timed: a fixed batch, nothing else.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import keras
import tensorflow as tf

from benchmarks.alternate import machine
from ganzoo.config import read_recipe, resolve
from ganzoo.settings import apply_setting
from ganzoo.training import runs
from ganzoo.training.loop import train


class InTurns(keras.callbacks.Callback):
    """Times the run's own steps and, in the pauses, bare ones."""

    def __init__(self, config, turn: int):
        super().__init__()
        self.turn, self.ours, self.bare = turn, [], []
        gan = runs.make_gan(config)
        shape = (config.train.batch_size, *config.family.batch_spec["image"])
        pictures = tf.data.Dataset.from_tensors({"image": tf.random.uniform(shape, -1, 1)}).repeat()
        self.batches, self.execute = iter(gan.prepared(pictures)), gan.make_train_function()
        for _ in range(3):
            float(self.execute(self.batches)["d_loss"])
        self.began = None

    def on_train_batch_end(self, batch, logs=None):
        # What the loop writes after a step is timed with the step that follows.
        if batch + 1 < 3 or (batch + 1) % self.turn:
            return
        now = time.perf_counter()
        if self.began is not None:
            self.ours.append((now - self.began) / self.turn)
        for _ in range(self.turn):
            float(self.execute(self.batches)["d_loss"])
        self.began = time.perf_counter()
        if len(self.ours):
            self.bare.append((self.began - now) / self.turn)


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="painting_dcgan")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--turn", type=int, default=20)
    options = parser.parse_args()
    tables = read_recipe(options.recipe)
    config = resolve(tables)
    apply_setting(tables, f"train.images={(options.steps + options.turn) * config.train.batch_size}")
    config = resolve(tables)
    in_turns = InTurns(config, options.turn)
    with tempfile.TemporaryDirectory() as folder:
        train(config, Path(folder) / "run", callbacks=[in_turns])
    # The whole time counts, not its median: a checkpoint or a grid comes once in many steps.
    ours, bare = sum(in_turns.ours), sum(in_turns.bare)
    turns = [b / a for a, b in zip(in_turns.ours, in_turns.bare, strict=True)]
    print(f"{options.recipe}, {len(turns) * options.turn} steps in turns of {options.turn}; {machine()}")
    print(f"bare step {bare / len(turns) * 1e3:.0f} ms, in the run {ours / len(turns) * 1e3:.0f} ms")
    low, median, high = statistics.quantiles(turns, n=4)
    print(f"end to end: {bare / ours:.3f} of the bare step (turns: {median:.3f}, {low:.3f} to {high:.3f})")
    print(json.dumps({"machine": machine(), "ratio": bare / ours, "turns": turns}))


if __name__ == "__main__":
    main()
