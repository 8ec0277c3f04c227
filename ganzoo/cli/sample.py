"""`ganzoo-sample`: pictures by a trained model, as a sheet, single files or a film."""

import dataclasses
import itertools
import sys
from collections.abc import Iterable, Iterator

from absl import flags

from ganzoo import __version__
from ganzoo.base.lazy import LazyModule, import_tensorflow_quietly
from ganzoo.cli.app import command, define_integer, group
from ganzoo.weights import places

np, layout = LazyModule("numpy"), LazyModule("ganzoo.pictures.layout")
asking = LazyModule("ganzoo.cli.sample_request")  # brings numpy and Pillow, which --help does not need
films, walks = LazyModule("ganzoo.pictures.films"), LazyModule("ganzoo.sampling.walks")
inversion, requests = LazyModule("ganzoo.sampling.inversion"), LazyModule("ganzoo.sampling.requests")
latent_files, picture_files = (
    LazyModule("ganzoo.sampling.latent_files"),
    LazyModule("ganzoo.pictures.picture_files"),
)

ABOUT = """Draws pictures with the model of a run directory, or with weights by folder or by name.
The latents of all pictures are kept beside them, and the same command makes the same pixels again.

  ganzoo-sample runs/dcgan-1 --num 100 --out samples.png          a sheet, and samples.json
  ganzoo-sample runs/dcgan-1 --num 10000 --out pictures/          single files
  ganzoo-sample runs/cgan-1 --class "19th century"                one class
  ganzoo-sample runs/cgan-1 --classes all --num 10                a row for each, from the same latents
  ganzoo-sample runs/dcgan-1 --walk 3,7,9,3 --out walk.gif        a round trip by three seeds
  ganzoo-sample runs/dcgan-1 --latents samples.json --out b.png   the same pictures again
  ganzoo-sample runs/dcgan-1 --invert photo.jpg --out near.png    the nearest picture it can make"""


def define_flags() -> flags.FlagValues:
    """The command's flags."""
    values = flags.FlagValues()

    def define(kind: str, name: str, default, about: str) -> None:
        make = define_integer if kind == "integer" else getattr(flags, f"DEFINE_{kind}")
        make(name, default, about, flag_values=values)

    define("integer", "num", None, "how many pictures; of each class with --classes; default 64, 8 or 1")
    define("integer", "seed", 0, "which ones")
    define("float", "truncation", None, "draw values of latents beyond this anew: more typical, less varied")
    define("string", "class", None, "which class, by name or number; default any")
    define("multi_string", "given", [], "another input, as NAME=VALUE; RUN --help lists what a run takes")
    define("list", "classes", [], "a row for each class from the same latents: all, or names or numbers")
    define(
        "list", "walk", [], "which seeds to walk by, e.g. 3,7,9; ending with the first, the film has no end"
    )
    define("integer", "frames", 30, "how many frames a walk has from one seed to the next")
    define("float", "fps", 20.0, "how many frames of a walk are shown a second")
    define("string", "latents", None, "make the pictures of this .json or .jsonl again")
    define("string", "invert", None, "look for the nearest to this picture that the model can make")
    define("integer", "steps", 300, "how many steps the search takes")
    define("integer", "restarts", 16, "how many latents the search begins with, all at once")
    define("string", "features", "none", "compare by these features besides pixels, e.g. mobilenet")
    define("string", "checkpoint", "best", "which state: best, last or its images seen")
    define(
        "string",
        "out",
        "samples.png",
        "where to: a sheet (.png, .webp, .jpg), a film (.gif, .webp, .mp4) or a folder",
    )
    define("string", "format", "png", "how single files are written: png, webp or jpg")
    define("boolean", "overwrite", False, "replace what is there")
    define(
        "integer",
        "columns",
        None,
        "how many pictures a row of a sheet has; default squarish, without holes",
    )
    define("integer", "gap", None, "how many pixels lie between the pictures of a sheet; default 2")
    define(
        "integer",
        "scale",
        None,
        "how many times to enlarge; default a sheet up to 1,000 pixels, a film to 256 or more, files once",
    )
    define("string", "enhance", "none", "how to enlarge: none (the pixels) or lanczos (smooth)")
    return group(
        values,
        {
            "what is drawn": "num seed truncation class classes given latents checkpoint",
            "a way between pictures": "walk frames fps",
            "the nearest to a picture": "invert steps restarts features",
            "where to, and how it looks": "out format overwrite columns gap scale enhance",
        },
    )


def main(values: flags.FlagValues, word: str) -> None:
    """Checks what is asked for, draws it and writes it."""
    asked = asking.request(values, word)
    import_tensorflow_quietly()
    gan = asked.trained.load(asked.checkpoint)
    if unfinished := asked.trained.unfinished(gan):
        print(unfinished)
    if asked.picture is not None:
        return draw_nearest(asked, gan)
    latents = asked.kept or drawn(asked, gan)
    if asked.kept is not None and asked.kept.about.get("generator") != gan.fingerprint:
        print(
            f"{values.latents} is of another state ({asked.kept.about.get('model')}, "
            f"{asked.kept.about.get('images_seen')} images seen): the pictures will differ; see --checkpoint"
        )
    inputs = {**latents.inputs, **(asked.given if asked.kept is not None else {})}
    made = counted(gan.stream(latents.values, **inputs), asked.total)
    images = (asked.family.output.as_pictures(batch) for batch in made)
    if asked.form is not None:
        save_folder(asked, latents, images)
    else:
        save_file(asked, latents, images)
    return None


