"""One file of unknown contents to one verdict: a square picture, or the reason why not."""

import contextlib
import io
import warnings
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from ganzoo.data import convert, cuts, foreign, mended, order
from ganzoo.data.convert import Rejected
from ganzoo.data.data_config import CROPS, RIGHT, WHOLE, DataConfig, crop_copies

# Formats of pictures. Not EPS, which starts another program; nor formats without a signature.
FORMATS = [
    "JPEG",
    "PNG",
    "GIF",
    "WEBP",
    "BMP",
    "DIB",
    "TIFF",
    "PPM",
    "JPEG2000",
    "AVIF",
    "ICO",
    "PSD",
    "PCX",
]
_ENDINGS = {
    "JPEG": "jpg jpeg jpe jfif mpo",
    "MPO": "jpg jpeg mpo",
    "JPEG2000": "jp2 j2k jpc jpx j2c",
    "TIFF": "tif tiff",
    "PPM": "ppm pgm pbm pnm pfm",
    "BMP": "bmp dib",
    "DIB": "dib bmp",
    "AVIF": "avif avifs",
}
_SIGNATURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8", b"BM", b"II*\0", b"MM\0*", b"\0\0\0\x0cjP")
# What decoding takes: Pillow's own four bytes a pixel, and what the codec holds besides (a progressive JPEG
# all its coefficients). Measured as the growth of resident memory by pictures of 12 million pixels (JPEG
# 6.7, lossless WebP 17.8, AVIF 4:4:4 11.1, JPEG 2000 with alpha 24.2); AVIF with room for ten bits and alpha.
_BYTES_PER_PIXEL = {"JPEG": 6.7, "MPO": 6.7, "WEBP": 18, "AVIF": 20, "JPEG2000": 25}
_BYTES_PER_CMYK_PIXEL = 8.5
_MEMORY = 650 * 2**20  # a picture whose decoding takes more than this is not read
_FLAT = 2  # a picture whose channels each vary by no more than this is of a single colour


@dataclass(frozen=True)
class Rules:
    """What is asked of a picture, and what it becomes."""

    size: int
    channels: int = 3
    crop: str = "center"
    upscale: bool = False
    max_pixels: int = 100_000_000
    max_aspect: float = 8.0
    bits: int = 0
    part: str = WHOLE

    @staticmethod
    def of(config: DataConfig, size: int, channels: int) -> "Rules":
        asked = (config.crop, config.upscale, config.max_pixels, config.max_aspect, config.bits, config.part)
        return Rules(size, channels, *asked)


@dataclass
class Verdict:
    """What became of one file.

    `images` is uint8 `(copies, size, size, channels)`; of a rejected file one thumbnail, or None.
    """

    accepted: bool = False
    reason: str = ""  # why rejected, or what there is to say of an accepted one: "category: details; ..."
    images: np.ndarray | None = None
    format: str = ""
    width: int = 0
    height: int = 0
    mode: str = ""
    hash: int = 0  # 64 bits that similar pictures share, see `difference_hash`


def clean(data: bytes, name: str, rules: Rules, key: int = 0, alone=contextlib.nullcontext) -> Verdict:
    """Decodes, converts and cuts one file; whatever its bytes are, the answer is a verdict.

    Args:
        data: contents of the file.
        name: its name, to tell when its ending names another format.
        rules: what is asked.
        key: 64 bits of the contents' checksum; random crops are drawn by it.
        alone: given the number of pixels, the context to decode them in.
    """
    verdict, notes = Verdict(), []
    try:
        if not data:
            raise Rejected("empty file")
        if why := foreign.reason_of(data[:1100], name):
            raise Rejected(why)
        with _unlimited(), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of damaged metadata: the verdict is about the pixels
            picture = _picture(data, name, verdict, rules, alone, notes)
        notes += picture.notes
        verdict.images = _cut(picture, rules, key)
        if all(int(copy.max()) - int(copy.min()) <= _FLAT for copy in np.moveaxis(verdict.images, -1, 0)):
            dark = next((note for note in picture.notes if "bits used" in note), "")
            raise Rejected(f"{dark}, which leaves a single colour" if dark else "single colour")
        verdict.hash = difference_hash(verdict.images[0])
        verdict.accepted = True
        verdict.reason = "; ".join(filter(None, [_note(name, verdict.format), *notes]))
    except Rejected as rejected:
        verdict.reason, verdict.images = str(rejected), None if verdict.images is None else verdict.images[:1]
    return verdict


def _picture(
    data: bytes, name: str, verdict: Verdict, rules: Rules, alone, notes: list[str]
) -> "convert.Loaded":
    """The decoded picture; what viewers show and Pillow refuses is mended, and noted."""
    try:
        return _decoded(data, name, verdict, rules, alone)
    except Rejected as rejected:
        cause = rejected.__cause__
        if verdict.images is not None or cause is None:
            raise
        if mended.is_too_much_text(cause):
            picture = _decoded(mended.without_text(data), name, verdict, rules, alone)
            notes.append("text left out: more of it, or a larger colour profile, than is read")
            return picture
        if not (mended.lacks_its_end(data) and str(rejected).startswith("truncated")):
            raise
        try:
            one, other = (_decoded(each, name, verdict, rules, alone) for each in mended.with_end(data))
        except Rejected:
            raise rejected from cause
        if one.image.tobytes() != other.image.tobytes():
            raise
        notes.append("no end: the last bytes of the file are missing, and nothing of the picture")
        return one


