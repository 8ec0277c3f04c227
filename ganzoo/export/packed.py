"""`weights`: a folder of weights with a card, for ganzoo itself; see `ganzoo.weights`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ganzoo import weights
from ganzoo.base.lazy import LazyModule
from ganzoo.disk.overwrite import refuse_foreign
from ganzoo.export.formats import FLOAT, FORMATS, HALF, Format
from ganzoo.trained import load

weights_folder = LazyModule("ganzoo.export.weights_folder")


@FORMATS.register("weights")
@dataclass(frozen=True)
class Packed(Format):
    """Matrices and kernels in half precision, hence another tolerance.

    Attributes:
        discriminator: whether discriminators come along, to begin another training with.
    """

    discriminator: bool = True

    tolerance: ClassVar[float] = HALF
    allowed: ClassVar[tuple[str, ...]] = (FLOAT,)

    def refuse_foreign(self, path: Path) -> None:
        if not weights.is_weights(path):
            super().refuse_foreign(path)
        refuse_foreign(path, weights.FILES)

    def write(self, subject, path: Path) -> None:
        weights_folder.pack(
            subject.run, path, checkpoint=subject.checkpoint, discriminator=self.discriminator
        )

    def pictures(self, subject, path: Path):
        given = {name: value for name, value in subject.inputs.items() if name != "latents"}
        return load(path).sample(len(subject.inputs["latents"]), seed=0, **given)

    def notes(self, subject, path: Path) -> Iterator[str]:
        sizes = weights_folder.size_of_discriminators(weights.read_packed(path))
        if sizes:
            yield f"{sizes:,} bytes of it are the discriminator's; --nodiscriminator leaves it out"
        elif self.discriminator:
            yield "there is no trained discriminator in this state to pack"
        yield f"load it with: ganzoo.load({str(path)!r}); every ganzoo command takes it where it takes a run"
