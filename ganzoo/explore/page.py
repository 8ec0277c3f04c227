"""The page of `ganzoo-explore`, made with Gradio: controls, and functions from them to a picture."""

import base64
import json
import os
import secrets
from importlib import resources

from ganzoo.base.errors import GanzooError
from ganzoo.base.lazy import LazyModule
from ganzoo.base.printable import escape
from ganzoo.explore.explorer import Explorer, Made, Wish
from ganzoo.pictures.layout import as_image

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when Gradio is imported; the page tells nobody
gr = LazyModule("gradio")

MOST_DRAWN = 1_000_000  # seeds that are drawn stay short enough to be told to somebody
NO_TRUNCATION = 4.0  # one normal number in 16,000 lies beyond
ANY = -1
SEED = "seed"  # begins the captions of a sheet
LARGEST = "20mb"  # of pictures that are given to the model; of others nothing is uploaded
COARSE = 48  # below this side a picture's pixels are shown as squares
FONTS = ("system-ui", "-apple-system", "Segoe UI", "sans-serif")
MONO = ("ui-monospace", "Consolas", "Menlo", "monospace")  # all of them the device's own


def app(explorer: Explorer):
    """The page as an ASGI application."""
    import fastapi

    theme = gr.themes.Default(primary_hue="stone", neutral_hue="stone", font=FONTS, font_mono=MONO)
    return gr.mount_gradio_app(
        fastapi.FastAPI(openapi_url=None),
        blocks(explorer),
        "/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=LARGEST if any(not kind.is_plain for kind in explorer.others.values()) else 1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=theme,
        css=resources.files("ganzoo.explore").joinpath("page.css").read_text(encoding="utf-8"),
    )


def blocks(explorer: Explorer) -> "gr.Blocks":
    """The page's parts and what happens when they are used."""
    made = explorer.make(Wish())
    with gr.Blocks(title=f"ganzoo: {explorer.word}", analytics_enabled=False, fill_width=False) as page:
        gr.HTML(heading(explorer), elem_id="heading")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=5, min_width=300):
                picture = gr.HTML(figure(made), elem_id="picture")
                said = gr.HTML(sentence(made), elem_id="said")
                another = gr.Button("Another picture", variant="primary", elem_id="another")
                links = gr.HTML(downloads(made), elem_id="links")
                with gr.Row():
                    more = gr.Button("A sheet to choose from", elem_id="more")
                    roll = gr.Button("Film of the way", elem_id="roll")
                looks = {"columns": 4, "show_label": False, "allow_preview": False, "format": "png"}
                sheet = gr.Gallery(visible=False, elem_id="sheet", **looks)
                film = gr.HTML(visible=False, elem_id="film")
            with gr.Column(scale=4, min_width=300):
                controls = _controls(explorer)
                command = gr.Textbox(
                    made.command,
                    label="The same picture again, in a terminal",
                    info="With --latents, save the recipe first.",
                    lines=3,
                    interactive=False,
                    buttons=["copy"],
                    elem_id="command",
                )
                with gr.Accordion("Recipe", open=False, elem_id="recipe"):
                    recipe = gr.HTML(listing(made))
        show, draw = _functions(explorer)
        lay_out, choose, wind = _of_many(explorer, show)
        results = [picture, said, links, command, recipe]
        quietly = {"show_progress": "hidden", "concurrency_id": "picture", "api_visibility": "private"}
        seed, share = controls[0], controls[4]
        another.click(draw, controls, [seed, share, *results], **quietly)
        # Of the values that a slider passes, those that come while a picture is made are left out.
        gr.on([one.input for one in controls], show, controls, results, trigger_mode="always_last", **quietly)
        more.click(lay_out, controls, [sheet, said], **quietly)
        roll.click(wind, controls, [film, said], **quietly)
        sheet.select(choose, controls, [seed, share, *results], **quietly)
    return page


def _controls(explorer: Explorer) -> list:
    """Seed, class, truncation, second seed, share, other inputs: the order in which functions take them."""
    classes = [("any", ANY), *((name, i) for i, name in enumerate(explorer.classes))]
    wish = Wish()
    with gr.Group():
        seed = gr.Number(wish.seed, label="Seed", precision=0, elem_id="seed")
        label = gr.Dropdown(
            classes, value=ANY, label="Class", visible=bool(explorer.classes), elem_id="class"
        )
        truncation = gr.Slider(
            *(0.1, NO_TRUNCATION, NO_TRUNCATION),
            step=0.1,
            label="Truncation",
            info=f"Lower: more typical, less varied. {NO_TRUNCATION:g}: none.",
            visible=explorer.truncates,
            elem_id="truncation",
        )
    with gr.Group():
        end = gr.Number(wish.end, label="Second seed", precision=0, elem_id="end")
        share = gr.Slider(
            *(0.0, 1.0, wish.share),
            step=0.01,
            label="Between the two",
            info="0: the first, 1: the second.",
            elem_id="share",
        )
    with gr.Group(visible=bool(explorer.others)):
        others = [_given(name, kind, explorer.given.get(name)) for name, kind in explorer.others.items()]
    return [seed, label, truncation, end, share, *others]


