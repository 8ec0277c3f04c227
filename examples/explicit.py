"""Explicit and implicit models of the same binary digits: who can say how probable a picture is?

    python examples/explicit.py [--epochs 60] [--out explicit.png]

Digits of 8x8 pixels, black where a pixel is below half of its brightness. A fully visible belief network
(Frey, Hinton and Dayan 1996) multiplies what each pixel's probability is, given those before it: one masked
layer, and log p(x) is exact. A variational autoencoder has a bound of it, a GAN has none. All are judged by
every fifth digit, from which they do not learn. Prints a table and draws 32 samples of each.
"""

import argparse

import keras
import numpy as np
import tensorflow as tf

import ganzoo
from ganzoo import data
from ganzoo.base.errors import UsageError
from ganzoo.data.data_config import DataConfig
from ganzoo.pictures.layout import to_uint8
from ganzoo.training.run_pictures import grid, save_png

SIDE, SHOWN, BATCH = 8, 32, 50


class VisibleNetwork(keras.layers.Layer):
    """Logistic regressions of each pixel on those before it, row by row: a triangular matrix."""

    def build(self, input_shape):
        size = input_shape[-1]
        self.kernel = self.add_weight(name="kernel", shape=(size, size), initializer="zeros")
        self.bias = self.add_weight(name="bias", shape=(size,), initializer="zeros")
        self.mask = np.triu(np.ones((size, size), np.float32), 1)  # pixel i is told of pixels before i

    def call(self, bits):
        """The logit of each pixel, (batch, pixels), out of bits that are 0 or 1."""
        return bits @ (self.kernel * self.mask) + self.bias


def log_probability(network, bits):
    """Nats of each picture, exactly: the sum over its pixels."""
    return -tf.reduce_sum(tf.nn.sigmoid_cross_entropy_with_logits(bits, network(bits)), axis=1)


def train_visible(bits: np.ndarray, epochs: int):
    """A network trained by gradient descent on the exact likelihood."""
    network = VisibleNetwork()
    network.build(bits.shape)
    adam = keras.optimizers.Adam(0.01, weight_decay=0.02)
    adam.build(network.trainable_variables)
    batches = tf.data.Dataset.from_tensor_slices(bits).shuffle(len(bits), seed=0).batch(BATCH, True)

    @tf.function
    def step(batch):
        with tf.GradientTape() as tape:
            loss = -tf.reduce_mean(log_probability(network, batch))
        adam.apply(tape.gradient(loss, network.trainable_variables))

    for _ in range(epochs):
        for batch in batches:
            step(batch)
    return network


def sample_visible(network, num: int, size: int, seed: int = 0) -> np.ndarray:
    """Pictures drawn pixel by pixel: as many passes as there are pixels."""
    bits, uniform = np.zeros((num, size), np.float32), np.random.default_rng(seed).random((num, size))
    for i in range(size):
        bits[:, i] = uniform[:, i] < tf.sigmoid(network(bits))[:, i].numpy()
    return bits


def main(epochs: int, out: str) -> None:
    """Trains all three, prints what each says of the held-out digits, and draws."""
    digits = np.asarray(data.load(DataConfig(source="digits"), SIDE, 1).images)
    digits = np.where(digits > 127, 255, 0).astype(np.uint8)
    held_out = np.arange(len(digits)) % 5 == 0
    seen, unseen = digits[~held_out], digits[held_out]

    flat = (digits.reshape(len(digits), -1) > 0).astype(np.float32)
    network = train_visible(flat[~held_out], epochs)
    sizes = {"image_size": SIDE, "channels": 1}
    vae = ganzoo.build("vae", hidden=(200,), latent_dim=16, ema_decay=0.99, **sizes)
    gan = ganzoo.build("vanilla", latent_dim=16, width=128, d_width=64, ema_decay=0.99, **sizes)
    for model in (vae, gan):
        model.fit(seen, batch_size=BATCH, epochs=2 * epochs, verbose=0)
    try:
        gan.bound(unseen)
    except UsageError as error:
        none = str(error).partition(":")[0]

    exact, bound = (
        float(np.mean(x)) for x in (log_probability(network, flat[held_out]), vae.bound(unseen, 64))
    )
    print("| model | log p(x) of a held-out digit, nats | a sample takes |\n|---|---|---|")
    print(f"| fully visible belief network | {exact:.2f}, exactly | {SIDE * SIDE} passes |")
    print(f"| variational autoencoder | at least {bound:.2f} (importance-weighted, k = 64) | 1 pass |")
    print(f"| GAN (vanilla) | - ({none}) | 1 pass |")

    made = 2.0 * sample_visible(network, SHOWN, SIDE * SIDE).reshape(-1, SIDE, SIDE, 1) - 1.0
    rows = [unseen[:SHOWN], *(to_uint8(images) for images in (made, vae.sample(SHOWN), gan.sample(SHOWN)))]
    save_png(out, grid(np.concatenate(rows).repeat(4, axis=1).repeat(4, axis=2), SHOWN // 2))
    print(f"{out}: held-out digits, then two rows each of the network, the autoencoder (means) and the GAN")


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--epochs", type=int, default=60)
    flags.add_argument("--out", default="explicit.png")
    main(**vars(flags.parse_args()))
