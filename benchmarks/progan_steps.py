"""Progressive growing: tracing time of every stage, and what a step costs at each size.

    python -m benchmarks.progan_steps [--size 64] [--width 512] [--batch 16] [--rounds 5]

Processor time is of the whole process, all threads; on an idle machine of two cores wall
time is about half of it.
"""

import argparse
import json
import statistics
import time

import numpy as np

from benchmarks.alternate import machine


def measure(size: int, width: int, batch: int, rounds: int) -> list[dict]:
    """One row for each stage: seconds of the first call beyond a later one, and of a step."""
    import tensorflow as tf

    import ganzoo

    gan = ganzoo.build("progan", image_size=size, width=width)
    pictures = np.zeros((batch, size, size, 3), np.uint8)
    batches = iter(gan.prepared(tf.data.Dataset.from_tensors(pictures).repeat()))
    execute, schedule = gan.make_train_function(), gan.family.schedule
    rows = []
    for stage in range(schedule.num_stages):
        gan.images_seen.assign(schedule.begins(stage))  # the stage is read off this, nothing else
        wall, cpu = [], []
        for _ in range(rounds + 1):
            began = time.perf_counter(), time.process_time()
            float(execute(batches)["d_loss"])
            wall.append(time.perf_counter() - began[0])
            cpu.append(time.process_time() - began[1])
        step = statistics.median(wall[1:]), statistics.median(cpu[1:])
        kind = "fading in" if schedule.is_fading(stage) else "stable"
        row = {"size": schedule.size(stage), "kind": kind, "step": step[0], "step_cpu": step[1]}
        rows.append(
            {**row, "tracing": max(0.0, wall[0] - step[0]), "tracing_cpu": max(0.0, cpu[0] - step[1])}
        )
    return rows


def main() -> None:
    """Measures and prints a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    rows = measure(options.size, options.width, options.batch, options.rounds)
    print(
        f"progan to {options.size}x{options.size}, width {options.width}, batch {options.batch}; {machine()}"
    )
    print("| stage | tracing, s (processor) | step, ms (processor) |\n|---|---|---|")
    for row in rows:
        print(
            f"| {row['size']}x{row['size']} {row['kind']} | {row['tracing']:.1f} ({row['tracing_cpu']:.1f}) "
            f"| {1e3 * row['step']:.0f} ({1e3 * row['step_cpu']:.0f}) |"
        )
    total = {name: sum(row[name] for row in rows) for name in ("tracing", "tracing_cpu")}
    ratio = {name: rows[-1][name] / rows[0][name] for name in ("step", "step_cpu")}
    print(f"tracing of all stages: {total['tracing']:.1f} s ({total['tracing_cpu']:.1f} s of processor time)")
    print(
        f"a step at 4x4 is {ratio['step']:.0f} times as fast as one at {options.size}x{options.size} "
        f"({ratio['step_cpu']:.0f} times by processor time)"
    )
    print(json.dumps({"machine": machine(), "rows": rows, **total, "ratio": ratio}))


if __name__ == "__main__":
    main()
