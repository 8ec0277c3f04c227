"""`weights`: a folder of weights with a card, for ganzoo itself; see `ganzoo.weights`."""

import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ganzoo import weights
from ganzoo.base.lazy import LazyModule
from ganzoo.disk.overwrite import refuse_foreign
from ganzoo.disk.sums import sha256_of
from ganzoo.export import cards
from ganzoo.export.formats import FLOAT, FORMATS, HALF, MARK, Format
from ganzoo.training.trained import load
from ganzoo.weights.remote import ZIP

weights_folder = LazyModule("ganzoo.export.weights_folder")


@FORMATS.register("weights")
@dataclass(frozen=True)
class Packed(Format):
    """A folder, or a zip of it where the path ends so. Half precision, hence another tolerance.

    Attributes:
        discriminator: whether discriminators come along, to begin another training with.
    """

    discriminator: bool = True

    tolerance: ClassVar[float] = HALF
    allowed: ClassVar[tuple[str, ...]] = (FLOAT,)

    def refuse_foreign(self, path: Path) -> None:
        if path.suffix == ZIP or not weights.is_weights(path):
            return super().refuse_foreign(path)
        return refuse_foreign(path, weights.FILES)

    def write(self, subject, path: Path) -> None:
        folder = path.with_suffix("") if path.suffix == ZIP else path
        weights_folder.pack(
            subject.run, folder, checkpoint=subject.checkpoint, discriminator=self.discriminator
        )
        self.finish(subject, folder)
        if folder != path:
            zipped(folder, path)
            shutil.rmtree(folder)

    def finish(self, subject, folder: Path) -> None:
        """Writes what else belongs into the folder."""

    def pictures(self, subject, path: Path):
        given = {name: value for name, value in subject.inputs.items() if name != "latents"}
        return load(path).sample(len(subject.inputs["latents"]), seed=0, **given)

    def notes(self, subject, path: Path) -> Iterator[str]:
        sizes = weights_folder.size_of_discriminators(weights.read_packed(weights.find(path)))
        if sizes:
            yield f"{sizes:,} bytes of it are the discriminator's; --nodiscriminator leaves it out"
        elif self.discriminator:
            yield "there is no trained discriminator in this state to pack"
        if path.suffix == ZIP:
            yield f"given away at https://ADDRESS: ganzoo.load('https://ADDRESS#sha256={sha256_of(path)}')"
        yield f"load it with: ganzoo.load({str(path)!r}); every ganzoo command takes it where it takes a run"


@FORMATS.register("hf")
@dataclass(frozen=True)
class HubFolder(Packed):
    """The same folder, with what a repository of the Hugging Face Hub needs: a README.md with metadata."""

    def finish(self, subject, folder: Path) -> None:
        cards.write_hub_card(folder)

    def notes(self, subject, path: Path) -> Iterator[str]:
        yield from super().notes(subject, path)
        yield f"publish it with: hf upload ORGANISATION/NAME {path}"
        yield "everybody loads it with: ganzoo.load('hf://ORGANISATION/NAME')"


def zipped(folder: Path, path: Path) -> None:
    """Writes a folder's files as a zip, the same bytes for the same files."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.comment = MARK
        for file in sorted(folder.iterdir()):
            entry = zipfile.ZipInfo(file.name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, file.read_bytes())
