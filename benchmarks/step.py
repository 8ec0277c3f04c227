"""Speed of the DCGAN's training step against PyTorch and against the textbook Keras step.

    python -m benchmarks.step [--rounds 10] [--batch 128] [--width 64]

All in one process, in turns, with the same number of threads. PyTorch is optional.
"""

import argparse
import json
import os

from benchmarks.alternate import alternate, machine, ratios


def ours(batch: int, width: int):
    """One step of `ganzoo.build("dcgan")`, as `fit` runs it."""
    import tensorflow as tf

    import ganzoo

    gan = ganzoo.build("dcgan", width=width)
    pictures = tf.random.uniform((batch, 64, 64, 3), -1, 1)
    batches = iter(tf.data.Dataset.from_tensors({"image": pictures}).repeat())
    execute = gan.make_train_function()
    return lambda: float(execute(batches)["d_loss"])


def textbook(batch: int, width: int):
    """The Keras guides' way: two generator passes, D on real and fake, everything else alike."""
    import keras
    import tensorflow as tf

    from ganzoo.models.dcgan import DCGAN

    family = DCGAN(width=width)
    g, d = family.generator(0), family.discriminator(1)
    g_optimizer, d_optimizer = (keras.optimizers.Adam(2e-4, beta_1=0.5) for _ in range(2))
    entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    pictures = tf.random.uniform((batch, 64, 64, 3), -1, 1)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            fake = g(tf.random.normal((batch, 100)), training=True)
            on_real, on_fake = d(pictures, training=True), d(fake, training=True)
            loss = entropy(tf.fill((batch, 1), 0.9), on_real) + entropy(tf.zeros((batch, 1)), on_fake)
        d_optimizer.apply(tape.gradient(loss, d.trainable_variables), d.trainable_variables)
        with tf.GradientTape() as tape:
            on_fake = d(g(tf.random.normal((batch, 100)), training=True), training=True)
            g_loss = entropy(tf.ones((batch, 1)), on_fake)
        g_optimizer.apply(tape.gradient(g_loss, g.trainable_variables), g.trainable_variables)
        return loss

    return lambda: float(step())


def matrix_product(size: int = 2048):
    """One float32 matrix product: the machine's arithmetic rate, measured in the same turns."""
    import tensorflow as tf

    a = tf.random.normal((size, size))
    product = tf.function(lambda: tf.reduce_sum(tf.matmul(a, a)[0]))
    return lambda: float(product())


def main() -> None:
    """Measures and prints a table and JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--width", type=int, default=64)
    options = parser.parse_args()
    threads = len(os.sched_getaffinity(0))
    contestants = {
        "ganzoo": ours(options.batch, options.width),
        "textbook Keras, two passes": textbook(options.batch, options.width),
        "matrix product": matrix_product(),
    }
    try:
        import torch

        from benchmarks.torch_dcgan import TorchStep

        torch.set_num_threads(threads)
        for name, mode in (("PyTorch", {}), ("PyTorch channels_last", {"channels_last": True})):
            contestants[name] = TorchStep(options.batch, width=options.width, **mode)
    except ImportError:
        print("PyTorch is not installed: its rows are left out")
    seconds = alternate(contestants, options.rounds, warm_up=3)
    report(seconds, options.batch, options.width)


def report(seconds: dict[str, list[float]], batch: int, width: int) -> None:
    """Prints the table and, as the last line, JSON."""
    import statistics

    rows = {}
    print(f"64x64 DCGAN, width {width}, batch {batch}, float32; {machine()}")
    print("| step | images/s (median) | ganzoo is times as fast (quartiles) |\n|---|---|---|")
    for name, each in seconds.items():
        if name == "matrix product":
            continue
        median, low, high = ratios(seconds, "ganzoo", name)
        rows[name] = {
            "images_per_second": batch / statistics.median(each),
            "ratio": median,
            "quartiles": [low, high],
        }
        print(f"| {name} | {rows[name]['images_per_second']:.1f} | {median:.2f} ({low:.2f} to {high:.2f}) |")
    rate = 2 * 2048**3 / statistics.median(seconds["matrix product"])
    share = 2 * 1137e6 * (width / 64) ** 2 * batch / statistics.median(seconds["ganzoo"]) / rate
    print(f"float32 matrix product: {rate / 1e9:.0f} GFLOP/s; ganzoo's step reaches {share:.2f} of it")
    print(
        json.dumps(
            {"machine": machine(), "rows": rows, "gflops": rate / 1e9, "share_of_matrix_product": share}
        )
    )


if __name__ == "__main__":
    main()
