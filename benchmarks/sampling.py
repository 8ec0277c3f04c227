"""Sampling: `gan.sample` and PNG files against the bare generator call, and the first picture's time.

    python -m benchmarks sampling [--model dcgan] [--rounds 10] [--pictures 10000]

The bare call is a compiled call of the same averaged generator on latents that are there already. The
first picture is timed in processes of their own, from the start of Python. `--pictures N` measures only
files: N pictures in all into folders of PNG files with their latents, as `ganzoo-sample --out FOLDER/`
writes them, in turns with as many by the bare generator, which are thrown away.
"""

import argparse
import itertools
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.alternate import alternate, machine, ratios

BATCHES = (1, 64, 256)
TURN = 2_000  # pictures that are written before the bare generator has its turn
FIRST = "import ganzoo; ganzoo.load({run!r}).sample(1)"


def steady(model: str, rounds: int) -> list[dict]:
    """A row for each batch size."""
    import tensorflow as tf

    import ganzoo

    gan = ganzoo.build(model)
    generator, rows = gan.ema_generator, []
    bare = tf.function(lambda latents: generator(latents, training=False))
    for batch in BATCHES:
        latents = gan.family.latents(ganzoo.step.draws.Draws(1), batch)
        calls = {
            "sample": lambda batch=batch: gan.sample(batch, seed=1),
            "bare": lambda latents=latents: bare(latents).numpy(),
        }
        seconds = alternate(calls, rounds, warm_up=3)
        median, low, high = ratios(seconds, "bare", "sample")  # the time of sample over that of bare
        speed = {name: batch / statistics.median(each) for name, each in seconds.items()}
        rows.append({"batch": batch, **speed, "time_ratio": median, "quartiles": [low, high]})
    return rows


def first_picture(model: str, rounds: int) -> list[float]:
    """Seconds of a new process that loads a run and makes one picture."""
    from ganzoo.config import resolve
    from ganzoo.training.loop import train

    with tempfile.TemporaryDirectory() as folder:
        run = str(Path(folder) / "run")
        train(resolve({"model": {"name": model}, "train": {"images": 8, "batch_size": 8}}), Path(run))
        times = []
        for _ in range(rounds):
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", FIRST.format(run=run)], check=True, capture_output=True)
            times.append(time.perf_counter() - began)
    return times


def to_files(model: str, pictures: int) -> dict:
    """Speeds of the bare generator and of the way into PNG files, and their ratio, in turns."""
    import tensorflow as tf

    import ganzoo
    from ganzoo.pictures import layout, picture_files
    from ganzoo.sampling import latent_files
    from ganzoo.sampling.sampler import CHUNK

    gan = ganzoo.build(model)
    generator = gan.ema_generator
    call = tf.function(lambda latents: generator(latents, training=False))
    turn = min(TURN, pictures)
    latents = gan.latents(-(-turn // CHUNK) * CHUNK, seed=1)[:turn]

    def bare():
        for start in range(0, turn, CHUNK):
            call(tf.constant(latents[start : start + CHUNK])).numpy()

    def files():
        drawn = latent_files.Latents(gan.latents(turn, seed=1))
        lines = latent_files.lines(drawn, None, picture_files.names("png"))
        with tempfile.TemporaryDirectory() as folder:
            picture_files.save_folder(
                Path(folder, "pictures"),
                gan.stream(drawn.values),
                "png",
                layout.Style(),
                itertools.chain([latent_files.header({})], lines),
            )

    seconds = alternate({"bare": bare, "files": files}, max(1, pictures // turn), warm_up=1)
    median, low, high = ratios(seconds, "files", "bare")
    speed = {name: turn / statistics.median(each) for name, each in seconds.items()}
    return {"pictures": turn * len(seconds["bare"]), **speed, "ratio": median, "quartiles": [low, high]}


def main() -> None:
    """Measures and prints a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--model", default="dcgan")
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--pictures", type=int, help="measure only the way into files, with so many")
    options = parser.parse_args()
    if options.pictures:
        found = to_files(options.model, options.pictures)
        low, high = found["quartiles"]
        print(
            f"{options.model}; {machine()}\n{found['pictures']:,} pictures into PNG files: "
            f"{found['files']:.0f} images/s, bare generator {found['bare']:.0f} images/s, "
            f"ratio {found['ratio']:.2f} ({low:.2f} to {high:.2f})"
        )
        print(json.dumps({"machine": machine(), **found}))
        return
    rows = steady(options.model, options.rounds)
    print(f"{options.model}; {machine()}")
    print("| batch | sample, images/s | bare call, images/s | time over the bare call's (quartiles) |")
    print("|---|---|---|---|")
    for row in rows:
        low, high = row["quartiles"]
        print(
            f"| {row['batch']} | {row['sample']:.0f} | {row['bare']:.0f} "
            f"| {row['time_ratio']:.2f} ({low:.2f} to {high:.2f}) |"
        )
    times = first_picture(options.model, 3)
    print(f"first picture of a trained run, from the start of Python: {statistics.median(times):.1f} s")
    print(json.dumps({"machine": machine(), "rows": rows, "first_picture_seconds": times}))


if __name__ == "__main__":
    main()
