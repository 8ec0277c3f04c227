"""Tiny families, each of which needs something of the training step that the families of the zoo do not.

What they make is no matter: whether every network learns, replicas agree and a resumed run ends in the
same bits is what `tests/step/test_step.py` asks of each.
"""

from dataclasses import dataclass
from typing import ClassVar

import keras
import tensorflow as tf
from keras import layers

from ganzoo.family import Family
from ganzoo.kinds import Numbers, Picture
from ganzoo.losses.adversarial import Hinge, LeastSquares, Relativistic
from ganzoo.losses.penalties import R1, GeneratorPenalty
from ganzoo.objective import Objective
from ganzoo.step.batches import num_rows
from ganzoo.step.contests import Contest, Judged
from ganzoo.step.replicas import gathered

SIDE, POOL = 8, 6
IMAGE = (SIDE, SIDE, 3)


def start(seed: int):
    return keras.initializers.HeNormal(keras.random.SeedGenerator(seed))


def conv(filters: int, seed, size: int = 3, strides: int = 1, activation=None):
    return layers.Conv2D(filters, size, strides, "same", activation=activation, kernel_initializer=seed)


def translator(seed: int, channels: int = 3):
    kernel, source = start(seed), keras.Input((SIDE, SIDE, channels))
    x = conv(4, kernel, activation="relu")(source)
    return keras.Model(source, layers.Activation("tanh", dtype="float32")(conv(3, kernel)(x)))


def patches(seed: int, channels: int = 3):
    """A patch discriminator: logits (batch, 4, 4, 1) and what it saw on the way."""
    kernel, images = start(seed), keras.Input((SIDE, SIDE, channels))
    seen = layers.LeakyReLU(0.2)(conv(4, kernel, strides=2)(images))
    return keras.Model(images, [layers.Activation("linear", dtype="float32")(conv(1, kernel)(seen)), seen])


def from_latents(seed: int, size: int):
    kernel, latents = start(seed), keras.Input((size,))
    x = layers.Reshape((SIDE, SIDE, 3))(layers.Dense(SIDE * SIDE * 3, kernel_initializer=kernel)(latents))
    return keras.Model(latents, layers.Activation("tanh", dtype="float32")(x))


def distance(a, b):
    return tf.reduce_mean(tf.abs(a - b))


@dataclass(frozen=True)
class Base(Family):
    """What they share: pictures of 8x8, a patch discriminator where there is one."""

    latent_dim: int = 4

    @property
    def columns(self):
        return {"image": Picture(*IMAGE)}

    def judge(self, networks, discriminator, example, training):
        logits, *features = networks[discriminator](example["image"], training=training)
        return Judged((logits,), tuple(features))


@dataclass(frozen=True)
class Cycle(Base):
    """Two generators, two discriminators, cycle terms, a pool of older pictures, no latents."""

    objective: ClassVar = Objective(loss=LeastSquares(), weights={"cycle": 10.0, "identity": 0.0})
    latent_dim: int = 0

    @property
    def columns(self):
        return {"a": Picture(*IMAGE), "b": Picture(*IMAGE)}

    @property
    def inputs(self):
        return {"a": self.columns["a"]}

    @property
    def output(self):
        return self.columns["b"]

    def generators(self, seeds):
        return {name: translator(seeds(name)) for name in ("to_b", "to_a")}

    def discriminators(self, seeds):
        return {name: patches(seeds(name)) for name in ("on_a", "on_b")}

    def buffers(self):
        return {f"pool_{side}": tf.zeros((POOL, *IMAGE)).numpy() for side in "ab"}

    def make(self, networks, latents, batch, draws, training):
        b, a = networks["to_b"](batch["a"]), networks["to_a"](batch["b"])
        return {"a": a, "b": b, "again_a": networks["to_a"](b), "again_b": networks["to_b"](a)}

    def contests(self, batch, made, buffers, draws):
        found = []
        for side in "ab":
            num = tf.shape(made[side])[0]
            old = tf.gather(buffers[f"pool_{side}"], draws.integers(f"which {side}", [num], POOL))
            keep = draws.uniform(f"whether {side}", [num, 1, 1, 1]) < 0.5
            shown = {"image": tf.where(keep, made[side], old)}
            found.append(
                Contest(f"on_{side}", {"image": batch[side]}, {"image": made[side]}, remembered=shown)
            )
        return found

    def remember(self, buffers, batch, made, draws):
        return {
            f"pool_{side}": tf.concat([gathered(made[side]), buffers[f"pool_{side}"]], 0)[:POOL]
            for side in "ab"
        }

    def terms(self, batch, made, verdicts):
        return {
            "cycle": lambda: distance(made["again_a"], batch["a"]) + distance(made["again_b"], batch["b"]),
            "identity": lambda: 1 / 0,  # of weight 0: never called
        }

    def show(self, networks, latents, given, stage, images_seen):
        return networks["to_b"](given["a"])


