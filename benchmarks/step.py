"""Speed of the DCGAN's training step against PyTorch and against the textbook Keras step.

    python -m benchmarks step [--rounds 10] [--batch 128] [--width 64] [--precision mixed_bfloat16]

All in one process, in turns, with the same number of threads. PyTorch is optional; with --compiled its
compiled mode takes part, which needs a C++ compiler and minutes to start. In bfloat16 ganzoo's own
float32 step takes its turns too.
"""

import argparse
import json
import os

from benchmarks.alternate import alternate, machine, ratios


def ours(batch: int, width: int, precision: str):
    """One step of `ganzoo.build("dcgan")`, as `fit` runs it."""
    import tensorflow as tf

    import ganzoo

    gan = ganzoo.build("dcgan", width=width, precision=precision)
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
    parser.add_argument("--precision", choices=["float32", "mixed_bfloat16"], default="float32")
    parser.add_argument("--compiled", action="store_true", help="PyTorch's compiled mode, too")
    options = parser.parse_args()
    contestants = {"ganzoo": ours(options.batch, options.width, options.precision)}
    if options.precision == "float32":
        contestants["textbook Keras, two passes"] = textbook(options.batch, options.width)
    else:
        contestants["ganzoo, float32"] = ours(options.batch, options.width, "float32")
    contestants["matrix product"] = matrix_product()
    contestants |= pytorch(options)
    seconds = alternate(contestants, options.rounds, warm_up=3)
    report(seconds, options.batch, options.width, options.precision)


def pytorch(options: argparse.Namespace) -> dict:
    """PyTorch's steps that work here, by name."""
    try:
        import torch

        from benchmarks.torch_dcgan import TorchStep
    except ImportError:
        print("PyTorch is not installed: its rows are left out")
        return {}
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    found = {}
    modes = {"PyTorch": {}, "PyTorch channels_last": {"channels_last": True}}
    if options.compiled:
        modes["PyTorch compiled, channels_last"] = {"channels_last": True, "compiled": True}
    bfloat16 = options.precision != "float32"
    for name, mode in modes.items():
        step = TorchStep(options.batch, width=options.width, bfloat16=bfloat16, **mode)
        try:
            step()
        except Exception as error:  # the compiler raises many kinds
            print(f"{name}: left out ({type(error).__name__}: {str(error).splitlines()[0][:100]})")
        else:
            found[name] = step
    return found


def report(seconds: dict[str, list[float]], batch: int, width: int, precision: str) -> None:
    """Prints the table and, as the last line, JSON."""
    import statistics

    rows = {}
    print(f"64x64 DCGAN, width {width}, batch {batch}, {precision}; {machine()}")
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
