"""What processes do for the strategy tests: they train on N replicas and print what came out as JSON.

    python -m tests.step.replica_scenarios SCENARIO [ARGUMENT...]

Devices have to be cut up before TensorFlow starts, and a collective that failed spoils the
later ones of its process; so each scenario is a process.
"""

import contextlib
import dataclasses
import json
import sys
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.data import stream
from ganzoo.data.store import Store
from ganzoo.gan import GAN
from ganzoo.losses.adversarial import LOSSES, NonSaturating
from ganzoo.training import strategies
from ganzoo.training.checkpoints import values
from ganzoo.zoo import split
from tests.step.step_families import EVERY

TINY = {"image_size": 16, "width": 4, "latent_dim": 8}
STORE = Store.of_pictures(np.random.default_rng(0).integers(0, 256, (40, 16, 16, 3), np.uint8))


def two_cpus() -> tf.distribute.Strategy:
    """A mirrored strategy over two logical devices."""
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    return strategies.make("mirrored")


def make_gan(strategy=None, arguments=None, sgd=True, **kwargs) -> GAN:
    """A tiny DCGAN; plain gradient descent shows wrong factors that Adam hides."""
    family, objective = split("dcgan", {**TINY, **(arguments or {})})
    with strategy.scope() if strategy else contextlib.nullcontext():
        gan = GAN(family, seed=1, **{"sync_batchnorm": True, **kwargs})
        # Steps small enough that the game is stable: else any rounding grows without bounds.
        optimizers = [keras.optimizers.SGD(0.003), keras.optimizers.SGD(0.003)] if sgd else []
        gan.compile(objective, *optimizers)
    return gan


def train(gan: GAN, steps: int, strategy=None, batch: int = 8) -> dict[str, float]:
    """Trains for some steps; returns the metrics."""
    team = strategies.Team(strategy)
    execute = gan.make_train_function()
    batches = team.batches(lambda shard: gan.prepared(stream(STORE, batch, seed=0, shard=shard)))
    for _ in range(steps):
        execute(batches)
    return {name: float(value) for name, value in gan.get_metrics_result().items()}


def difference(one: GAN, other: GAN) -> float:
    """The largest difference between two models' weights, EMA and BatchNorm statistics included."""
    left, right = (
        {name: value for name, value in values(gan.state()).items() if not name.startswith("metrics")}
        for gan in (one, other)
    )
    return max(float(np.max(np.abs(left[name].astype(np.float64) - right[name]))) for name in left)


def apart(gan: GAN) -> float:
    """The largest difference between the replicas of any variable."""
    most = 0.0
    for variable in gan.state().values():
        copies = [copy.numpy().astype(np.float64) for copy in variable.value.values]
        most = max(most, *(float(np.max(np.abs(copy - copies[0]))) for copy in copies))
    return most


def mirrored_equals_one_device(num: str):
    """Weights after 50 steps, for the first `num` variants of what may differ between one device and two."""
    strategy, rows = two_cpus(), {}
    variants = {
        "BatchNorm synchronised": {},
        "no BatchNorm in D, spectral norm, augmented, 2 d_steps": {
            "norm": "none",
            "spectral_norm": True,
            "augment": {"translation": 0.125, "brightness": 0.2},
            "d_steps": 2,
        },
        "relativistic": {"loss": "relativistic"},
        "gradient penalty": {"norm": "none", "loss": "wasserstein", "penalties": ["gradient_penalty"]},
    }
    for name in list(variants)[: int(num)]:
        arguments = variants[name]
        one, two = make_gan(arguments=arguments), make_gan(strategy, arguments)
        first, second = train(one, 50), train(two, 50, strategy)
        off = max(abs(first[key] - second[key]) for key in first)
        rows[name] = {"weights": difference(one, two), "metrics": off, "apart": apart(two)}
    own = make_gan(strategy, sync_batchnorm=False)
    train(own, 10, strategy)
    rows["BatchNorm of each replica"] = {"apart": apart(own)}
    return rows


def fit_with_a_partial_batch():
    """`fit` on a user's data set of 28 pictures in batches of 16, three epochs."""
    strategy, results = two_cpus(), {}
    gans = [make_gan(), make_gan(strategy)]
    for gan in gans:
        data = tf.data.Dataset.from_tensor_slices(STORE.images[:28]).batch(16)
        history = gan.fit(data, epochs=3, verbose=0).history
        results[gan.distribute_strategy.num_replicas_in_sync] = [
            int(gan.step.numpy()), int(gan.images_seen.numpy()), history["d_loss"]
        ]  # fmt: skip
    with strategy.scope():
        spread = float(gans[1].sample(4).std())  # a sampler made within the scope would be mirrored
    return {"weights": difference(*gans), "runs": results, "spread": spread}


def fit_with_executions_longer_than_an_epoch():
    """Three batches an epoch in executions of two and of five, how many is known and unknown beforehand."""
    strategy, rows = two_cpus(), {}
    data = tf.data.Dataset.from_tensor_slices(STORE.images[:24]).batch(8)
    for name, steps, known in (("one", 1, True), ("two", 2, False), ("five", 5, True), ("five", 5, False)):
        gan = make_gan(strategy)
        gan.compile(gan.objective, gan.g_optimizer, gan.d_optimizer, steps_per_execution=steps)
        history = gan.fit(data if known else data.filter(lambda x: True), epochs=2, verbose=0).history
        arrays = {key: value.tolist() for key, value in values(gan.state()).items()}
        rows[f"{name}, {known}"] = {"step": int(gan.step.numpy()), "history": history, "state": arrays}
    return rows


