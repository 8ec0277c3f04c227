"""Conditional GAN: the DCGAN, told which class to make and which class to judge.

Mirza and Osindero 2014, "Conditional generative adversarial nets", arXiv 1411.1784: both
players are given the label, here as an embedding that is concatenated to what they read
(equation 2). The alternative is the projection discriminator of Miyato and Koyama 2018,
"cGANs with projection discriminator", arXiv 1802.05637, with class-conditional batch
normalisation in the generator (Dumoulin et al. 2017, de Vries et al. 2017).
"""

from dataclasses import dataclass
from typing import ClassVar

from ganzoo.base.errors import unknown
from ganzoo.base.lazy import keras
from ganzoo.base.ranges import ranged
from ganzoo.family import FAMILIES, LARGE
from ganzoo.kinds import Label
from ganzoo.models.dcgan import DCGAN, parts

INJECTIONS = ("concat", "projection")


@FAMILIES.register("cgan")
@dataclass(frozen=True)
class CGAN(DCGAN):
    """Arguments of the conditional GAN.

    Attributes:
        image_size, channels, latent_dim, width, norm: as the DCGAN's.
        num_classes: how many classes there are; taken from the data when not given.
        class_names: their names, by which samples can be asked for; taken from the data, too.
        class_counts: pictures of each in the data: samples without labels are of classes in these
            proportions, and so are the statistics of averaged weights; without it all are alike.
        injection: how labels enter: "concat" or "projection".
        embedding_dim: with "concat", numbers that stand for a class in the generator's input.
    """

    paper: ClassVar[str] = "Mirza and Osindero 2014, arXiv 1411.1784"

    num_classes: int | None = ranged(None, least=2, most=1_000_000)
    class_names: tuple[str, ...] | None = None
    class_counts: tuple[int, ...] | None = None
    injection: str = "concat"
    embedding_dim: int = ranged(64, least=1, most=LARGE)

    def __post_init__(self):
        super().__post_init__()
        if self.injection not in INJECTIONS:
            raise unknown("injection", self.injection, INJECTIONS)
        self.columns  # noqa: B018  says what is wrong with the classes

    @property
    def columns(self):
        return {**super().columns, "label": Label(self.num_classes, self.class_names, self.class_counts)}

    # ---- the networks ---------------------------------------------------------------------

    def generate(self, generator, latents, batch, training):
        return generator([latents, batch["label"]], training=training)

    def discriminate(self, discriminator, images, batch, training):
        return discriminator([images, batch["label"]], training=training)

    def generator(self, seed):
        linear, norm = parts(seed)
        embedded, label = self._label(seed)
        latents = keras.Input((self.latent_dim,), name="latents")
        if self.injection == "concat":
            x = keras.layers.Concatenate()([latents, embedded(self.embedding_dim, 1.0)])
            images = self.to_images(x, linear, lambda x: norm()(x))
        else:

            def normalised(x):
                # Scale and shift of the normalised features belong to the class.
                filters = x.shape[-1]
                scale, shift = embedded(filters, 0.02, mean=1.0), embedded(filters, 0.0)
                x = keras.layers.Multiply()(
                    [norm(scale=False, center=False)(x), keras.layers.Reshape((1, 1, filters))(scale)]
                )
                return keras.layers.Add()([x, keras.layers.Reshape((1, 1, filters))(shift)])

            images = self.to_images(latents, linear, normalised)
        return keras.Model([latents, label], images, name="generator")

    def discriminator(self, seed):
        linear, norm = parts(seed, self.norm)
        embedded, label = self._label(seed)
        size = self.image_size
        images = x = keras.Input((size, size, self.channels), name="images")
        if self.injection == "concat":  # a learned map for each class, as one more colour channel
            plane = keras.layers.Reshape((size, size, 1))(embedded(size * size, 0.5))
            x = keras.layers.Concatenate()([images, plane])
        features = self.to_features(x, linear, norm)
        logits = self.to_logits(features, linear)
        if self.injection == "projection":  # equation 3: psi(phi(x)) + y^T V phi(x)
            pooled = keras.ops.sum(features, axis=(1, 2))
            inner = keras.layers.Dot(1, dtype="float32")([embedded(pooled.shape[-1], 0.02), pooled])
            logits = keras.layers.Add(dtype="float32", name="projected")([logits, inner])
        return keras.Model([images, label], logits, name="discriminator")

    def _label(self, seed: int):
        """The label's input, and a function that adds an embedding of it to a network being built."""
        num_classes = self.label.known()
        stream = keras.random.SeedGenerator(seed + 1)
        label = keras.Input((), dtype="int32", name="label")

        def embedded(size: int, spread: float, mean: float = 0.0):
            start = keras.initializers.RandomNormal(mean, spread, seed=stream)
            return keras.layers.Embedding(num_classes, size, embeddings_initializer=start)(label)

        return embedded, label
