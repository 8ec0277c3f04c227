"""The pictures of a report, within the page: samples, walks, nearest training pictures."""

import base64
from dataclasses import dataclass, field
from typing import Any

from ganzoo.base.printable import escape
from ganzoo.compare.sentences import number


@dataclass
class Looks:
    """The pictures of a report: bytes of WebP files, by (contestant, seed) or contestant."""

    reals: bytes | None = None
    samples: dict[tuple[str, int], bytes] = field(default_factory=dict)
    walks: dict[str, bytes] = field(default_factory=dict)
    nearest: dict[str, bytes] = field(default_factory=dict)


def picture(data: bytes, caption: str, about: str) -> str:
    """A figure with the picture within it; `caption` may hold markup, `about` is its alt text."""
    source = f"data:image/webp;base64,{base64.b64encode(data).decode('ascii')}"
    image = f'<img alt="{escape(about, quote=True)}" src="{source}">'
    return f"<figure><figcaption>{caption}</figcaption>{image}</figure>"


def samples(results: dict[str, Any], looks: Looks) -> str:
    """Sheets of the first finished run side by side, the other seeds' folded away."""
    if not looks.samples:
        return ""
    shown, hidden = [], []
    if looks.reals:
        shown.append(picture(looks.reals, "<b>real pictures</b>", "some of the real pictures"))
    for each in results["contestants"]:
        sheets = [
            picture(
                looks.samples[each["name"], run["seed"]],
                f"<b>{escape(each['name'])}</b>, seed {run['seed']}{score_of(run, results)}",
                f"samples of {each['name']}, seed {run['seed']}",
            )
            for run in each["runs"]
            if (each["name"], run["seed"]) in looks.samples
        ]
        shown += sheets[:1]
        hidden += sheets[1:]
    note = "At the end of the budget, not chosen: the first pictures of seed 0, for every run the same."
    if any(each["conditional"] for each in results["contestants"]):
        note += " Of models that are told the classes, pictures of classes in the data's proportions."
    rest = (
        f'<details><summary>The other seeds</summary><div class="sheets">{"".join(hidden)}</div></details>'
        if hidden
        else ""
    )
    return f'<p class="quiet">{note}</p><div class="sheets">{"".join(shown)}</div>{rest}'


def score_of(run: dict[str, Any], results: dict[str, Any]) -> str:
    headline = results["scoring"]["headline"]
    row = run.get("last", {}).get("measures", {}).get(headline)
    return f" &middot; {escape(headline)} {number(row['value'])}" if row else ""


def walks(results: dict[str, Any], looks: Looks) -> str:
    return _of_each(
        results,
        looks.walks,
        "film of a walk through the latents of {}",
        "Six pictures of each model on their way between three places in its latents and back. Smooth "
        "changes speak against memorised pictures; jumps, or no change at all, for them or for collapse.",
    )


def nearest(results: dict[str, Any], looks: Looks) -> str:
    return _of_each(
        results,
        looks.nearest,
        "samples of {} and their nearest training pictures",
        "Left in each row a sample, beside it the training pictures nearest to it in MobileNet's features. "
        "Copies would show here.",
        "sheets wide",
    )


def _of_each(results: dict[str, Any], files: dict, described: str, note: str, style: str = "sheets") -> str:
    """A picture of each contestant that has one, under a note; nothing if none has."""
    names = [each["name"] for each in results["contestants"] if each["name"] in files]
    found = [picture(files[name], f"<b>{escape(name)}</b>", described.format(name)) for name in names]
    return f'<p class="quiet">{note}</p><div class="{style}">{"".join(found)}</div>' if found else ""
