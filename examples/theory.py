"""The theory of the game as four figures, each a curve worked out beside the one the code gives.

python examples/theory.py [--steps 500] [--out figures]

optimal_discriminator.png   what D learns against a fixed generator, and p_data / (p_data + p_g)
jensen_shannon.png          V(D*, G) and 2 JS - 2 log 2 while the generator moves away
saturation.png              the gradient that reaches G from the two losses
xy.png                      the radius in V = xy after simultaneous and alternating steps
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

import keras
import matplotlib
import numpy as np
import tensorflow as tf

matplotlib.use("agg")
from matplotlib import pyplot as plt

from ganzoo.data import toys
from ganzoo.gan import GAN
from ganzoo.losses import Minimax, NonSaturating
from ganzoo.models.vanilla import Vanilla
from ganzoo.objective import Objective

DATA, MADE = toys.Mixture(((-1.0,), (1.0,)), 0.4), toys.Mixture(((0.5,),), 0.8)


@dataclass(frozen=True)
class FixedGenerator(Vanilla):
    """A vanilla discriminator against a generator of known density: x = sigma z + mean."""

    def generator(self, seed):
        kernel, bias = (keras.initializers.Constant(v) for v in (MADE.sigma, MADE.centres[0][0]))
        affine = keras.layers.Dense(1, kernel_initializer=kernel, bias_initializer=bias)
        return keras.Sequential([keras.Input((1,)), affine])


def optimal_discriminator(axes, steps: int) -> None:
    """Proposition 1 of Goodfellow 2014: the discriminator approaches D*."""
    gan = GAN(
        FixedGenerator(data_shape=(1,), latent_dim=1, d_width=32, d_activation="leaky_relu", dropout=0.0)
    )
    # As good as nothing for the generator, a rate that falls to 0 for the discriminator.
    rates = {"learning_rate": 1e-12, "d_learning_rate": 5e-3, "decay_until": 1024 * steps}
    gan.compile(Objective(loss=Minimax(), **rates))
    gan.fit(toys.stream(DATA, 1024), steps_per_epoch=steps, verbose=0)
    x = np.linspace(-2.2, 2.6, 301)[:, None].astype(np.float32)
    learned = 1 / (1 + np.exp(-gan.discriminator(x).numpy()[:, 0]))
    log_data, log_made = DATA.log_density(x), MADE.log_density(x)
    axes.plot(x, np.exp(log_data), color="0.6", label="p_data")
    axes.plot(x, np.exp(log_made), ":", color="0.6", label="p_g")
    axes.plot(x, toys.optimal_discriminator(log_data, log_made), "k", label="D* = p_data / (p_data + p_g)")
    axes.plot(x, learned, "--", color="#d1495b", label=f"D after {steps} steps")
    axes.set(xlabel="x", title="The optimal discriminator")


def jensen_shannon(axes) -> None:
    """V(D*, G) = 2 JS(p_data, p_g) - 2 log 2, for a Gaussian that moves away."""
    x = np.linspace(-10, 14, 4_001)
    dx, shifts = x[1] - x[0], np.linspace(0, 5, 26)
    p = np.exp(-0.5 * x**2) / np.sqrt(2 * np.pi)
    values, divergences = [], []
    for shift in shifts:
        q = np.exp(-0.5 * (x - shift) ** 2) / np.sqrt(2 * np.pi)
        logits = tf.constant(shift**2 / 2 - shift * x)  # log p - log q
        # The loss is a mean of values; the expectations weigh them by the densities.
        log_d, log_1_d = -tf.nn.softplus(-logits), -tf.nn.softplus(logits)
        values.append(float(tf.reduce_sum(p * log_d + q * log_1_d) * dx))
        divergences.append(2 * toys.jensen_shannon(p, q, dx) - 2 * np.log(2))
    axes.plot(shifts, divergences, "k", label="2 JS - 2 log 2")
    axes.plot(shifts, values, "o", color="#d1495b", markersize=4, label="V(D*, G)")
    axes.axhline(0.0, color="0.8", zorder=0)
    axes.set(xlabel="distance of the two means", title="The value at the optimal discriminator")


def saturation(axes) -> None:
    """The gradient of the generator's loss by D's logit on a generated picture."""
    logits = tf.linspace(-10.0, 5.0, 151)
    for loss, style in ((Minimax(), "k"), (NonSaturating(), "--")):
        with tf.GradientTape() as tape:
            tape.watch(logits)
            value = loss.generator(logits[:, None]) * len(logits)
        size = np.abs(tape.gradient(value, logits))
        axes.semilogy(logits, size, style, label=f"{type(loss).__name__}, at l = -10: {size[0]:.1e}")
    axes.set(xlabel="logit l of D on a generated picture", ylabel="|gradient|")
    axes.set_title("Saturation where D rejects surely")


def xy(axes) -> None:
    """V = xy: simultaneous steps grow the radius by sqrt(1 + eta^2) each."""
    eta, steps = 0.2, 100
    for alternating, style in ((False, "o"), (True, "s")):
        radius = np.linalg.norm(toys.bilinear_game(eta, steps, alternating=alternating), axis=1)
        name = "alternating" if alternating else "simultaneous"
        axes.semilogy(radius, style, markersize=3, label=f"{name} steps")
    axes.semilogy(np.sqrt(1 + eta**2) ** np.arange(steps + 1), "k", zorder=0, label="sqrt(1 + eta^2)^step")
    axes.set(xlabel="step", ylabel="distance from (0, 0)", title=f"V = xy, eta = {eta}")


def main(steps: int, out: str) -> None:
    """Draws the four figures into the folder `out`."""
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    for draw in (optimal_discriminator, jensen_shannon, saturation, xy):
        figure, axes = plt.subplots(figsize=(6, 4), layout="constrained")
        draw(axes, steps) if draw is optimal_discriminator else draw(axes)
        axes.legend()
        figure.savefig(folder / f"{draw.__name__}.png", dpi=100)
        plt.close(figure)
    print(f"the figures are in {folder}")


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--steps", type=int, default=500)
    flags.add_argument("--out", default="figures")
    main(**vars(flags.parse_args()))