def _given(name: str, kind, word: str | None):
    """The control of an input: a line for words, a place for a picture."""
    if kind.is_plain:
        return gr.Textbox(word or "", label=name, info=kind.describe(), elem_id=f"given-{name}")
    return gr.Image(word, label=name, type="filepath", sources=["upload"], elem_id=f"given-{name}")


def _functions(explorer: Explorer):
    """What the page calls: `show` for the controls as they stand, `draw` for a new seed."""

    def show(*values):
        try:
            made = explorer.make(_wish(explorer, *values))
        except GanzooError as error:  # the picture stays, with a sentence below
            return gr.skip(), refusal(error), gr.skip(), gr.skip(), gr.skip()
        return figure(made), sentence(made), downloads(made), made.command, listing(made)

    def draw(seed, label, truncation, end, share, *words):
        drawn = secrets.randbelow(MOST_DRAWN)
        drawn += drawn == seed
        return drawn, 0.0, *show(drawn, label, truncation, end, 0.0, *words)

    return show, draw


def _wish(explorer: Explorer, seed, label, truncation, end, share, *words) -> Wish:
    """What the controls ask for."""
    return Wish(
        seed=seed,
        truncation=truncation if explorer.truncates and truncation < NO_TRUNCATION else None,
        label=None if label in (None, ANY) else label,
        end=end,
        share=share,
        given=dict(zip(explorer.others, words, strict=True)),
    )


def _of_many(explorer: Explorer, show):
    """What the page calls for a sheet, for a choice from it, and for a film."""

    def lay_out(*values):
        try:
            found = explorer.sheet(_wish(explorer, *values))
        except GanzooError as error:
            return gr.skip(), refusal(error)
        pictures = [(as_image(pixels), f"{SEED} {seed}") for seed, pixels in found]
        return gr.Gallery(pictures, visible=True), gr.skip()

    def choose(event: gr.SelectData, *values):
        seed = int(event.value["caption"].removeprefix(SEED))
        return seed, 0.0, *show(seed, *values[1:4], 0.0, *values[5:])

    def wind(*values):
        try:
            content = explorer.film(_wish(explorer, *values))
        except GanzooError as error:
            return gr.skip(), refusal(error)
        name = f"{explorer.config.model}-{values[0]}-to-{values[3]}.gif"
        return gr.HTML(moving(content, name), visible=True), gr.skip()

    return lay_out, choose, wind


# ---- the parts in HTML ---------------------------------------------------------------------------


def heading(explorer: Explorer) -> str:
    """What is explored, and how far it has come."""
    height, width, _ = explorer.family.output.shown_shape
    facts = f"{explorer.config.model}, {width}x{height} pixels, {explorer.images_seen:,} images seen"
    return f"<h1>{escape(explorer.word)}</h1><p>{escape(facts)}</p>"


def figure(made: Made) -> str:
    """The picture."""
    kind = ' class="coarse"' if max(made.pixels.shape[:2]) < COARSE else ""
    return f'<img{kind} src="{_inside("image/png", made.png())}" alt="{escape(words(made))}">'


def sentence(made: Made) -> str:
    """What the picture is, for people."""
    return f'<p role="status">{escape(words(made))}</p>'


def refusal(error: GanzooError) -> str:
    """Why there is no new picture."""
    return f'<p role="alert">{escape(str(error))}</p>'


def words(made: Made) -> str:
    """A line such as "Seed 3 to 9 (25 %), class 7, truncation 0.5"."""
    about = made.latents.about
    between = about.get("between")
    parts = [f"Seed {about['seed']}"]
    if between:
        parts[0] += f" to {between['end']} ({between['share']:.0%})"
    parts += [f"class {one}" for one in about.get("classes", ())]
    parts += [f"truncation {about['truncation']:g}"] if about["truncation"] is not None else []
    return ", ".join(parts)


def downloads(made: Made) -> str:
    """Links to the picture, the picture enlarged and the recipe, all of them inside the page."""
    scale, (height, width) = made.enlargement, made.pixels.shape[:2]
    large = f"{width * scale}x{height * scale}"
    files = (
        (f"Save {width}x{height}", f"{made.name}.png", "image/png", made.png()),
        (f"Save {large}", f"{made.name}-{large}.png", "image/png", made.png(scale)),
        ("Save recipe", f"{made.name}.json", "application/json", made.recipe.encode()),
    )
    links = (
        f'<a download="{escape(name)}" href="{_inside(kind, content)}">{label}</a>'
        for label, name, kind, content in files
    )
    return f"<p>{''.join(links)}</p>"


def moving(content: bytes, name: str) -> str:
    """A film, and a link that saves it, inside the page."""
    source = _inside("image/gif", content)
    link = f'<a download="{escape(name)}" href="{source}">Save film</a>'
    return f'<img src="{source}" alt="the way from one seed to the other and back"><p>{link}</p>'


def listing(made: Made) -> str:
    """The recipe to read: without the latent."""
    return f"<pre>{escape(json.dumps(made.about, indent=1, ensure_ascii=False))}</pre>"


def _inside(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
