"""Preparing pictures: against the thesis's way and other decoders, its quality, and its cost at any size.

    python -m benchmarks.data_prepare [--pictures FOLDER] [--large 100000]

`--pictures` are full-size JPEGs for the quality and, enlarged to 1,400 pixels, for the speed; default:
the embedded paintings, which are small. pyvips and TensorFlow are measured where they are installed.
The large set are the embedded paintings copied, each with a comment of its own in the file.
With 100,000 pictures it takes some minutes and 1.5 GB of disk.
"""

import argparse
import functools
import io
import json
import os
import shutil
import statistics
import tempfile
import threading
import time
from importlib import resources
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.alternate import alternate, machine, ratios
from ganzoo.data import prepare
from ganzoo.data.cleaning import Rules, clean

SIZE, LONG = 64, 1400


def embedded() -> list[bytes]:
    folder = resources.files("ganzoo.data.met_paintings")
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=str) if file.name.endswith(".jpg")]


def enlarge(pictures: list[bytes], folder: Path, count: int) -> None:
    """`count` JPEGs of 1,400 pixels on the long side, each another cut of a picture."""
    for number in range(count):
        image = Image.open(io.BytesIO(pictures[number % len(pictures)])).convert("RGB")
        cut = number // len(pictures)
        image = image.crop((cut, cut, image.width - cut, image.height - cut))
        scale = LONG / max(image.size)
        side = tuple(round(scale * length) for length in image.size)
        image.resize(side, Image.Resampling.LANCZOS).save(folder / f"{number:05d}.jpg", quality=90)


def thesis(data: bytes) -> np.ndarray:
    """The reference thesis's way: decode all, short side to the size (bilinear), cut the centre."""
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = SIZE / min(image.size)
    image = image.resize(
        tuple(max(SIZE, int(scale * length)) for length in image.size), Image.Resampling.BILINEAR
    )
    left, top = (image.width - SIZE) // 2, (image.height - SIZE) // 2
    return np.asarray(image.crop((left, top, left + SIZE, top + SIZE)))


def vips_decoder():
    import pyvips

    pyvips.cache_set_max(0)

    def decode(data: bytes) -> None:
        pyvips.Image.thumbnail_buffer(data, SIZE, height=SIZE, crop="centre").write_to_memory()

    return decode


def tensorflow_decoder():
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)

    def decode(data: bytes) -> None:
        height, width, _ = tf.io.extract_jpeg_shape(data).numpy()
        ratio = next(r for r in (8, 4, 2, 1) if r == 1 or min(height, width) // r >= 2 * SIZE)
        image = tf.io.decode_jpeg(data, channels=3, ratio=ratio)
        short = min(image.shape[0], image.shape[1])
        image = tf.image.resize_with_crop_or_pad(image, short, short)
        tf.image.resize(image, (SIZE, SIZE), antialias=True).numpy()

    return decode


def decoders(files: list[bytes], rounds: int) -> dict:
    """Seconds of one process for the same files, by each decoder."""
    each = {
        "thesis (Pillow, all decoded)": thesis,
        "ganzoo (Pillow, shrunk)": lambda d: clean(d, "a.jpg", Rules(SIZE)),
    }
    for name, make in (("pyvips (shrunk)", vips_decoder), ("TensorFlow (shrunk)", tensorflow_decoder)):
        try:
            each[name] = make()
        except ImportError as error:
            print(f"not measured: {name} ({error})")
    calls = {
        name: functools.partial(lambda decode: [decode(data) for data in files], decode)
        for name, decode in each.items()
    }
    seconds = alternate(calls, rounds, warm_up=1)
    return {name: round(len(files) / statistics.median(values)) for name, values in seconds.items()}


def whole(folder: Path, top: Path, rounds: int) -> dict:
    """ganzoo-prepare with two workers, manifest and checksums included, against the thesis's one process.

    Both in wall time and in processor time, which other programs on the machine disturb less.
    """
    paths, processor = sorted(folder.iterdir()), {"ours": [], "theirs": []}

    def counted(name: str, call) -> None:
        began = sum(os.times()[:4])  # with the children that have ended
        call()
        processor[name].append(sum(os.times()[:4]) - began)

    def ours() -> None:
        shutil.rmtree(top / "out", ignore_errors=True)
        counted("ours", lambda: prepare(str(folder), top / "out", size=SIZE, progress=False))

    def theirs() -> None:
        counted("theirs", lambda: [thesis(path.read_bytes()) for path in paths])

    seconds = alternate({"ours": ours, "theirs": theirs}, rounds, warm_up=1)
    median, low, high = ratios(seconds, "ours", "theirs")
    wall = {name: round(len(paths) / statistics.median(values)) for name, values in seconds.items()}
    cost = {
        name: round(1000 * statistics.median(values) / len(paths), 2) for name, values in processor.items()
    }
    result = {"files": len(paths), "images_per_second": wall, "ratio": round(median, 2)}
    return result | {"quartiles": [round(low, 2), round(high, 2)], "processor_ms_per_picture": cost}


def quality(files: list[bytes]) -> dict:
    """PSNR of the stored pictures against decoding all and resizing the same cut with antialiasing."""
    rows = []
    for data in files:
        image = Image.open(io.BytesIO(data)).convert("RGB")
        short = min(image.size)
        left, top = (image.width - short) / 2, (image.height - short) / 2
        box = (left, top, left + short, top + short)
        expected = np.asarray(image.resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=box)).astype(
            np.float64
        )
        rows.append(
            float(((clean(data, "a.jpg", Rules(SIZE, upscale=True)).images[0] - expected) ** 2).mean())
        )
    decibels = [10 * np.log10(255**2 / max(row, 1e-6)) for row in rows]
    pooled = 10 * np.log10(255**2 / np.mean(rows))
    lowest, mean = round(min(decibels), 2), round(float(np.mean(decibels)), 2)
    pooled = round(float(pooled), 2)
    return {"pictures": len(rows), "mean_db": mean, "lowest_db": lowest, "of_mean_error_db": pooled}


