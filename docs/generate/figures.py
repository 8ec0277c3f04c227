"""The figures of the theory page, by the examples: a training of two minutes, so not a part of the tests.

python -m docs.generate.figures
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from docs.generate import DOCS

SHOWN = (0.0, 0.3, 1.0)  # moments of the ring's training
FRAMES, STEPS = 20, 100
COLOURS = 64  # of a figure: lines and letters


def main() -> None:
    """Runs the examples and keeps their figures, small."""
    examples, out = DOCS.parent / "examples", DOCS / "images/theory"
    with tempfile.TemporaryDirectory() as folder:
        ring = Path(folder) / "ring.gif"
        words = ["--toy", "ring", "--frames", f"{FRAMES}", "--steps", f"{STEPS}", "--out", str(ring)]
        subprocess.run([sys.executable, str(examples / "toys.py"), *words], check=True)
        subprocess.run([sys.executable, str(examples / "theory.py"), "--out", folder], check=True)
        for path in sorted(Path(folder).glob("*.png")):
            with Image.open(path) as figure:
                small(figure.convert("RGB"), out / path.name)
        small(strip(ring), out / "ring.png")


def strip(animation: Path) -> Image.Image:
    """A few moments of an animation, side by side."""
    with Image.open(animation) as film:
        frames = []
        for share in SHOWN:
            film.seek(round(share * (film.n_frames - 1)))
            frames.append(film.convert("RGB").resize((360, 360), Image.Resampling.LANCZOS))
    sheet = Image.new("RGB", (360 * len(frames), 360), "white")
    for i, frame in enumerate(frames):
        sheet.paste(frame, (360 * i, 0))
    return sheet


def small(figure: Image.Image, path: Path) -> None:
    """Writes a PNG of few colours."""
    figure.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)


if __name__ == "__main__":
    main()
