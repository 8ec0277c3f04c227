"""Progressive GAN: both networks begin at 4x4 pixels and grow to the full size while they train.

Karras, Aila, Laine and Lehtinen 2018, "Progressive growing of GANs for improved quality,
stability, and variation", arXiv 1710.10196. Networks as in table 2, the loss of appendix
A.1 (WGAN-GP with a drift term), the schedule in `ganzoo.step.growth`. How the layers are wired
is in `ganzoo.models.progan_networks`; here is what a size sees, and when.
"""

from dataclasses import dataclass, field
from functools import cached_property
from typing import ClassVar

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule, keras
from ganzoo.base.ranges import ranged
from ganzoo.family import FAMILIES, LARGE
from ganzoo.kinds import Label, Picture
from ganzoo.losses.adversarial import Wasserstein
from ganzoo.losses.penalties import GradientPenalty
from ganzoo.objective import Objective
from ganzoo.step.growth import Growth, sizes_to
from ganzoo.two_player import TwoPlayer

equalized = LazyModule("ganzoo.nn.equalized")
networks = LazyModule("ganzoo.models.progan_networks")

OVERHEAD = 3e6  # multiplications in the time that each picture takes however small it is


@FAMILIES.register("progan")
@dataclass(frozen=True)
class ProGAN(TwoPlayer):
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
        class_counts: pictures of each in the data: samples without labels are of classes in these
            proportions; without it all are alike.
    """

    paper: ClassVar[str] = "Karras et al. 2018, arXiv 1710.10196"
    objective: ClassVar[Objective] = Objective(
        loss=Wasserstein(drift=1e-3),
        penalties=(GradientPenalty(weight=10.0),),
        learning_rate=1e-3,
        beta_1=0.0,
        beta_2=0.99,
        ema_decay=0.999,
    )

    image_size: int = ranged(64, least=8, most=4096)
    channels: int = ranged(3, least=1, most=LARGE)
    latent_dim: int = ranged(512, least=1, most=LARGE)
    width: int = ranged(512, least=1, most=LARGE)
    start_size: int = ranged(4, least=4, most=4096)
    stable_images: int = ranged(600_000, least=1)
    fade_images: int = ranged(600_000, least=0)
    batch_sizes: dict[int, int] = field(default_factory=dict)
    reset_optimizer: bool = False
    conditional: bool = False
    num_classes: int | None = ranged(None, least=2, most=1_000_000)
    class_names: tuple[str, ...] | None = None
    class_counts: tuple[int, ...] | None = None

    def __post_init__(self):
        super().__post_init__()
        for name in ("image_size", "start_size"):
            value = getattr(self, name)
            if value & (value - 1):
                raise UsageError(
                    f"{name} is {value}, but must be a power of two, e.g. {1 << value.bit_length() - 1}"
                )
        if self.start_size > self.image_size:
            raise UsageError(
                f"start_size is {self.start_size} and image_size {self.image_size}, but pictures only grow; "
                "give start_size = image_size to train at one size"
            )
        if self.num_classes is not None:
            object.__setattr__(self, "conditional", True)
        self.columns, self.schedule  # noqa: B018  say what is wrong with them

    @property
    def columns(self):
        picture = {"image": Picture(self.image_size, self.image_size, self.channels)}
        if not self.conditional:
            return picture
        return {**picture, "label": Label(self.num_classes, self.class_names, self.class_counts)}

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
            images = networks.halved(images)
        if not growth.is_fading(stage):
            return {**batch, "image": images}
        fade = growth.fade(stage, images_seen)
        coarse = networks.upscaled(networks.halved(images))
        return {**batch, "image": networks.blend(coarse, images, fade), "fade": fade}

    def entered(self, gan, stage):
        if self.reset_optimizer:
            from ganzoo.step.keras_private import inner

            for optimizer in (inner(gan.g_optimizer), inner(gan.d_optimizer)):
                for variable in optimizer.variables:  # moments and the count of steps
                    if not variable.path.endswith("learning_rate"):
                        variable.assign(keras.ops.zeros_like(variable))

    # ---- the data -----------------------------------------------------------------------

    def _label_in(self, batch):
        return batch["label"] if self.conditional else None  # data may have labels that nobody asked for

    def check_truncation(self, truncation):
        raise UsageError(
            "this model scales every latent onto a hypersphere, where none is nearer to the middle than "
            "another, so there is nothing to truncate; leave truncation out"
        )

    # ---- calling the networks -------------------------------------------------------------

    def generate(self, generator, latents, batch, training):
        size, fade = batch["image"].shape[1], batch.get("fade")
        return networks.to_images(self, generator.get_layer, latents, self._label_in(batch), size, fade)

    def discriminate(self, discriminator, images, batch, training):
        equalized.check_groups(images.shape[0])
        label, fade = self._label_in(batch), batch.get("fade")
        return networks.to_logits(discriminator.get_layer, images, label, fade)

    def pictures(self, generator, latents, batch, stage, images_seen):
        return self._finished(generator.get_layer, latents, self._label_in(batch), stage, images_seen)

    def to_export(self, generator, stage, images_seen):
        """A plain functional network without layers of other sizes; within a fade the blend is fixed."""
        latents, label = self.network_inputs()
        images = self._finished(generator.get_layer, latents, label, stage, images_seen)
        return keras.Model(latents if label is None else [latents, label], images, name="generator")

    def _finished(self, layer, latents, label, stage, images_seen):
        growth, size = self.schedule, self.schedule.size(stage)
        fade = growth.fade(stage, images_seen) if growth.is_fading(stage) else None
        images = networks.to_images(self, layer, latents, label, size, fade)
        for _ in range(self.image_size.bit_length() - size.bit_length()):
            images = networks.upscaled(images)
        return keras.ops.clip(images, -1.0, 1.0)

    # ---- the networks: all layers, for every size -----------------------------------------------

    def generator(self, seed):
        """From latents to a list of pictures, one of each size."""
        latents, label = self.network_inputs()
        layer = networks.generator_layers(self, seed).__getitem__
        images = [
            layer(f"to_rgb_{size}")(x)
            for size, x in networks.features(self, layer, latents, label)
            if size >= self.start_size
        ]
        return keras.Model(latents if label is None else [latents, label], images, name="generator")

    def discriminator(self, seed):
        """From a list of pictures, one of each size, to a list of their logits."""
        label = self.network_inputs()[1]
        layer = networks.discriminator_layers(self, seed).__getitem__
        images = [
            keras.Input((size, size, self.channels), name=f"images_{size}") for size in self.schedule.sizes
        ]
        logits = [networks.to_logits(layer, each, label) for each in images]
        return keras.Model(images if label is None else [*images, label], logits, name="discriminator")

    def network_inputs(self):
        """Symbolic latents and label of a generator; the label is None without classes."""
        if self.label:
            self.label.known()
        latents = keras.Input((self.latent_dim,), name="latents")
        return latents, keras.Input((), dtype="int32", name="label") if self.conditional else None
