"""Where `ganzoo-sample` writes to: single files, a sheet or a film; checked before TensorFlow is imported.

`asked` is a `ganzoo.cli.sample_request.Request`.
"""

from pathlib import Path

from absl import flags

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.pictures import films
from ganzoo.pictures.picture_files import FORMATS, SHEETS, refuse_others
from ganzoo.sampling import latent_files


def is_film(out: Path, form: str | None) -> bool:
    """Whether the ending is one that only films have, or that they have as well."""
    return form is None and out.suffix.lower() in films.ENDINGS


def form_of(values: flags.FlagValues, given: set[str]) -> str | None:
    """The format of single files, None for a sheet or a film."""
    out, ending = Path(values.out), Path(values.out).suffix.lower()
    is_folder = values.out.endswith(("/", "\\")) or out.is_dir() or not ending
    moves = bool(values.walk)
    if is_folder and not (values.walk or values.invert):
        for name in ("columns", "gap", "fps"):
            if name in given:
                raise UsageError(f"--{name} says nothing of single files in the folder {out}; leave it out")
        if values.format not in FORMATS:
            raise unknown("format", values.format, FORMATS)
        if values.enhance != "none" and values.scale is None:
            raise UsageError(f"--enhance {values.enhance} enlarges; say how much, e.g. --scale 4")
        return values.format
    if "format" in given:
        raise UsageError("--format is of single files in a folder: give --out FOLDER/ or leave it out")
    if moves or (values.latents and ending in (".gif", ".mp4")):
        fitting = films.ENDINGS
    else:
        fitting = SHEETS
        if ending in films.ENDINGS and ending not in fitting:
            raise UsageError(f"{out} is a film's name, and a film needs a way to go: --walk 1,2,3,1")
    if is_folder or ending not in fitting:
        what = "a film" if fitting is films.ENDINGS else "a sheet"
        raise UsageError(f"--out is {values.out}, but {what} ends in {', '.join(fitting)}")
    if "fps" in given and fitting is not films.ENDINGS and not values.latents:
        raise UsageError("--fps says nothing without --walk; give both or leave it out")
    return None


def check_out(asked, overwrite: bool) -> None:
    """Raises UsageError where the target cannot be written, or holds what must not be replaced."""
    out = asked.out
    if not out.parent.is_dir():
        raise UsageError(f"--out is {out}, but there is no folder {out.parent}; make it first")
    if asked.form is None:
        there = [path for path in (out, asked.sidecar) if path.exists()]
        if there and not overwrite:
            raise UsageError(f"{there[0]} exists already; --overwrite replaces it")
        if any(path.is_dir() for path in there):
            raise UsageError(f"{out} and {asked.sidecar.name} are to be files, but one of them is a folder")
        if there:
            _refuse_other_sheet(asked)
    elif out.exists() and (not out.is_dir() or any(out.iterdir())):
        if not out.is_dir():
            raise UsageError(f"--out is {out}, which is a file; name a folder")
        refuse_others(out)
        if not overwrite:
            raise UsageError(f"{out} holds pictures already; --overwrite replaces them")


def _refuse_other_sheet(asked) -> None:
    """Raises UsageError unless the JSON beside says that the picture there is one of ours."""
    out, sidecar = asked.out, asked.sidecar
    try:
        if latent_files.read(sidecar).about.get("file", out.name) == out.name:
            return
    except DataError:
        pass
    mine = sidecar if sidecar.exists() and not out.exists() else out
    raise UsageError(
        f"{mine} was not written by this command (no {sidecar.name} beside it that says so), so --overwrite "
        "leaves it alone; give --out another name"
    )


def check_size(asked, given: set[str]) -> None:
    """Raises UsageError for a sheet or film that is too large, or that the model's output cannot make."""
    shape, ending = asked.shape, asked.out.suffix.lower()
    if not asked.family.output.can_be_shown:
        raise UsageError(f"{asked.word} makes no pictures in grey or colour but {shape}")
    if asked.form is not None:
        return
    asked.style.check_sheet(2 if asked.picture else asked.per_frame or asked.total, shape, ending)
    if asked.per_frame:
        size = asked.style.sheet_size(asked.per_frame, shape)
        films.check(ending, asked.total // asked.per_frame, *size, asked.fps)
    elif "fps" in given:
        raise UsageError("--fps says nothing of a sheet; give --out a .gif or .mp4, or leave it out")