@dataclass(frozen=True)
class Alone(Base):
    """No discriminator: an autoencoder with a code of normal distribution."""

    objective: ClassVar = Objective(weights={"distortion": 1.0, "kl": 1.0})

    def generators(self, seeds):
        kernel, images = start(seeds("encoder")), keras.Input(IMAGE)
        code = layers.Dense(2 * self.latent_dim, kernel_initializer=kernel)(layers.Flatten()(images))
        decoder = from_latents(seeds("decoder"), self.latent_dim)
        return {"encoder": keras.Model(images, code), "decoder": decoder}

    def make(self, networks, latents, batch, draws, training):
        mean, log_var = tf.split(networks["encoder"](batch["image"]), 2, axis=1)
        mean, log_var = tf.cast(mean, tf.float32), tf.cast(log_var, tf.float32)
        code = mean + tf.exp(0.5 * log_var) * latents
        return {"image": networks["decoder"](code), "mean": mean, "log_var": log_var}

    def terms(self, batch, made, verdicts):
        def kl():
            inner = 1 + made["log_var"] - made["mean"] ** 2 - tf.exp(made["log_var"])
            return -0.5 * tf.reduce_mean(tf.reduce_sum(inner, axis=1))

        return {"distortion": lambda: distance(made["image"], batch["image"]), "kl": kl}

    def show(self, networks, latents, given, stage, images_seen):
        return networks["decoder"](latents)


@dataclass(frozen=True)
class Caption(Base):
    """A wrong example: the picture with another's number, which the discriminator must not believe."""

    @property
    def columns(self):
        return {"image": Picture(*IMAGE), "number": Numbers((2,))}

    def generators(self, seeds):
        return {"generator": from_latents(seeds("generator"), self.latent_dim + 2)}

    def discriminators(self, seeds):
        return {"discriminator": patches(seeds("discriminator"), 5)}

    def make(self, networks, latents, batch, draws, training):
        return {"image": networks["generator"](tf.concat([latents, batch["number"]], 1))}

    def contests(self, batch, made, buffers, draws):
        wrong = {**batch, "number": batch["number"][:, ::-1]}
        return [Contest("discriminator", batch, {**batch, "image": made["image"]}, wrong=wrong)]

    def judge(self, networks, discriminator, example, training):
        number = tf.ones((1, SIDE, SIDE, 1)) * example["number"][:, None, None, :]
        return Judged((networks[discriminator](tf.concat([example["image"], number], -1))[0],))

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](tf.concat([latents, given["number"]], 1))


@dataclass(frozen=True)
class Scales(Base):
    """One discriminator with patch logits at two scales, compared in pairs; features are matched."""

    objective: ClassVar = Objective(
        loss=Relativistic(), penalties=(R1(weight=0.1),), weights={"features": 5.0}
    )

    def generators(self, seeds):
        return {"generator": from_latents(seeds("generator"), self.latent_dim)}

    def discriminators(self, seeds):
        return {"discriminator": patches(seeds("discriminator"))}

    def make(self, networks, latents, batch, draws, training):
        return {"image": networks["generator"](latents)}

    def contests(self, batch, made, buffers, draws):
        return [Contest("discriminator", batch, {**batch, "image": made["image"]})]

    def judge(self, networks, discriminator, example, training):
        small = tf.repeat(tf.repeat(tf.nn.avg_pool2d(example["image"], 2, 2, "VALID"), 2, 1), 2, 2)
        both = [networks[discriminator](images) for images in (example["image"], small)]
        return Judged(tuple(logits for logits, _ in both), tuple(seen for _, seen in both))

    def terms(self, batch, made, verdicts):
        (verdict,) = verdicts
        pairs = list(zip(verdict.real.features, verdict.fake.features, strict=True))
        return {"features": lambda: sum(distance(tf.stop_gradient(real), fake) for real, fake in pairs)}

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](latents)


@dataclass(frozen=True)
class Translation(Base):
    """An input picture that the discriminator sees, too; both are augmented alike; hinge loss."""

    objective: ClassVar = Objective(loss=Hinge(), instance_noise=0.1, weights={"l1": 10.0})
    latent_dim: int = 0

    @property
    def columns(self):
        return {"image": Picture(*IMAGE), "source": Picture(*IMAGE)}

    def generators(self, seeds):
        return {"generator": translator(seeds("generator"))}

    def discriminators(self, seeds):
        return {"discriminator": patches(seeds("discriminator"), 6)}

    def make(self, networks, latents, batch, draws, training):
        return {"image": networks["generator"](batch["source"], training=training)}

    def contests(self, batch, made, buffers, draws):
        return [Contest("discriminator", batch, {**batch, "image": made["image"]})]

    def judge(self, networks, discriminator, example, training):
        return Judged((networks[discriminator](tf.concat([example["image"], example["source"]], -1))[0],))

    def terms(self, batch, made, verdicts):
        return {"l1": lambda: distance(made["image"], batch["image"])}

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](given["source"])


@dataclass(frozen=True)
class MeanLength(GeneratorPenalty):
    """A lazy penalty on generators that keeps a moving mean: how far it is from pictures' mean brightness."""

    weight: float = 2.0
    interval: int = 2

    def buffers(self):
        return {"middle": 0.0}

    def term(self, family, networks, batch, draws, buffers):
        latents = draws.normal("of the penalty", [num_rows(batch), family.latent_dim])
        images = tf.cast(networks["generator"](latents), tf.float32)
        squares = tf.reduce_mean(images**2, axis=[1, 2, 3])
        # The mean of the steps before: this step's own is of this replica's rows alone.
        middle = 0.9 * buffers["middle"] + 0.1 * tf.stop_gradient(tf.reduce_mean(squares))
        return tf.reduce_mean((squares - buffers["middle"]) ** 2), {"middle": middle}


@dataclass(frozen=True)
class Kept(Scales):
    """A lazy regulariser of the generator with a moving mean."""

    objective: ClassVar = Objective(penalties=(MeanLength(), R1(weight=0.1, interval=2)))

    def terms(self, batch, made, verdicts):
        return {}


EVERY = {cls.__name__: cls for cls in (Cycle, Alone, Caption, Scales, Translation, Kept)}