def families_of_any_number_of_networks():
    """The tiny families of `step_families` after ten steps of plain descent, on one device and on two."""
    strategy, rows = two_cpus(), {}
    rng = np.random.default_rng(0)
    for name, cls in EVERY.items():
        gans = []
        columns = {k: rng.uniform(-1, 1, (24, *s)).astype(np.float32) for k, s in cls().batch_spec.items()}
        for chosen in (None, strategy):
            with chosen.scope() if chosen else contextlib.nullcontext():
                gan = GAN(cls(), seed=1)
                gan.compile(None, keras.optimizers.SGD(0.003), keras.optimizers.SGD(0.003))
            gan.fit(tf.data.Dataset.from_tensor_slices(columns).batch(8), epochs=3, verbose=0)
            gans.append(gan)
        metrics = [gan.get_metrics_result() for gan in gans]
        rows[name] = {
            "weights": difference(*gans),
            "apart": apart(gans[1]),
            "metrics": max(abs(float(metrics[0][key]) - float(metrics[1][key])) for key in metrics[0]),
        }
    return rows


def made_outside_the_scope():
    """Optimizers made outside the scope train silently wrong; the model says so instead."""
    strategy = two_cpus()
    outside = keras.optimizers.SGD(0.1)
    family, objective = split("dcgan", TINY)
    with strategy.scope():
        gan = GAN(family, seed=1)
        gan.compile(objective, outside)
    try:
        gan.fit(tf.data.Dataset.from_tensor_slices(STORE.images).batch(8), verbose=0)
    except UsageError as error:
        return str(error)


@LOSSES.register("overflowing")
@dataclasses.dataclass(frozen=True)
class Overflowing(NonSaturating):
    """Infinite for the second replica only, at one step."""

    step: int = 2

    def discriminator(self, real, fake):
        replica = tf.distribute.get_replica_context().replica_id_in_sync_group
        now = tf.logical_and(tf.equal(replica, 1), tf.equal(STEP[0].value, self.step))
        return super().discriminator(real, fake) * tf.where(now, 3e38, 1.0)


STEP = []


def overflow_on_one_replica():
    """float16: an overflow on the second replica has to skip the step on both, and only that one."""
    strategy = two_cpus()
    gan = make_gan(strategy, {"loss": Overflowing()}, sgd=False, precision="mixed_float16")
    STEP.append(gan.step)
    team, rows = strategies.Team(strategy), []
    execute = gan.make_train_function()
    batches = team.batches(lambda shard: gan.prepared(stream(STORE, 8, seed=0, shard=shard)))
    for _ in range(5):
        before = [v.numpy() for v in gan.discriminator.trainable_variables]
        execute(batches)
        after = [v.numpy() for v in gan.discriminator.trainable_variables]
        moved = any(np.any(b != a) for b, a in zip(before, after, strict=True))
        scales = [copy.numpy() for copy in gan.d_optimizer.dynamic_scale.value.values]
        finite = all(np.all(np.isfinite(v.numpy())) for v in gan.state().values())
        rows.append({"moved": moved, "scales": [float(s) for s in scales], "finite": finite})
    return {"steps": rows, "apart": apart(gan)}


def run_moves_between_device_counts(folder: str):
    """A run begun on one device and ended on two, and one resumed on two, against runs in one go."""
    from ganzoo.config import resolve
    from ganzoo.training import loop
    from tests.processes import write_pictures

    strategy = two_cpus()
    data = str(write_pictures(Path(folder) / "pictures.npz"))
    legs = {
        "moved": [(80, None), (160, strategy)],
        "one": [(160, None)],
        "resumed": [(80, strategy), (160, strategy)],
        "two": [(160, strategy)],
    }
    states = {}
    for name, parts in legs.items():
        for images, where in parts:
            table = {"images": images, "batch_size": 8, "sync_batchnorm": True, "checkpoint_every": 80}
            model = {"name": "dcgan", **TINY}
            config = resolve({"model": model, "train": table, "data": {"source": data}})
            loop.train(config, Path(folder) / name, strategy=where)
        states[name] = values(ganzoo.load(Path(folder) / name, "last").state())

    def off(a, b):
        return max(float(np.max(np.abs(states[a][k].astype(np.float64) - states[b][k]))) for k in states[a])

    return {"moved": off("moved", "one"), "resumed on two": off("resumed", "two")}


def worker(out: str):
    """Gradient descent by TF_CONFIG's cluster, or alone; the chief writes its state."""
    strategy = strategies.make("auto")
    gan = make_gan(strategy)
    metrics = train(gan, 50, strategy, batch=12)
    arrays = values(gan.state())  # all workers read: the chief alone may not
    if strategies.Team(strategy).is_chief:
        np.savez(out, **arrays)
    return metrics


if __name__ == "__main__":
    print("RESULT " + json.dumps(globals()[sys.argv[1]](*sys.argv[2:])), flush=True)
