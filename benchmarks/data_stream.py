"""The training stream alone: images a second, time to the first batch, time to seek.

    python -m benchmarks.data_stream [--num 100000] [--training 200]

Writes a store of random pictures into a temporary folder. `--training` is what the 64x64 DCGAN
consumes on the same cores, images a second (see benchmarks/step.py). Takes about half a minute.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.alternate import alternate, machine
from ganzoo.data import DataConfig, load, stream

BATCH, STEPS = 128, 50
CASES = {
    "plain": {},
    "flip": {"flip": True},
    "flip, random crop": {"flip": True, "random_crop": 4},
    "flip, crop, colours": {
        "flip": True,
        "random_crop": 4,
        "brightness": 0.1,
        "contrast": 0.1,
        "saturation": 0.1,
    },
}


def write_store(folder: Path, num: int, size: int) -> None:
    """A prepared folder of noise, as `ganzoo-prepare` would leave it."""
    images = np.lib.format.open_memmap(folder / "images.npy", "w+", np.uint8, (num, size, size, 3))
    for start in range(0, num, 1000):
        block = np.random.default_rng(start).bytes(images[start : start + 1000].size)
        images[start : start + 1000] = np.frombuffer(block, np.uint8).reshape(-1, size, size, 3)
    images.flush()
    report = {
        "found": num,
        "accepted": num,
        "rejected": 0,
        "reasons": {},
        "notes": {},
        "classes": {},
        "folded": {},
    }
    about = {"layout": 1, "key": "", "size": size, "channels": 3, "settings": {}, "train": num, "test": 0}
    about |= {"class_names": [], "sha256": {}, "report": report}
    (folder / "store.json").write_text(json.dumps(about))


def first_batch(config: DataConfig) -> float:
    """Seconds from opening the folder to the first batch in hand."""
    began = time.perf_counter()
    store = load(config, 64)
    next(iter(stream(store, BATCH, seed=1, config=config)))
    return time.perf_counter() - began


def seek(store, step: int, config: DataConfig) -> tuple[float, float]:
    """Wall and processor seconds from an open store to a step's batch; the order of its seed is new."""
    seed = time.time_ns() % 2**31
    began, processor = time.perf_counter(), time.process_time()
    next(iter(stream(store, BATCH, seed=seed, start_image=step * BATCH, config=config)))
    return time.perf_counter() - began, time.process_time() - processor


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--num", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--training", type=float, default=200.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as top:
        result = {"machine": machine(), "num": options.num, "batch": BATCH}
        for size in (64, 68):
            (Path(top) / str(size)).mkdir()
            write_store(Path(top) / str(size), options.num, size)
        calls, cpu = {}, {}
        for name, settings in CASES.items():
            config = DataConfig(source=str(Path(top) / str(64 + settings.get("random_crop", 0))), **settings)
            calls[name] = taker(
                iter(stream(load(config, 64), BATCH, seed=1, config=config)), cpu.setdefault(name, [])
            )
        seconds = alternate(calls, options.rounds)
        result["stream"] = {
            name: {
                "images_per_second": round(BATCH * STEPS / statistics.median(seconds[name])),
                "times_training": round(
                    BATCH * STEPS / statistics.median(seconds[name]) / options.training, 1
                ),
                "cpu_of_one_core_while_training": round(statistics.median(cpu[name]) * options.training, 4),
            }
            for name in CASES
        }
        config = DataConfig(source=str(Path(top) / "64"), flip=True)
        times = [first_batch(config) for _ in range(options.rounds)]
        result["first_batch_seconds"] = round(statistics.median(times), 4)
        store = load(config, 64)
        for step in (0, 20_000):
            wall, processor = zip(*[seek(store, step, config) for _ in range(options.rounds)], strict=True)
            both = [round(1000 * statistics.median(values), 1) for values in (wall, processor)]
            result[f"seek_to_step_{step}_ms_wall_and_processor"] = both
    print(json.dumps(result, indent=1))
    print(f"\n| {'stream':20} | images/s | times training | of a core |\n|---|---|---|---|")
    for name, row in result["stream"].items():
        values = row["images_per_second"], row["times_training"], row["cpu_of_one_core_while_training"]
        print(f"| {name:20} | {values[0]:8,} | {values[1]:14} | {values[2]:9.2%} |")
    print(f"\nfirst batch of {options.num:,} pictures: {result['first_batch_seconds']} s")
    for step in (20_000, 0):
        wall, processor = result[f"seek_to_step_{step}_ms_wall_and_processor"]
        print(f"seek to step {step:,}: {wall} ms, {processor} ms of processor time")


def taker(batches, cpu: list[float]):
    """Takes STEPS batches; notes the processor seconds an image costs."""

    def take() -> None:
        began = time.process_time()
        for _ in range(STEPS):
            next(batches)
        cpu.append((time.process_time() - began) / (STEPS * BATCH))

    return take


if __name__ == "__main__":
    main()
