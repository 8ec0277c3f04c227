"""What an evaluation says: rows of numbers, each with all that it takes to repeat it."""

import json
import math
from dataclasses import asdict, dataclass, field


@dataclass
class Row:
    """One number at one N: `value`, `floor` (real against real) and `ratio` are all of `num` pictures a side.

    `num_groups`: where the reals are crops, of how many originals; None: each is a picture of its own.
    `doubt` says why the number means little here, shown as a question mark. `value` None: not measured, and
    `note` says why. `better`: "lower", "higher", or "near 0.5" and the like.
    """

    name: str
    value: float | None
    better: str = "lower"
    num: int | None = None
    num_groups: int | None = None
    floor: float | None = None
    ratio: float | None = None  # value over floor: 1 is as good as real
    # Standard errors above what real pictures have in expectation: below about 3 is as good as real.
    z: float | None = None
    p_value: float | None = None
    standard_error: float | None = None
    repeats: int | None = None  # blocks, pairs, projections or permutations behind the number
    note: str = ""
    doubt: str = ""  # why the number says little here, e.g. because anything would score as well

    @property
    def num_floor(self) -> int | None:
        """N of the floor, which is the value's."""
        return self.num


@dataclass
class Report:
    """An evaluation: its rows, and what they have in common."""

    features: str
    checksum: str  # of the feature network's weights
    resize: str
    seed: int
    num_real: int
    num_fake: int
    num_groups: int | None  # originals that the reals are cut from; None: each is a picture of its own
    image_shape: tuple[int, int, int]
    rows: list[Row] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Row:
        """The row called `name`, e.g. `report["FD-mobilenet"]`."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    def to_json(self) -> str:
        """All of it as JSON; what is not finite becomes null, for JSON has no word for it."""
        return json.dumps(without_nan(asdict(self)), indent=2)

    def to_text(self) -> str:
        """The table to print, with the notes under it."""
        head = (
            "measure",
            "value",
            "floor",
            "ratio",
            "z",
            "p",
            "error",
            "N",
            "originals",
            "repeats",
            "better",
        )
        lines, notes = [head], []
        for row in self.rows:
            mark = " ?" if row.doubt else ""
            for said in filter(None, (row.doubt, row.note)):
                notes.append(said) if said not in notes else None
                mark += f" [{notes.index(said) + 1}]"
            cells = (row.value, row.floor, row.ratio, row.z, row.p_value, row.standard_error)
            cells = (*cells, row.num, row.num_groups, row.repeats)
            lines.append((row.name + mark, *(number(cell) for cell in cells), row.better))
        if all(row.num_groups is None for row in self.rows):
            at = head.index("originals")
            lines, head = [line[:at] + line[at + 1 :] for line in lines], head[:at] + head[at + 1 :]
        widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
        text = "\n".join(
            "  ".join(
                cell.ljust(width) if at in (0, len(head) - 1) else cell.rjust(width)
                for at, (cell, width) in enumerate(zip(line, widths, strict=True))
            ).rstrip()
            for line in lines
        )
        made = (
            f"features {self.features} (weights {self.checksum}), resize {self.resize}, seed {self.seed}, "
            f"{self.num_fake} fake against {self.num_real} real pictures "
            f"of {'x'.join(map(str, self.image_shape))}"
            + (f", the real ones crops of {self.num_groups} originals" if self.num_groups else "")
        )
        return "\n".join([text, made, *(f"[{at}] {note}" for at, note in enumerate(notes, 1))])

    __str__ = to_text


def number(value: float | int | None) -> str:
    """Four digits, or a dash."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.4g}"


def without_nan(value):
    """`value` with every float that is not finite replaced by None."""
    if isinstance(value, dict):
        return {key: without_nan(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
