"""Make the runs of this folder again: tiny, half done, of each family, by the version that is installed.

    python -m tests.training.old_runs.make FOLDER

They are meant to be made once, by a version that is about to become the one before (these: 0.1.0 at
dd160a2), and to be read by every version after it. FOLDER/<family> is a run whose last state is at 48 of
its 96 images; ends/<family>.npz is the state at which that version ended it; <family>.keras, its model
as `gan.save` wrote it; <family>-samples.npy, what that model drew of seed 0; machine.json, where.
"""

import json
import os
import shutil
import sys
from pathlib import Path

import numpy as np

PICTURE = {"image_size": 16, "channels": 3, "width": 4, "latent_dim": 4}
MODELS = {
    "vanilla": {**PICTURE, "image_size": 8, "d_width": 4, "depth": 1, "d_depth": 1, "pieces": 2},
    "dcgan": {**PICTURE, "norm": "none"},
    "cgan": {**PICTURE, "embedding_dim": 4},
    "progan": {**PICTURE, "start_size": 8, "stable_images": 32, "fade_images": 32},
}
PENALTIES = {"dcgan": ["r1", "r2"], "progan": ["gradient_penalty"]}
TRAIN = {
    "vanilla": {},
    "dcgan": {"augment": {"translation": 0.125, "brightness": 0.2}, "ema_decay": 0.9},
    "cgan": {},
    "progan": {"d_steps": 2},
}
LOSSES = {"dcgan": "relativistic", "cgan": "hinge", "progan": "wasserstein"}
IMAGES, HALF = 96, 48


def write_pictures(path: Path) -> None:
    coarse = np.random.default_rng(0).integers(0, 256, (24, 4, 4, 3), dtype=np.uint8)
    np.savez_compressed(path, image=coarse.repeat(4, 1).repeat(4, 2), label=np.arange(24) % 3)


def recipe(name: str) -> dict:
    """The tables of a family's run; `pictures.npz` lies in the current folder."""
    train = {"images": IMAGES, "batch_size": 8, "checkpoint_every": HALF, "grid_every": 10**9, "keep": 5}
    train |= TRAIN[name]
    if name in PENALTIES:
        train["penalties"] = [{"name": penalty, "interval": 2} for penalty in PENALTIES[name]]
    tables = {
        "model": {"name": name, **MODELS[name]},
        "train": train,
        "data": {"source": "pictures.npz", "flip": True},
    }
    return tables | ({"loss": LOSSES[name]} if name in LOSSES else {})


def make(name: str) -> None:
    import ganzoo
    from ganzoo.config import resolve
    from ganzoo.training.loop import train

    run = Path(name)
    train(resolve(recipe(name)), run)
    gan = ganzoo.load(run)
    np.save(f"{name}-samples.npy", gan.sample(4, seed=0))
    gan.save(f"{name}.keras")
    states = run / "checkpoints"
    shutil.copy(states / f"images-{IMAGES:012d}.npz", f"ends/{name}.npz")
    for path in states.iterdir():
        if f"images-{HALF:012d}" not in path.name:
            path.unlink()
    for path in run.iterdir():
        if path.is_dir() and path != states:
            shutil.rmtree(path)
        elif path.name not in ("config.toml", "log.csv") and path != states:
            path.unlink()


def machine() -> dict:
    """What decides bits besides the code: TensorFlow's version and the processor's instructions."""
    import tensorflow as tf

    info = Path("/proc/cpuinfo")
    flags = info.read_text().split("flags", 1)[-1].split("\n", 1)[0].split() if info.is_file() else []
    wide = sorted(flag for flag in flags if flag.startswith(("avx", "fma", "amx")))
    return {"tensorflow": tf.__version__, "instructions": wide}


def main(folder: str) -> None:
    os.makedirs(Path(folder) / "ends", exist_ok=True)
    os.chdir(folder)
    write_pictures(Path("pictures.npz"))
    for name in MODELS:
        make(name)
    Path("machine.json").write_text(json.dumps(machine()) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