def _decoded(data: bytes, name: str, verdict: Verdict, rules: Rules, alone) -> "convert.Loaded":
    """Opens and decodes a file that fits the rules; of one that does not, a thumbnail goes to the verdict."""
    with _open(data, name) as image:
        verdict.format, verdict.mode = image.format or "", image.mode
        verdict.width, verdict.height = image.size
        _check_size(image, rules, len(data))
        unfit = _check_shape(image, rules)
        with alone(image.width * image.height):
            least = 2 * rules.size * (1 if rules.part == WHOLE else 2)  # that shrinking leaves
            picture = convert.load(image, least, rules.bits)
        if (picture.extent[0] > picture.extent[1]) != (verdict.width > verdict.height):  # it was lying
            verdict.width, verdict.height = verdict.height, verdict.width
        if unfit:
            verdict.images = _thumbnail(picture.image, rules)
            raise Rejected(unfit)
    return picture


@contextlib.contextmanager
def _unlimited():
    """Pillow's own limit on pixels off: ours is a rule, checked from the header."""
    limit, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def _open(data: bytes, name: str) -> Image.Image:
    Image.init()
    try:
        return Image.open(io.BytesIO(data), formats=[kind for kind in FORMATS if kind in Image.OPEN])
    except UnidentifiedImageError:
        known = data.startswith(_SIGNATURES) or data[8:12] in (b"WEBP", b"avif")
        why = "undecodable: damaged or truncated header" if known else foreign.unknown_reason(data[:8], name)
        raise Rejected(why) from None
    except Exception as error:  # damaged headers make decoders raise nearly anything
        raise Rejected(convert.failure(error)) from error


def _check_size(image: Image.Image, rules: Rules, file_size: int) -> None:
    width, height = image.size
    if min(image.size) < 1:
        raise Rejected("undecodable: no pixels")
    each = _BYTES_PER_CMYK_PIXEL if image.mode == "CMYK" else _BYTES_PER_PIXEL.get(image.format, 4)
    limit = max(0, min(rules.max_pixels, int((_MEMORY - 2 * file_size) / each)))
    if width * height > limit:
        raise Rejected(f"too many pixels: {width}x{height}, the limit is {limit}")


def _check_shape(image: Image.Image, rules: Rules) -> str:
    width, height = image.size
    own = max(1, width // 2) if rules.part != WHOLE else width
    if max(own, height) > rules.max_aspect * min(own, height):
        return f"extreme aspect ratio: {width}x{height}"
    if min(own, height) < rules.size and not rules.upscale:
        return f"too small: {width}x{height}"
    return ""


def _thumbnail(image: Image.Image, rules: Rules) -> np.ndarray:
    """The whole picture within the square, for the sheet of rejected ones."""
    mode, side = ("L" if rules.channels == 1 else "RGB"), (rules.size, rules.size)
    scale = min(1.0, rules.size / max(image.size))
    small = image.resize(tuple(max(1, int(scale * length)) for length in image.size)).convert(mode)
    square = Image.new(mode, side, 128 if mode == "L" else (128, 128, 128))
    square.paste(small, ((side[0] - small.width) // 2, (side[1] - small.height) // 2))
    return np.asarray(square).reshape(1, *side, rules.channels)


def _cut(picture: "convert.Loaded", rules: Rules, key: int) -> np.ndarray:
    """The stored copies: one by `data.crop`, or several squares at random places."""
    image, (width, height) = picture.image, picture.extent
    if rules.part != WHOLE:  # cut first: the filter would look across the border
        half = image.width // 2
        left = image.width - half if rules.part == RIGHT else 0
        image, width = image.crop((left, 0, left + half, image.height)), min(width / 2, half)
    side = (rules.size, rules.size)
    mode = "L" if rules.channels == 1 else "RGB"
    if rules.crop in CROPS:
        copies = [cuts.square(image, (width, height), rules.size, rules.crop, mode)]
    else:
        short = min(width, height)
        words = order.philox(key, order.CROP).random_raw(crop_copies(rules.crop)).astype(np.float64) / 2**64
        boxes = [(u * (width - short), u * (height - short)) for u in words.tolist()]
        boxes = [(left, top, min(left + short, width), min(top + short, height)) for left, top in boxes]
        copies = [image.resize(side, Image.Resampling.BILINEAR, box=box).convert(mode) for box in boxes]
    return np.stack([np.asarray(copy).reshape(*side, rules.channels) for copy in copies])


def difference_hash(image: np.ndarray) -> int:
    """64 bits: in a 9x8 grey thumbnail, whether each pixel is lighter than its right neighbour."""
    flat = Image.fromarray(image[..., 0] if image.shape[-1] == 1 else image).convert("L")
    small = np.asarray(flat.resize((9, 8), Image.Resampling.BOX)).astype(np.int16)
    bits = np.packbits(small[:, :-1] > small[:, 1:])
    return int.from_bytes(bits.tobytes(), "big")


def _note(name: str, kind: str) -> str:
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in _ENDINGS.get(kind, kind.lower()).split():
        return ""
    return (
        f"named otherwise: {kind} named .{ending}"
        if ending.isalnum()
        else f"named otherwise: {kind}, no ending"
    )
