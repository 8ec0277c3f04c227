"""What goes into an exported generator and what comes out, in words that travel with the file."""

from dataclasses import dataclass

from ganzoo.export.formats import UINT8
from ganzoo.family import FAMILIES, Family
from ganzoo.kinds import Kind, Label, Picture


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

    Inputs are `latents` and what the family takes besides, e.g. `label`; the output is `images`,
    (batch, height, width, channels).
    """

    inputs: tuple[Port, ...]
    output: Port

    def lines(self) -> list[str]:
        """A line for each input and the output."""
        return [*(f"input {port}" for port in self.inputs), f"output {self.output}"]


def signature(family: Family, pixels: str) -> Signature:
    """What the generator of a family takes and gives."""
    output = family.output
    latents = Port("latents", (family.latent_dim,), "float32", _latents(family))
    given = [Port(name, kind.shape, kind.dtype, _meaning(kind)) for name, kind in family.inputs.items()]
    if pixels == UINT8:
        images = Port("images", output.shape, "uint8", "in [0, 255]")
    else:
        meaning = "in [-1, 1]" if isinstance(output, Picture) else "of any size"
        images = Port("images", output.shape, "float32", meaning)
    return Signature((latents, *given), images)


def is_normal(family: Family) -> bool:
    """Whether the family's latents are plain standard normal numbers, which anyone can draw."""
    return type(family).latents is Family.latents


def _latents(family: Family) -> str:
    if is_normal(family):
        return "standard normal"
    return f"as the model {FAMILIES.name_of(family)} draws them"


def _meaning(kind: Kind) -> str:
    if not isinstance(kind, Label):
        return kind.describe()
    num, names = kind.known(), kind.names
    if not names or list(names) == [str(i) for i in range(num)]:
        return f"the class, 0 to {num - 1}"
    return "the class: " + ", ".join(f"{i} {name}" for i, name in enumerate(names))
