"""One picture: every mode and turn comes out right, and shrinking early costs nothing that can be seen."""

import io

import numpy as np
import PIL
import pytest
from PIL import Image

from ganzoo.data.cleaning import Rules, Verdict, clean, difference_hash

LEFT, RIGHT = (200, 40, 30), (20, 60, 180)
SIZE = 32


def two_colours(size=(120, 80)) -> Image.Image:
    """Red to the left, blue to the right, the lower quarter white: mirrored or turned it looks different."""
    image = Image.new("RGB", size, LEFT)
    image.paste(RIGHT, (size[0] // 2, 0, size[0], size[1]))
    image.paste((255, 255, 255), (0, size[1] * 3 // 4, size[0], size[1]))
    return image


def saved(image: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def cleaned(data: bytes, name: str = "x.png", **rules) -> Verdict:
    return clean(data, name, Rules(**{"size": SIZE} | rules))


def image_of(data: bytes, name: str = "x.png", **rules) -> np.ndarray:
    verdict = cleaned(data, name, **rules)
    assert verdict.accepted, verdict.reason
    return verdict.images[0].astype(int)


def close(image: np.ndarray, tolerance: int = 12) -> bool:
    expected = np.asarray(two_colours().resize((SIZE, SIZE), Image.Resampling.BILINEAR, box=(20, 0, 100, 80)))
    flat = [(8, 6), (8, 26), (28, 6), (28, 26)]  # points away from the edges
    return all(np.abs(image[point] - expected.astype(int)[point]).max() <= tolerance for point in flat)


OLD = int(PIL.__version__.split(".")[0]) < 13  # reads no uncompressed YCbCr, its own neither (its issue 9770)
BARE = pytest.param("YCbCr", marks=pytest.mark.skipif(OLD, reason="Pillow reads it from 13 on"))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "CMYK", "P", BARE, "LAB"])
def test_colour_modes(mode):
    kind = {"CMYK": "TIFF", "YCbCr": "TIFF", "LAB": "TIFF"}.get(mode, "PNG")
    if mode == "LAB":
        from PIL import ImageCms

        to_lab = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        picture = ImageCms.applyTransform(two_colours(), to_lab)
    else:
        picture = two_colours().convert(mode)
    assert close(image_of(saved(picture, kind)), 25)


def test_jpeg_in_a_tiff_is_ycbcr():
    assert close(image_of(saved(two_colours(), "TIFF", compression="jpeg")), 25)


def test_cmyk_jpeg_is_not_inverted():
    assert close(image_of(saved(two_colours().convert("CMYK"), "JPEG", quality=95), "x.jpg"), 25)


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_of_grey_keep_their_range(kind):
    ramp = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    image = image_of(saved(Image.fromarray(ramp), kind))
    assert image.min() <= 4 and image.max() >= 251 and abs(image.mean() - 127.5) < 2


def test_floats_and_bits():
    ramp = np.linspace(0, 1, 64 * 64, dtype=np.float32).reshape(64, 64)
    assert abs(image_of(saved(Image.fromarray(ramp), "TIFF")).mean() - 127.5) < 2
    bits = two_colours().convert("1")
    assert set(np.unique(image_of(saved(bits)) > 128)) == {False, True}


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P"])
def test_transparency_is_over_white(mode):
    layer = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    layer.paste((0, 0, 0, 255), (0, 0, 32, 64))
    options = {}
    if mode == "P":
        layer, options = Image.new("P", (64, 64), 1), {"transparency": 1}
        layer.putpalette([0, 0, 0, 0, 255, 0])
        layer.paste(0, (0, 0, 32, 64))
    else:
        layer = layer.convert(mode)
    image = image_of(saved(layer, **options))
    assert (image[:, :15] == 0).all() and (image[:, 17:] == 255).all()


def test_large_transparent_pictures_are_converted_in_strips():
    layer = two_colours((3000, 2000)).convert("RGBA")
    layer.putalpha(Image.new("L", layer.size, 255))
    assert close(image_of(saved(layer, compress_level=1)), 3)


@pytest.mark.parametrize("turn", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_turned_pictures_stand_upright(turn, kind):
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that the viewer has to undo
    stored = two_colours((480, 320))
    stored = stored.transpose(Image.Transpose(back[turn])) if turn > 1 else stored
    exif = Image.Exif()
    exif[0x0112] = turn
    assert close(image_of(saved(stored, kind, exif=exif.tobytes()), f"x.{kind.lower()}"))


def test_animations_give_their_first_frame():
    frames = [two_colours(), Image.new("RGB", (120, 80), (9, 250, 9))]
    for kind in ("GIF", "WEBP", "PNG"):
        data = saved(frames[0], kind, save_all=True, append_images=frames[1:])
        assert close(image_of(data, "x." + kind.lower()), 25)


def test_grey_output():
    image = image_of(saved(two_colours()), channels=1)
    assert image.shape == (SIZE, SIZE, 1) and abs(image[8, 6, 0] - 86) < 5


def test_crops():
    ramp = np.repeat(np.linspace(0, 255, 192, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    data = saved(Image.fromarray(ramp))
    centre, squeezed = image_of(data), image_of(data, crop="none")
    assert centre.min() > 80 and centre.max() < 175
    assert squeezed.min() < 8 and squeezed.max() > 247
    several = cleaned(data, crop="random:40").images
    means = several.mean(axis=(1, 2, 3))
    assert several.shape == (40, SIZE, SIZE, 3) and means.min() < 80 and means.max() > 175
    assert (several == cleaned(data, crop="random:40").images).all()  # drawn by the contents, not by chance


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    return 10 * np.log10(255**2 / max(1e-9, ((a.astype(float) - b) ** 2).mean()))


@pytest.mark.parametrize("shape", [(1400, 1009), (701, 700), (515, 1001), (257, 256), (130, 129)])
def test_shrinking_while_decoding_is_as_good_as_decoding_all(shape):
    rng = np.random.default_rng(3)
    picture = Image.fromarray(rng.integers(0, 256, (40, 40, 3), dtype=np.uint8)).resize(
        shape, Image.Resampling.BICUBIC
    )
    data = saved(picture, "JPEG", quality=90)
    full = Image.open(io.BytesIO(data)).convert("RGB")
    short, (width, height) = min(shape), shape
    box = ((width - short) / 2, (height - short) / 2, (width + short) / 2, (height + short) / 2)
    expected = np.asarray(full.resize((64, 64), Image.Resampling.BILINEAR, box=box))
    assert psnr(image_of(data, "x.jpg", size=64), expected) > 40


def test_never_shrunk_below_twice_the_target(monkeypatch):
    from ganzoo.data import convert

    sides = []
    flatten = convert.flatten
    monkeypatch.setattr(convert, "flatten", lambda image: sides.append(min(image.size)) or flatten(image))
    for short in (128, 255, 256, 257, 511, 513, 1000):
        cleaned(saved(two_colours((short + 31, short)), "JPEG"), "x.jpg", size=64)
    assert len(sides) == 7 and all(128 <= side < 257 for side in sides)


@pytest.mark.parametrize(
    ("size", "rules", "reason"),
    [
        ((20, 90), {}, "too small: 20x90"),
        ((40, 360), {}, "extreme aspect ratio: 40x360"),
        ((101, 100), {"max_pixels": 10_000}, "too many pixels: 101x100"),
    ],
)
def test_refused_by_shape(size, rules, reason):
    verdict = cleaned(saved(two_colours(size)), **rules)
    assert not verdict.accepted and verdict.reason.startswith(reason)
    assert (verdict.width, verdict.height, verdict.format, verdict.mode) == (*size, "PNG", "RGB")


def test_small_ones_are_enlarged_when_asked():
    assert image_of(saved(two_colours((20, 30))), upscale=True).shape == (SIZE, SIZE, 3)


def test_names_that_lie_are_said():
    assert cleaned(saved(two_colours()), "x.jpg").reason == "named otherwise: PNG named .jpg"
    assert cleaned(saved(two_colours(), "JPEG"), "x.jpeg").reason == ""
    assert cleaned(saved(two_colours()), "x").reason.startswith("named otherwise")


def test_similar_pictures_have_similar_hashes():
    rng = np.random.default_rng(4)
    pictures = [
        Image.fromarray(rng.integers(0, 256, (9, 9, 3), dtype=np.uint8)).resize((64, 64)) for _ in range(20)
    ]
    hashes = [difference_hash(np.asarray(picture)) for picture in pictures]
    for picture, value in zip(pictures, hashes, strict=True):
        again = Image.open(io.BytesIO(saved(picture, "JPEG", quality=60)))
        assert (difference_hash(np.asarray(again)) ^ value).bit_count() <= 3
    assert min((a ^ b).bit_count() for i, a in enumerate(hashes) for b in hashes[:i]) > 10
