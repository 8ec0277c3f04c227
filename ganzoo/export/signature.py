"""What goes into an exported generator and what comes out, in words that travel with the file."""

from dataclasses import dataclass

from ganzoo.export.formats import UINT8
from ganzoo.family import FAMILIES, Family


@dataclass(frozen=True)
class Port:
    """An input or output: its name, shape without the batch, dtype and meaning."""

    name: str
    shape: tuple[int, ...]
    dtype: str
    meaning: str

    def __str__(self) -> str:
        shape = ", ".join(["batch", *map(str, self.shape)]) + ("" if self.shape else ",")
        return f"{self.name}: {self.dtype} ({shape}), {self.meaning}"


@dataclass(frozen=True)
class Signature:
    """Inputs and output of an exported generator.

    Inputs are `latents` and, for a conditional family, `label`; the output is `images`,
    (batch, height, width, channels).
    """

    inputs: tuple[Port, ...]
    output: Port

    def lines(self) -> list[str]:
        """A line for each input and the output."""
        return [*(f"input {port}" for port in self.inputs), f"output {self.output}"]


def signature(family: Family, pixels: str) -> Signature:
    """What the generator of a family takes and gives."""
    shape = family.batch_spec["image"]
    latents = Port("latents", (family.latent_dim,), "float32", _latents(family))
    conditions = [name for name in family.batch_spec if name != "image"]
    labels = [Port(name, (), "int32", _classes(family)) for name in conditions]
    if pixels == UINT8:
        images = Port("images", shape, "uint8", "in [0, 255]")
    else:
        images = Port("images", shape, "float32", "in [-1, 1]" if len(shape) == 3 else "of any size")
    return Signature((latents, *labels), images)


def is_normal(family: Family) -> bool:
    """Whether the family's latents are plain standard normal numbers, which anyone can draw."""
    return type(family).latents is Family.latents


def _latents(family: Family) -> str:
    if is_normal(family):
        return "standard normal"
    return f"as the model {FAMILIES.name_of(family)} draws them"


def _classes(family: Family) -> str:
    num = family.num_classes
    names = family.class_names
    if not names or list(names) == [str(i) for i in range(num)]:
        return f"the class, 0 to {num - 1}"
    return "the class: " + ", ".join(f"{i} {name}" for i, name in enumerate(names))
