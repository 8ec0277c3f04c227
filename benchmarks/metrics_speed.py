"""What the default measures cost over bare feature extraction, and the memory they take.

    python benchmarks/metrics_speed.py --num 10000 --rounds 1

Bare extraction is timed twice: as the space itself extracts (frozen graph), and as the plain
`tf.function` of the Keras model. Rounds alternate, for the machine may be shared: read the
ratios, of wall and of processor time. 10,000 against 10,000 pictures of 64x64 take about three minutes
a round on two cores.
"""

import argparse
import resource
import time

import numpy as np

from ganzoo.base.lazy import tf
from ganzoo.metrics import evaluate, extract, feature_space
from ganzoo.metrics.images import resize_matrix


def pictures(num: int, seed: int, size: int = 64) -> np.ndarray:
    """Smooth random pictures, uint8 `(num, size, size, 3)`: the times do not depend on what they show."""
    draw = np.random.default_rng(seed)
    grow, found = resize_matrix(8, size), np.empty((num, size, size, 3), np.uint8)
    for at in range(0, num, 1000):
        coarse = draw.uniform(0, 255, (min(1000, num - at), 8, 8, 3)).astype(np.float32)
        found[at : at + 1000] = np.einsum("ij,bjkc,lk->bilc", grow, coarse, grow, optimize=True).clip(0, 255)
    return found


def plain(images: np.ndarray, space, batch: int = 64) -> None:
    """The network as Keras users call it: a `tf.function`, nothing frozen, TensorFlow's own resize."""

    @tf.function(input_signature=[tf.TensorSpec((batch, *images.shape[1:]), tf.uint8)])
    def features(x):
        x = tf.image.resize(tf.cast(x, tf.float32), (space.size, space.size), "bicubic", antialias=True)
        return space.function(x)

    for at in range(0, len(images) // batch * batch, batch):
        features(tf.constant(images[at : at + batch])).numpy()


def seconds(work) -> np.ndarray:
    """Wall and processor seconds: on a shared machine only the second means much."""
    start = np.array([time.perf_counter(), time.process_time()])
    work()
    return np.array([time.perf_counter(), time.process_time()]) - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--num", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    real, fake = pictures(options.num, 1), pictures(options.num, 2)
    space = feature_space("mobilenet")
    extract(real[:256], space)  # TensorFlow's own start-up belongs to neither side
    print("In brackets: processor time.\n")
    print("| round | bare, frozen | bare, tf.function | evaluate | ratio to frozen | ratio to tf.function |")
    print("|---|---|---|---|---|---|")
    for number in range(1, options.rounds + 1):
        before = seconds(lambda: (extract(real, space), extract(fake, space)))
        usual = seconds(lambda: (plain(real, space), plain(fake, space)))
        reports = []
        whole = seconds(lambda: reports.append(evaluate(real, fake, features=space, num=options.num)))  # noqa: B023
        after = seconds(lambda: (extract(real, space), extract(fake, space)))
        bare = (before + after) / 2
        times = [f"{wall:.1f} s ({processor:.1f})" for wall, processor in (bare, usual, whole)]
        ratios = [f"{wall:.2f} ({processor:.2f})" for wall, processor in (whole / bare, whole / usual)]
        print("| " + " | ".join([str(number), *times, *ratios]) + " |", flush=True)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"\npeak resident memory {peak:.2f} GiB; where the time of the last round went:\n")
    print("| part | seconds |\n|---|---|")
    for part, spent in reports[0].seconds.items():
        print(f"| {part} | {spent:.2f} |")


if __name__ == "__main__":
    main()
