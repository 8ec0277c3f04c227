"""Text of SVG drawings that can be read on white and on black: filled boxes, mid-grey lines and captions."""

from html import escape

GREY = "#788490"  # lines and captions: about 4 to 1 against white and against the dark theme
FILLS = {"input": "#5b6770", "layer": "#1f6f8b", "merge": "#8a5a12", "fade": "#b3476b"}
FONT = "font-family='system-ui, -apple-system, Segoe UI, Roboto, DejaVu Sans, sans-serif'"


def document(width: float, height: float, title: str, parts: list[str]) -> str:
    """A whole drawing."""
    head = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width:g} {height:g}' width='{width:g}' "
    marker = (
        "<defs><marker id='tip' viewBox='0 0 8 8' refX='7' refY='4' markerWidth='7' markerHeight='7' "
        f"orient='auto'><path d='M0 0L8 4L0 8z' fill='{GREY}'/></marker></defs>"
    )
    head += f"height='{height:g}' role='img' {FONT}>"
    return "\n".join([head, f"<title>{escape(title)}</title>", marker, *parts, "</svg>"]) + "\n"


def text(x: float, y: float, content: str, size: int = 12, fill: str = "#fff", anchor: str = "start", **more):
    """One line of text; `more` are further attributes."""
    rest = "".join(f" {key.replace('_', '-')}='{value}'" for key, value in more.items())
    return (
        f"<text x='{x:g}' y='{y:g}' font-size='{size}' fill='{fill}' text-anchor='{anchor}'{rest}>"
        f"{escape(content)}</text>"
    )


def box(x: float, y: float, width: float, height: float, fill: str) -> str:
    """A filled box with round corners."""
    return f"<rect x='{x:g}' y='{y:g}' width='{width:g}' height='{height:g}' rx='5' fill='{fill}'/>"


def arrow(*points: tuple[float, float]) -> str:
    """A line through points, with a tip at the last."""
    path = " ".join(f"{x:g},{y:g}" for x, y in points)
    return (
        f"<polyline points='{path}' fill='none' stroke='{GREY}' stroke-width='1.5' marker-end='url(#tip)'/>"
    )
