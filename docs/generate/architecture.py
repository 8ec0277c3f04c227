"""The networks of a family as drawings, from the Keras models that the family builds."""

import functools
import math

from docs.generate.graph import Box, boxes_of
from docs.generate.svg import FILLS, GREY, arrow, box, document, text
from ganzoo.family import FAMILIES

NEEDED = {"cgan": {"num_classes": 10}}  # what a family cannot be drawn without
SPINE, SIDE, GAP, HEIGHT, PITCH, TOP = 430, 290, 30, 42, 62, 44


@functools.cache
def networks(name: str) -> dict:
    """The networks of a family with its default arguments, but one that only learns a number."""
    family = FAMILIES[name](**NEEDED.get(name, {}))
    made = {**family.generators(lambda network: 0), **family.discriminators(lambda network: 0)}
    return {key: network for key, network in made.items() if network.count_params() > 1}


def draw(name: str, player: str) -> str:
    """The SVG of one of a family's networks."""
    boxes, arrows = boxes_of(networks(name)[player])
    rows, spine = places(boxes, arrows)
    first = min(rows.values())

    def corner(key: str) -> tuple[float, float]:
        return (0 if key in spine else SPINE + GAP), TOP + (rows[key] - first) * PITCH

    parts = []
    for start, end in arrows:
        (x, y), (to_x, to_y) = corner(start), corner(end)
        if (start in spine) == (end in spine):
            middle = x + (SPINE if start in spine else SIDE) / 2
            parts.append(arrow((middle, y + HEIGHT), (middle, to_y)))
        elif start in spine:  # out of the spine, to the right
            parts.append(arrow((SPINE, y + HEIGHT / 2), (to_x, to_y + HEIGHT / 2)))
        else:  # into the spine, to the left
            parts.append(arrow((x, y + HEIGHT / 2), (SPINE, to_y + HEIGHT / 2)))
    for key, each in boxes.items():
        parts += shown(each, *corner(key), SPINE if key in spine else SIDE)
    width = SPINE if len(spine) == len(boxes) else SPINE + GAP + SIDE
    height = TOP + (max(rows.values()) - first) * PITCH + HEIGHT + 1
    total = sum(each.parameters for each in boxes.values())
    title = f"{name}: {player}"
    parts.insert(0, text(0, 16, title, 15, GREY, font_weight="bold"))
    parts.insert(1, text(0, 33, f"right: output shape; parameters, {total:,} in all", 11, GREY))
    return document(width, height, f"{title}, {total:,} parameters", parts)


def shown(each: Box, x: float, y: float, width: float) -> list[str]:
    """A box with its two lines."""
    shape = spelled(each.final)
    if each.final != each.shape and width == SPINE:  # a narrow box has no room for both
        shape = f"{spelled(each.shape)} → {shape}"
    line = y + (17 if each.follows or each.parameters else HEIGHT / 2 + 4)
    parts = [
        box(x, y, width, HEIGHT, FILLS[each.kind]),
        text(x + 9, line, each.title, 12, font_weight="bold"),
        text(x + width - 9, line, shape, 12, anchor="end"),
    ]
    if each.follows:
        parts.append(text(x + 9, y + 33, ", ".join(each.follows), 11))
    if each.parameters:
        parts.append(text(x + width - 9, y + 33, f"{each.parameters:,}", 11, anchor="end"))
    return parts


def spelled(shape: tuple[int, ...]) -> str:
    """`4x4x512`; a single number has no shape."""
    return "x".join(map(str, shape)) or "1"


def places(boxes: dict[str, Box], arrows: list[tuple[str, str]]) -> tuple[dict[str, int], list[str]]:
    """The row of every box, and the boxes of the spine: the longest way from the largest input."""
    following = {key: [end for start, end in arrows if start == key] for key in boxes}

    @functools.cache
    def longest(key: str) -> tuple[str, ...]:
        return (key, *max((longest(each) for each in following[key]), key=len, default=()))

    inputs = [key for key, each in boxes.items() if each.kind == "input"]
    spine = list(longest(max(inputs, key=lambda key: math.prod(boxes[key].shape))))
    rows = {key: row for row, key in enumerate(spine)}
    while len(rows) < len(boxes):
        for start, end in reversed(arrows):
            if start not in rows and end in rows:  # feeds what is placed: beside the spine, else a row above
                rows[start] = rows[end] - (end not in spine)
            elif start in rows and end not in rows and not following[end]:  # an output: beside its source
                rows[end] = rows[start]
    return rows, spine
