"""`web`: one HTML file that runs the generator in a browser, opened from disk, without any request.

It holds the network (`ganzoo.export.web.graph`), TensorFlow.js to run it, on WebGL where
there is one and on the CPU elsewhere, and a page around it. A seed means the pictures that it means to
`gan.sample`: the page draws the same numbers (`random.js`).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import ClassVar

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import LazyModule
from ganzoo.base.printable import escape
from ganzoo.export.formats import FLOAT, FORMATS, HALF, Format
from ganzoo.export.signature import is_normal
from ganzoo.kinds.picture import Picture

graph = LazyModule("ganzoo.export.web.graph")

LIBRARY = "tf.es2017.min.js"
LARGE = 20_000_000  # bytes that a telephone still opens readily


@FORMATS.register("web")
@dataclass(frozen=True)
class Web(Format):
    """The page.

    Attributes:
        title: what stands above the picture.
        half: whether the weights are stored in half precision: half the size, and seldom seen.
    """

    suffix: ClassVar[str] = ".html"
    mark: ClassVar[bytes] = b'<script type="application/json" id="model">'
    allowed: ClassVar[tuple[str, ...]] = (FLOAT,)

    title: str = "This picture does not exist"
    half: bool = True

    @property
    def tolerance(self) -> float:
        return HALF if self.half else Format.tolerance

    def check(self, family, pixels: str) -> None:
        super().check(family, pixels)
        if not isinstance(family.output, Picture) or not family.output.can_be_shown:
            raise UsageError(
                "this model makes no pictures in grey or colour, so there is no page to show them"
            )
        if others := [name for name in family.inputs if name != "label"]:
            raise UsageError(f"this model takes {', '.join(others)}, but a page asks for a class at most")
        if not is_normal(family):
            raise UsageError("this model's latents are not standard normal, and a page draws no others")

    def write(self, subject, path: Path) -> None:
        model = graph.graph_model(subject, self.half)
        graph.check_operations(model, _part(LIBRARY))
        path.write_text(page(self.title, model, about(subject)), encoding="utf-8")

    def pictures(self, subject, path: Path):
        """By TensorFlow, from what stands in the page. Browsers are tests/export/test_web.py's part."""
        return graph.run(model_of(path), subject.inputs)

    def notes(self, subject, path: Path) -> Iterator[str]:
        yield f"open {path} in a browser; nothing is loaded from elsewhere"
        yield "the comparison above was made outside a browser, from what stands in the page"
        if path.stat().st_size > LARGE:
            yield f"the page is larger than {LARGE // 10**6} MB: a telephone may refuse it"


def about(subject) -> dict:
    """What the page knows about its network."""
    family = subject.config.family
    height, width, channels = family.output.shape
    return {
        "model": subject.config.model,
        "height": height,
        "width": width,
        "channels": channels,
        "latentDim": family.latent_dim,
        "label": "label" if family.label else None,
        "classes": list(family.label.spoken) if family.label else [],
        "counts": list(family.label.counts) if family.label and family.label.counts else None,
        "parameters": subject.network.count_params(),
        "imagesSeen": subject.images_seen,
    }


def page(title: str, model: dict, about: dict) -> str:
    """The whole file."""
    parts = {
        "licence": _part(f"{LIBRARY}.LICENSE"),
        "title": escape(title),
        "style": _part("page.css"),
        "about": _json(about),
        "model": _json(model),
        # Its last line asks developers' tools for a file that is not there.
        "library": re.sub(r"//# sourceMappingURL=\S+", "", _part(LIBRARY)),
        "random": _part("random.js"),
        "script": _part("page.js"),
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _part("page.html"))


def model_of(path: Path) -> dict:
    """The graph model that stands in a page."""
    text = path.read_text(encoding="utf-8")
    return json.loads(re.search(r'<script type="application/json" id="model">(.*?)</script>', text, re.S)[1])


def _json(value) -> str:
    # Within a script element only "<" could end it.
    return json.dumps(value, separators=(",", ":")).replace("<", "\\u003c")


def _part(name: str) -> str:
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