def drawn(asked, gan) -> "latent_files.Latents":
    """The latents and inputs of a request."""
    values = [gan.latents(asked.num, seed, asked.truncation) for seed in asked.stops or (asked.seed,)]
    stops, rows = np.tile(np.stack(values), (1, max(1, len(asked.classes)), 1)), asked.given
    if asked.classes:
        rows = {**rows, "label": np.repeat(np.asarray(asked.classes, np.int32), asked.num)}
    inputs = gan.inputs(stops.shape[1], (asked.stops or (asked.seed,))[0], **rows)
    if asked.stops:
        closed = asked.closed
        moments = walks.walk(stops[:-1] if closed else stops, asked.frames, closed)
    else:
        moments = stops
    inputs = {name: np.concatenate([value] * len(moments)) for name, value in inputs.items()}
    return latent_files.Latents(np.concatenate(moments), inputs, about(asked, gan))


def about(asked, gan) -> dict:
    """What the JSON says of all pictures; nothing of where on this machine the model lies."""
    label = asked.family.label
    said = {
        "model": places.public_name(asked.word, asked.trained.config),
        "ganzoo": __version__,
        "images_seen": int(gan.images_seen.numpy()),
        "generator": gan.fingerprint,
        "seed": list(asked.stops) or asked.seed,
        "truncation": asked.truncation,
    }
    if label is not None:
        chosen = asked.classes or (() if asked.label is None else (asked.label,))
        said["classes"] = [label.plain(one) for one in chosen] or "any"
    if asked.style.columns is not None:
        said["columns"] = asked.style.columns
    if asked.stops:
        said |= {"per_frame": asked.per_frame, "frames": asked.frames, "fps": asked.fps}
    return said


def save_folder(asked, latents, images) -> None:
    """Writes single files."""
    files = picture_files.names(asked.form)
    lines = itertools.chain(
        [latent_files.header(latents.about)], latent_files.lines(latents, asked.family.inputs, files)
    )
    picture_files.save_folder(asked.out, images, asked.form, asked.style, lines)
    print(f"{asked.total:,} pictures are in {asked.out}, their latents in {picture_files.LINES} there")


def save_file(asked, latents, images) -> None:
    """Writes a sheet or a film, and the JSON beside it."""
    shape = asked.shape
    if asked.per_frame:
        frames = (
            asked.style.sheet(each, asked.per_frame, shape) for each in grouped(images, asked.per_frame)
        )
        films.save(asked.out, frames, asked.fps)
        what = f"{asked.total // asked.per_frame:,} frames"
    else:
        picture_files.save(asked.out, asked.style.sheet(images, asked.total, shape))
        what = f"{asked.total:,} pictures"
    save_sidecar(asked, latents)
    print(f"{what} are in {asked.out}, their latents in {asked.sidecar}")


def save_sidecar(asked, latents) -> None:
    """Writes the JSON; pictures without theirs are not left behind."""
    try:
        about = {**latents.about, "file": asked.out.name}
        latent_files.write(asked.sidecar, dataclasses.replace(latents, about=about), asked.family.inputs)
    except BaseException:
        asked.out.unlink()
        raise


def counted(batches: "Iterable[np.ndarray]", total: int) -> "Iterator[np.ndarray]":
    """The batches, under a bar where somebody watches."""
    from ganzoo.data.bar import Bar

    bar = Bar("pictures", total)
    for batch in batches:
        yield batch
        bar.add(len(batch))


def grouped(batches: "Iterable[np.ndarray]", size: int) -> "Iterator[list[np.ndarray]]":
    """Pictures out of batches, `size` at a time: lists of one batch each."""
    pictures = (picture for batch in batches for picture in batch)
    while group := list(itertools.islice(pictures, size)):
        yield [np.stack(group)]


def draw_nearest(asked, gan) -> None:
    """Writes a picture beside the nearest that the model makes."""
    from ganzoo.data.bar import Bar

    picture = requests.decode_picture(asked.picture, asked.family.output)
    bar, done = Bar("searching", asked.steps), 0

    def watch(step: int, loss: float) -> None:
        nonlocal done
        bar.add(step - done, f"loss {loss:.4f}")
        done = step

    found = inversion.invert(
        gan,
        picture,
        labels=asked.label,
        **{name: value for name, value in asked.given.items() if name != "label"},
        steps=asked.steps,
        restarts=asked.restarts,
        seed=asked.seed,
        features=asked.features,
        watch=watch,
    )
    both = [picture[None], layout.to_uint8(found.image)[None]]
    picture_files.save(asked.out, asked.style.sheet(both, 2, picture.shape))
    searched = {"steps": asked.steps, "restarts": asked.restarts}
    searched |= {"first_loss": found.first_loss, "loss": found.loss, "pixel_error": found.pixel_error}
    inputs = {} if found.label is None else {"label": np.asarray([found.label], np.int32)}
    said = {**about(asked, gan), "columns": 1, "invert": {**searched, "features": asked.features}}
    save_sidecar(asked, latent_files.Latents(found.latent[None], inputs, said))
    print(
        f"the picture beside its nearest is in {asked.out}, the latent in {asked.sidecar}; "
        f"the loss fell from {found.first_loss:.4f} to {found.loss:.4f}"
    )


def inputs_of(word: str) -> list[str]:
    """What samples of a run or of weights may be given, for `ganzoo-sample RUN --help`."""
    from ganzoo.training.trained import find

    lines = requests.explain(find(word).config.family)
    if not lines:
        return [f"{word} takes nothing but a seed"]
    return [f"{word} takes, by --given:", *(f"  {line}" for line in lines)]


def run() -> None:
    """Entry point of the console script."""
    words = ("RUN|WEIGHTS",)
    sys.exit(command("ganzoo-sample", ABOUT, define_flags(), main, positional=words, help_of=inputs_of))


if __name__ == "__main__":
    run()
