"""The schedule of progressive growing as a drawing, from `ganzoo.step.growth.Growth`."""

from docs.generate.svg import FILLS, GREY, box, document, text
from ganzoo.family import FAMILIES

LEFT, WIDTH, HEIGHT, PITCH, TOP = 70, 560, 26, 34, 44


def draw() -> str:
    """The SVG of the default schedule: when each size is faded in, and when it is trained alone."""
    growth = FAMILIES["progan"]().schedule
    last = growth.begins(growth.num_stages - 1)
    end = last + growth.stable_images + growth.fade_images

    def at(images: int) -> float:
        return LEFT + WIDTH * images / end

    parts = [
        text(0, 16, "progan: what is trained when", 15, GREY, font_weight="bold"),
        text(0, 33, "millions of images seen; pink: fading in, blue: this size alone", 11, GREY),
    ]
    for stage in range(growth.num_stages):
        size = growth.size(stage)
        y = TOP + growth.sizes.index(size) * PITCH
        begins = growth.begins(stage)
        is_last = stage == growth.num_stages - 1
        ends = end if is_last else growth.begins(stage + 1)
        fading = growth.is_fading(stage)
        if not fading:
            parts.append(text(0, y + 18, f"{size}x{size}", 13, GREY))
        parts.append(
            box(at(begins), y, at(ends) - at(begins) - 2, HEIGHT, FILLS["fade" if fading else "layer"])
        )
        if is_last:
            parts.append(text(at(begins) + 8, y + 17, "to the end", 11))
    bottom = TOP + len(growth.sizes) * PITCH + 8
    for stage in range(growth.num_stages):
        begins = growth.begins(stage)
        parts.append(text(at(begins), bottom + 6, f"{begins / 1e6:g}", 11, GREY, "middle"))
    return document(LEFT + WIDTH + 10, bottom + 14, "The growth schedule of the progan", parts)
