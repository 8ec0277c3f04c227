"""Renders the embedded pairs of emoji: one vendor's line art beside the same drawings in flat colours.

    python -m tools.render_emoji LINES_FOLDER COLOUR_FOLDER [--out ganzoo/data/emoji]

The folders are the unpacked npm packages `@iconify-json/fluent-emoji-high-contrast` and
`@iconify-json/fluent-emoji-flat`, both 1.2.6 (Microsoft's Fluent emoji, MIT). Each name that both have
becomes a picture of 128x64, line art on the left and colour on the right, both on white, as a PNG of at
most 256 colours; all of them lie in one zip, named as they are named there. Needs `pip install resvg-py`.
"""

import argparse
import io
import json
import zipfile
from pathlib import Path

from PIL import Image

SIDE, SUPERSAMPLED = 64, 4  # pixels of a picture's side, and how many times larger it is drawn first
EPOCH = (2020, 1, 1, 0, 0, 0)  # of every file in the zip: the same pictures, the same bytes


def bodies(folder: Path) -> dict[str, str]:
    """The drawings of a package by name, as the inside of an SVG."""
    icons = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
    return {name: icon["body"] for name, icon in icons["icons"].items()}


def rendered(body: str) -> Image.Image:
    """A drawing of 32x32 units on white, supersampled and reduced."""
    import resvg_py

    side = SIDE * SUPERSAMPLED
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32" width="{side}" height="{side}" '
        f'color="#000">{body}</svg>'
    )
    drawn = Image.open(io.BytesIO(bytes(resvg_py.svg_to_bytes(svg_string=svg)))).convert("RGBA")
    white = Image.new("RGBA", drawn.size, "white")
    return Image.alpha_composite(white, drawn).convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)


def pair(lines: str, colour: str) -> bytes:
    """Both drawings side by side as the bytes of a PNG with a palette."""
    both = Image.new("RGB", (2 * SIDE, SIDE))
    both.paste(rendered(lines), (0, 0))
    both.paste(rendered(colour), (SIDE, 0))
    written = io.BytesIO()
    both.quantize(256, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(written, "PNG", optimize=True)
    return written.getvalue()


def main(lines: Path, colour: Path, out: Path) -> None:
    """Writes `emoji.zip`."""
    left, right = bodies(lines), bodies(colour)
    names = sorted(left.keys() & right.keys())
    out.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(out / "emoji.zip", "w", zipfile.ZIP_STORED) as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(f"{name}.png", EPOCH), pair(left[name], right[name]))
    print(f"{len(names):,} pairs are in {out / 'emoji.zip'}, {(out / 'emoji.zip').stat().st_size:,} bytes")


if __name__ == "__main__":
    flags = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    flags.add_argument("lines", type=Path)
    flags.add_argument("colour", type=Path)
    flags.add_argument("--out", type=Path, default=Path("ganzoo/data/emoji"))
    main(**vars(flags.parse_args()))