def copies(folder: Path, count: int) -> None:
    """Different files: a comment in the JPEG says the number."""
    pictures = embedded()
    for number in range(count):
        data, words = pictures[number % len(pictures)], b"%012d" % number
        path = folder / f"{number // 1000:03d}" / f"{number:07d}.jpg"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[:2] + b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words + data[2:])


class Memory(threading.Thread):
    """Watches the resident memory of this process and its children; `peak` is the largest sum in MiB."""

    def __init__(self):
        super().__init__(daemon=True)
        self.peak, self.over = 0.0, threading.Event()

    def run(self) -> None:
        me = str(os.getpid())
        while not self.over.wait(0.05):
            total = 0
            for status in Path("/proc").glob("[0-9]*/status"):
                try:
                    words = dict(
                        line.split(":", 1) for line in status.read_text().splitlines() if ":" in line
                    )
                except OSError:
                    continue
                if me in (words["Pid"].strip(), words["PPid"].strip()) and "VmRSS" in words:
                    total += int(words["VmRSS"].split()[0])
            self.peak = max(self.peak, total / 1024)


def flatness(top: Path, large: int, rounds: int) -> dict:
    """Cost of a picture in small sets and in a large one, taken in turns; and the memory of the large one."""
    sets = {1000: top / "small", large: top / "large"}
    for count, folder in sets.items():
        folder.mkdir()
        copies(folder, count)

    def run(count: int) -> tuple[float, float]:
        shutil.rmtree(top / "out", ignore_errors=True)
        wall, processor = time.perf_counter(), sum(os.times()[:4])
        prepare(str(sets[count]), top / "out", size=SIZE, progress=False)
        return (time.perf_counter() - wall) / count * 1e6, (sum(os.times()[:4]) - processor) / count * 1e6

    small, big, memory = [], [], Memory()
    memory.start()
    for _ in range(rounds):
        small += [run(1000) for _ in range(3)]
        big.append(run(large))
    memory.over.set()
    middle = {
        name: [round(statistics.median(column)) for column in zip(*rows, strict=True)]
        for name, rows in (("1000", small), (str(large), big))
    }
    return {"microseconds_per_picture_wall_and_processor": middle, "peak_resident_mib": round(memory.peak)}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pictures", type=Path)
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--large", type=int, default=0)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    files = (
        [path.read_bytes() for path in sorted(options.pictures.glob("*.jpg"))]
        if options.pictures
        else embedded()
    )
    result: dict = {"machine": machine(), "size": SIZE, "quality": quality(files)}
    with tempfile.TemporaryDirectory() as name:
        top = Path(name)
        (top / "jpegs").mkdir()
        enlarge(files, top / "jpegs", options.count)
        result["prepare"] = whole(top / "jpegs", top, options.rounds)
        some = [path.read_bytes() for path in sorted((top / "jpegs").iterdir())[:60]]
        result["one_process_images_per_second"] = decoders(some, options.rounds)
        if options.large:
            result["flatness"] = flatness(top, options.large, 1)
    print(json.dumps(result, indent=1))
    print("\n| one process, 1,400 pixels to 64 | images/s |\n|---|---|")
    for name, speed in result["one_process_images_per_second"].items():
        print(f"| {name} | {speed} |")
    made = result["prepare"]
    speed = made["images_per_second"]["ours"]
    print(f"\nganzoo-prepare, two workers: {speed} images/s, {made['ratio']} times the thesis's way")
    cost = made["processor_ms_per_picture"]
    print(f"processor time of a picture: {cost['ours']} ms, the thesis's way {cost['theirs']} ms")
    print(f"PSNR: {result['quality']['mean_db']} dB on average")


if __name__ == "__main__":
    main()
