"""What of the documentation is made from the code, and committed: drawings, tables, help, recipes.

    python -m docs.generate            writes all of it anew, and how large the models are
    python -m docs.generate.figures    draws the figures of the theory page (a training of minutes)

`tests/test_docs.py` fails when something committed is not what the code says now.
"""

from collections.abc import Callable
from pathlib import Path

DOCS = Path(__file__).resolve().parent.parent
FAMILIES = ("vanilla", "dcgan", "cgan", "progan", "vae")  # those with a page of their own


def everything() -> dict[Path, Callable[[], str]]:
    """Every file that is made from the code, and the function that makes its text."""
    from docs.generate import architecture, pages, parameters, settings, timeline
    from ganzoo import catalogue

    made: dict[Path, Callable[[], str]] = {
        DOCS / "reference/commands.md": pages.commands,
        DOCS / "reference/recipes.md": pages.recipes,
        DOCS / "reference/settings.md": settings.page,
        DOCS / "images/architectures/progan-growth.svg": timeline.draw,
        catalogue.PARAMETERS: parameters.text,
    }
    for name in FAMILIES:
        made[DOCS / f"families/{name}.md"] = lambda name=name: pages.with_arguments(name)
        for player in architecture.networks(name):
            made[DOCS / f"images/architectures/{name}-{player}.svg"] = lambda name=name, player=player: (
                architecture.draw(name, player)
            )
    return made
