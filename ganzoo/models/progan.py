"""Progressive GAN: both networks begin at 4x4 pixels and grow to the full size while they train.

Karras, Aila, Laine and Lehtinen 2018, "Progressive growing of GANs for improved quality,
stability, and variation", arXiv 1710.10196. Networks as in table 2, the loss of appendix
A.1 (WGAN-GP with a drift term), the schedule in `ganzoo.growth`, the layers in
`ganzoo.equalized`.

One wiring serves all: given a network's layers by name, `_to_images` and `_to_logits` build
the whole network from symbolic tensors, or run only what one size needs on real ones, so
the lower sizes cost what lower sizes cost.
"""

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import ClassVar

from ganzoo.errors import DataError, UsageError
from ganzoo.family import FAMILIES, Family
from ganzoo.growth import Growth, sizes_to
from ganzoo.labels import check_classes, class_numbers, refuse_labels_outside
from ganzoo.lazy import LazyModule, keras, tf
from ganzoo.losses import Wasserstein
from ganzoo.objective import Objective
from ganzoo.penalties import GradientPenalty

equalized = LazyModule("ganzoo.equalized")

OVERHEAD = 3e6  # multiplications in the time that each picture takes however small it is


@FAMILIES.register("progan")
@dataclass(frozen=True)
class ProGAN(Family):
    """Arguments of the progressively grown GAN.

    Attributes:
        image_size: side of the square pictures it grows to, a power of two from 8.
        channels: 3 for colour, 1 for grey.
        latent_dim: size of the latent, which is scaled onto the hypersphere.
        width: channels at 4x4 and as long as they fit; from there they halve with each size:
            min(16 * width / 2^s, width) at s = log2(side) - 1.
        start_size: side of the first pictures; `image_size` trains the same networks without growing.
        stable_images: images seen at each size, besides its fade.
        fade_images: images seen while a size is faded in.
        batch_sizes: pictures per step by side, e.g. {4: 128, 8: 128, 16: 64}, one for every size that
            it grows through; empty: `train.batch_size` at all of them.
        reset_optimizer: whether both optimizers begin anew with each stage, as the paper's did.
        conditional: whether it learns classes: a projection discriminator (Miyato and Koyama 2018,
            arXiv 1802.05637) and an embedding beside the latents. The paper's has none.
        num_classes: how many there are; taken from the data when not given. Given, it is conditional.
        class_names: their names, by which samples can be asked for; taken from the data, too.
    """

    objective: ClassVar[Objective] = Objective(
        loss=Wasserstein(drift=1e-3),
        penalties=(GradientPenalty(weight=10.0),),
        learning_rate=1e-3,
        beta_1=0.0,
        beta_2=0.99,
        ema_decay=0.999,
    )

    image_size: int = 64
    channels: int = 3
    latent_dim: int = 512
    width: int = 512
    start_size: int = 4
    stable_images: int = 600_000
    fade_images: int = 600_000
    batch_sizes: dict[int, int] = field(default_factory=dict)
    reset_optimizer: bool = False
    conditional: bool = False
    num_classes: int | None = None
    class_names: tuple[str, ...] | None = None

    def __post_init__(self):
        for name, least in (("image_size", 8), ("start_size", 4)):
            value = getattr(self, name)
            if value < least or value & (value - 1):
                raise UsageError(f"{name} is {value}, but must be a power of two from {least} on")
        if self.start_size > self.image_size:
            raise UsageError(
                f"start_size is {self.start_size} and image_size {self.image_size}, but pictures only grow; "
                "give start_size = image_size to train at one size"
            )
        for name in ("channels", "latent_dim", "width"):
            if getattr(self, name) < 1:
                raise UsageError(f"{name} is {getattr(self, name)}, but must be at least 1")
        if self.num_classes is not None:
            object.__setattr__(self, "conditional", True)
            if self.num_classes < 2:
                raise UsageError(
                    f"num_classes is {self.num_classes}, but there are at least 2; or leave it out"
                )
        if self.class_names is not None and len(self.class_names) != self.num_classes:
            raise UsageError(
                f"class_names holds {len(self.class_names)} names for num_classes = {self.num_classes}"
            )
        self.schedule  # noqa: B018  says what is wrong with it

    @property
    def batch_spec(self):
        spec = {"image": (self.image_size, self.image_size, self.channels)}
        return {**spec, "label": ()} if self.conditional else spec

    def channels_at(self, size: int) -> int:
        """Channels of the features at `size`: min(16 * width / 2^s, width), s = log2(size) - 1."""
        return max(1, min(32 * self.width // size, self.width))

    # ---- growth: what changes with images seen ------------------------------------------------

    @cached_property
    def schedule(self):
        return Growth(
            self.start_size,
            self.image_size,
            self.stable_images,
            self.fade_images,
            self.batch_sizes,
            {size: self._cost(size) for size in sizes_to(self.image_size)},
        )

    def _cost(self, size: int) -> float:
        """About how many multiplications one picture takes in the generator, for the time left."""
        costs = [(16 * self.latent_dim + 144 * self.channels_at(4)) * self.channels_at(4)]
        for at in sizes_to(size)[1:]:
            now = self.channels_at(at)
            costs.append(9 * at**2 * (self.channels_at(at // 2) + now) * now)
        return OVERHEAD + sum(costs)

    def batch_at(self, batch, stage, images_seen):
        """Real pictures at the stage's size; while it fades in they are blended like the generated ones."""
        growth, images = self.schedule, batch["image"]
        for _ in range(self.image_size.bit_length() - growth.size(stage).bit_length()):
            images = halved(images)
        if not growth.is_fading(stage):
            return {**batch, "image": images}
        fade = growth.fade(stage, images_seen)
        coarse = plain(equalized.Upscale, halved(images))
        return {**batch, "image": blend(coarse, images, fade), "fade": fade}

    def entered(self, gan, stage):
        if self.reset_optimizer:
            from ganzoo.keras_private import inner

            for optimizer in (gan.g_optimizer, gan.d_optimizer):
                restart(inner(optimizer))

    # ---- the data -----------------------------------------------------------------------

    @property
    def from_data(self):
        return ("num_classes", "class_names") if self.conditional else ()

    def fitted_to(self, store):
        if not self.conditional:
            return self
        if store.labels is None:
            raise DataError(
                "the data has no labels, which a conditional progan is trained on; name some "
                "(--set data.label=...) or leave conditional out"
            )
        check_classes(store)
        if self.num_classes not in (None, len(store.class_names)):
            raise UsageError(
                f"num_classes is {self.num_classes}, but the data has {len(store.class_names)} classes "
                f"({', '.join(store.class_names)}); leave num_classes out"
            )
        names = self.class_names or tuple(store.class_names)
        return replace(self, num_classes=len(store.class_names), class_names=names)

    def checked(self, batch):
        return refuse_labels_outside(batch, self.num_classes) if self.conditional else batch

    def conditions(self, draws, num):
        return {"label": draws.integers("labels", [num], self.num_classes)} if self.conditional else {}

    def label_numbers(self, labels, num):
        if not self.conditional:
            return super().label_numbers(labels, num)
        return class_numbers(labels, num, self.num_classes, self.class_names)

    def _label_in(self, batch):
        return batch["label"] if self.conditional else None  # data may have labels that nobody asked for

    # ---- calling the networks -------------------------------------------------------------

    def generate(self, generator, latents, batch, training):
        size, fade = batch["image"].shape[1], batch.get("fade")
        return self._to_images(generator.get_layer, latents, self._label_in(batch), size, fade)

    def discriminate(self, discriminator, images, batch, training):
        return self._to_logits(discriminator.get_layer, images, self._label_in(batch), batch.get("fade"))

    def pictures(self, generator, latents, batch, stage, images_seen):
        return self._finished(generator.get_layer, latents, self._label_in(batch), stage, images_seen)

    def finished(self, generator, stage, images_seen):
        """A plain functional network without layers of other sizes; within a fade the blend is fixed."""
        latents, label = self._latents_and_label()
        images = self._finished(generator.get_layer, latents, label, stage, images_seen)
        return keras.Model(latents if label is None else [latents, label], images, name="generator")

    def _finished(self, layer, latents, label, stage, images_seen):
        growth, size = self.schedule, self.schedule.size(stage)
        fade = growth.fade(stage, images_seen) if growth.is_fading(stage) else None
        images = self._to_images(layer, latents, label, size, fade)
        for _ in range(self.image_size.bit_length() - size.bit_length()):
            images = plain(equalized.Upscale, images)
        return keras.ops.clip(images, -1.0, 1.0)

    # ---- the generator: table 2, left ---------------------------------------------------------

    def generator(self, seed):
        """All its layers in one network, whose outputs are the pictures at every size."""
        latents, label = self._latents_and_label()
        layer = self._generator_layers(seed).__getitem__
        images = [
            layer(f"to_rgb_{size}")(x)
            for size, x in self._features(layer, latents, label)
            if size >= self.start_size
        ]
        return keras.Model(latents if label is None else [latents, label], images, name="generator")

    def _generator_layers(self, seed: int) -> dict:
        stream = keras.random.SeedGenerator(seed)  # one stream: no two layers start alike
        width = self.channels_at(4)

        def conv(name, filters, kernel_size=3, **arguments):
            return equalized.EqualizedConv2D(
                filters, kernel_size, padding="same", seed=stream, name=name, **arguments
            )

        parts = [
            # A 4x4 convolution of a 1x1 picture, with its gain of sqrt(2) over a fan-in of 16 pixels.
            equalized.EqualizedDense((4, 4, width), gain=2**0.5 / 4, seed=stream, name="to_4x4"),
            conv("conv_4", width),
        ]
        for size in sizes_to(self.image_size):
            if size > 4:
                parts += [conv(f"conv_{size}{part}", self.channels_at(size)) for part in "ab"]
            if size >= self.start_size:
                parts.append(conv(f"to_rgb_{size}", self.channels, 1, gain=1.0, dtype="float32"))
        if self.conditional:
            parts.append(self._embedding(self.latent_dim, stream))
        return {part.name: part for part in parts}

    def _features(self, layer, latents, label):
        """(size, features) from 4x4 up, one after the other: what is not asked for is not worked out."""

        def normalised(x):
            return plain(equalized.PixelNorm, plain(keras.layers.LeakyReLU, x, 0.2))

        x = plain(equalized.PixelNorm, latents)  # onto the hypersphere
        if label is not None:
            embedded = plain(equalized.PixelNorm, layer("label_embedding")(label))
            x = keras.ops.concatenate([x, keras.ops.cast(embedded, x.dtype)], axis=-1)
        x = normalised(layer("conv_4")(normalised(layer("to_4x4")(x))))
        yield 4, x
        for size in sizes_to(self.image_size)[1:]:
            x = plain(equalized.Upscale, x)
            for part in "ab":
                x = normalised(layer(f"conv_{size}{part}")(x))
            yield size, x

    def _to_images(self, layer, latents, label, size, fade=None):
        """Pictures (batch, size, size, channels), blended with those of half the size while fading in."""
        smaller = None
        for at, x in self._features(layer, latents, label):
            if at == size:
                break
            smaller = x
        images = layer(f"to_rgb_{size}")(x)
        if fade is None:
            return images
        coarse = plain(equalized.Upscale, layer(f"to_rgb_{size // 2}")(smaller))
        return blend(coarse, images, fade)

    # ---- the discriminator: table 2, right ------------------------------------------------------

    def discriminator(self, seed):
        """All its layers in one network: pictures of every size to their logits."""
        layer = self._discriminator_layers(seed).__getitem__
        label = self._latents_and_label()[1]
        images = [
            keras.Input((size, size, self.channels), name=f"images_{size}") for size in self.schedule.sizes
        ]
        logits = [self._to_logits(layer, each, label) for each in images]
        return keras.Model(images if label is None else [*images, label], logits, name="discriminator")

    def _discriminator_layers(self, seed: int) -> dict:
        stream = keras.random.SeedGenerator(seed)
        width = self.channels_at(4)

        def conv(name, filters, kernel_size=3, padding="same"):
            return equalized.EqualizedConv2D(filters, kernel_size, padding=padding, seed=stream, name=name)

        parts = [
            conv("conv_4a", width),
            conv("conv_4b", width, 4, "valid"),
            equalized.EqualizedDense((1,), gain=1.0, seed=stream, dtype="float32", name="to_logit"),
        ]
        for size in sizes_to(self.image_size):
            if size > 4:
                parts.append(conv(f"conv_{size}a", self.channels_at(size)))
                parts.append(conv(f"conv_{size}b", self.channels_at(size // 2)))
            if size >= self.start_size:
                parts.append(conv(f"from_rgb_{size}", self.channels_at(size), 1))
        if self.conditional:
            parts.append(self._embedding(width, stream))
        return {part.name: part for part in parts}

    def _to_logits(self, layer, images, label, fade=None):
        """Logits (batch, 1) of pictures of one size; while fading in, half the size enters beside it."""

        def rectified(name, x):
            return plain(keras.layers.LeakyReLU, layer(name)(x), 0.2)

        size = images.shape[1]
        x = rectified(f"from_rgb_{size}", images)
        for at in reversed(sizes_to(size)[1:]):
            x = rectified(f"conv_{at}b", rectified(f"conv_{at}a", x))
            x = plain(keras.layers.AveragePooling2D, x, 2)
            if fade is not None and at == size:
                x = blend(rectified(f"from_rgb_{size // 2}", halved(images)), x, fade)
        x = rectified("conv_4b", rectified("conv_4a", plain(equalized.MinibatchStddev, x)))
        features = plain(keras.layers.Flatten, x)
        logits = layer("to_logit")(features)
        if label is None:
            return logits
        products = keras.ops.cast(layer("label_embedding")(label) * features, "float32")
        return logits + keras.ops.sum(products, axis=-1, keepdims=True) / features.shape[-1] ** 0.5

    # ---- both ---------------------------------------------------------------------------------

    def _latents_and_label(self):
        """Symbolic inputs of the generator; the second one is None without classes."""
        if self.conditional and self.num_classes is None:
            raise UsageError(
                "num_classes is not known: ganzoo-train takes it from the data, "
                "elsewhere give it, e.g. ganzoo.build('progan', num_classes=10)"
            )
        latents = keras.Input((self.latent_dim,), name="latents")
        return latents, keras.Input((), dtype="int32", name="label") if self.conditional else None

    def _embedding(self, units: int, stream):
        start = keras.initializers.RandomNormal(0.0, 1.0, seed=stream)
        return keras.layers.Embedding(
            self.num_classes, units, embeddings_initializer=start, name="label_embedding"
        )


def halved(images):
    """Pictures at half the size: exact means of 2x2 pixels."""
    return tf.nn.avg_pool2d(images, 2, 2, "VALID")


def plain(layer, x, *arguments):
    """Applies a layer without weights, made for the purpose, that calculates in whatever `x` is in."""
    return layer(*arguments, dtype=keras.backend.standardize_dtype(x.dtype))(x)


def blend(low, high, fade):
    """`low` at fade 0, `high` at fade 1."""
    return low + (high - low) * tf.cast(fade, high.dtype)


def restart(optimizer) -> None:
    """Sets an Adam's moments and its count of steps to 0; the learning rate stays."""
    for variable in optimizer.variables:
        if not variable.path.endswith("learning_rate"):
            variable.assign(keras.ops.zeros_like(variable))
