"""What pictures were made of, in a file beside them: enough to make the same pixels again.

Two forms, told apart by the name's ending. `.json`, beside a sheet or a film, is one object: what
there is to say of all pictures, and `pictures`, a list of `{"latent": [...], "label": 3, "class":
"3"}` in their order, with `"given": {NAME: VALUE}` for other inputs that are no pictures. `.jsonl`,
in a folder of pictures, has the same line by line: first what holds for all, then a picture a line,
with its `file`. Latents have nine digits, which is all of a float32.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ganzoo.base.errors import DataError
from ganzoo.disk import regular
from ganzoo.disk.files import write_atomically
from ganzoo.kinds.kind import Kind

KIND = "ganzoo latents 1"


@dataclass(frozen=True)
class Latents:
    """Latents and what else pictures are made of.

    Attributes:
        values: float32 `(num, latent_dim)`.
        inputs: by name `(num, ...)`, as `gan.inputs` gives them; of a file, lists as JSON keeps them.
        about: what is said of them all.
    """

    values: np.ndarray
    inputs: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)


def header(about: dict[str, Any]) -> str:
    """The first line of a `.jsonl`, as JSON."""
    return json.dumps({"kind": KIND, **about}, ensure_ascii=False)


def lines(latents: Latents, kinds: Mapping[str, Kind], files: Iterator[str] | None = None) -> Iterator[str]:
    """A line of JSON for each picture, made as it is asked for; `kinds` are those of the inputs."""
    others = [name for name in latents.inputs if name != "label" and kinds[name].is_plain]
    form = "[" + ",".join(["%.9g"] * latents.values.shape[1]) + "]"
    for i, row in enumerate(latents.values):
        parts = [f'"file": {json.dumps(next(files))}'] if files is not None else []
        if "label" in latents.inputs:
            label, names = int(latents.inputs["label"][i]), kinds["label"].names
            parts.append(f'"label": {label}')
            parts += [f'"class": {json.dumps(names[label], ensure_ascii=False)}'] if names else []
        if others:
            given = {name: kinds[name].plain(latents.inputs[name][i]) for name in others}
            parts.append(f'"given": {json.dumps(given, ensure_ascii=False)}')
        yield "{" + ", ".join([*parts, '"latent": ' + form % tuple(row.tolist())]) + "}"


def write(path: Path, latents: Latents, kinds: Mapping[str, Kind]) -> None:
    """Writes a `.json`, atomically."""

    def put(file):
        file.write((header(latents.about)[:-1] + ', "pictures": [\n').encode())
        for i, line in enumerate(lines(latents, kinds)):
            file.write((",\n" * (i > 0) + line).encode())
        file.write(b"\n]}\n")

    write_atomically(path, put)


def read(path: Path) -> Latents:
    """The latents of a `.json` or `.jsonl`. Raises DataError for a file that is not one, or is damaged."""
    path = Path(path)
    try:
        text = regular.read_text(path)
        if path.suffix == ".jsonl":
            about, *rows = (json.loads(line) for line in text.splitlines() if line.strip())
        else:
            about = json.loads(text)
            rows = about.pop("pictures")
        if about.pop("kind") != KIND:
            raise ValueError("it is of another kind")
        values = np.asarray([row["latent"] for row in rows], np.float32)
        labels = [row["label"] for row in rows if "label" in row]
        if values.ndim != 2 or not values.size or not np.isfinite(values).all():
            raise ValueError("its latents are not a table of numbers")
        if len(labels) not in (0, len(rows)):
            raise ValueError("only some of its pictures have a label")
        inputs = {name: [row["given"][name] for row in rows] for name in rows[0].get("given", {})}
        if labels:
            inputs["label"] = np.asarray(labels, np.int32)
        return Latents(values, inputs, about)
    except FileNotFoundError:
        raise DataError(f"there is no file {path}; give the .json or .jsonl beside pictures") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise DataError(
            f"{path} holds no latents that ganzoo-sample wrote ({type(error).__name__}: {error}); "
            "give the .json or .jsonl beside pictures"
        ) from None
