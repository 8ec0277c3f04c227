"""Training on a toy problem as an animation: real points, generated points, what D thinks in between.

    python examples/toys.py --toy ring|grid|swiss_roll|xy [--frames 40] [--steps 100] [--out toy.gif]

`xy` is the bilinear game V(x, y) = xy: simultaneous gradient steps circle away from the
equilibrium, alternating ones circle around it.
"""

import argparse

import matplotlib
import numpy as np

matplotlib.use("agg")
from matplotlib import pyplot as plt
from matplotlib.animation import FuncAnimation, PillowWriter

from ganzoo.data import toys

COLORS = {"real": "#2a6f97", "made": "#d1495b", "alternating": "#2a6f97", "simultaneous": "#d1495b"}


def animate_training(name: str, frames: int, steps: int, out: str) -> None:
    """One frame for every `steps` training steps."""
    import ganzoo

    toy = toys.TOYS[name]()
    gan = ganzoo.build(
        "vanilla", data_shape=(2,), latent_dim=2, width=128, depth=3, d_width=128, d_depth=3,
        activation="leaky_relu", d_activation="leaky_relu", dropout=0.0, learning_rate=1e-3,
        penalties=[{"name": "r1", "weight": 0.001}],
        instance_noise=0.3, instance_noise_until=frames * steps * 128,
    )  # fmt: skip
    stream, real = toys.stream(toy, 256), toy.sample(1_000, seed=1)
    reach = 1.25 * np.abs(real).max()
    axis = np.linspace(-reach, reach, 60, dtype=np.float32)
    plane = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")

    def draw(frame: int):
        if frame:
            gan.fit(stream, steps_per_epoch=steps, verbose=0)
        made = gan.sample(1_000, seed=1)
        believed = 1 / (1 + np.exp(-gan.discriminator(plane).numpy().reshape(60, 60)))
        axes.clear()
        axes.contourf(axis, axis, believed, levels=np.linspace(0, 1, 11), cmap="Greys", alpha=0.5)
        axes.scatter(*real.T, s=4, color=COLORS["real"], label="real")
        axes.scatter(*made.T, s=4, color=COLORS["made"], label="generated")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), title=f"{name}, step {int(gan.step):,}")
        axes.legend(loc="upper right", markerscale=3)

    save(figure, draw, frames + 1, out)
    if hasattr(toy, "modes"):
        print(toy.modes(gan.sample(2_500)))


def animate_game(frames: int, out: str, eta: float = 0.15) -> None:
    """The paths of both ways to step in V = xy."""
    paths = {
        "simultaneous": toys.bilinear_game(eta, frames),
        "alternating": toys.bilinear_game(eta, frames, alternating=True),
    }
    reach = 1.1 * max(np.abs(path).max() for path in paths.values())
    figure, axes = plt.subplots(figsize=(5, 5), layout="constrained")

    def draw(frame: int):
        axes.clear()
        for name, path in paths.items():
            axes.plot(*path[: frame + 1].T, ".-", color=COLORS[name], label=name)
        axes.plot(0, 0, "k+", markersize=12, label="Nash equilibrium")
        axes.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="x minimises", ylabel="y maximises")
        axes.set_title(f"V = xy, eta = {eta}, step {frame}")
        axes.legend(loc="upper right")

    save(figure, draw, frames + 1, out)


def save(figure, draw, frames: int, out: str) -> None:
    """Writes an animation as a GIF."""
    animation = FuncAnimation(figure, draw, frames=frames, init_func=lambda: None, repeat=False)
    animation.save(out, writer=PillowWriter(fps=8))
    plt.close(figure)
    print(f"the animation is in {out}")


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("--toy", choices=[*toys.TOYS, "xy"], default="ring")
    flags.add_argument("--frames", type=int, default=40)
    flags.add_argument("--steps", type=int, default=100, help="training steps between two frames")
    flags.add_argument("--out", default="toy.gif")
    given = flags.parse_args()
    if given.toy == "xy":
        animate_game(given.frames, given.out)
    else:
        animate_training(given.toy, given.frames, given.steps, given.out)
