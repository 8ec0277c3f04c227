"""Files of other formats are named with what to do; what every viewer shows is taken; few bits are told."""

import io
import subprocess
import tarfile
import zipfile

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from ganzoo.base.errors import DataError, UsageError
from ganzoo.cli import prepare as command
from ganzoo.data import DataConfig, load, prepare
from ganzoo.data.cleaning import Rules, clean
from ganzoo.data.data_config import stored_settings
from ganzoo.data.store import fingerprint


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def picture(seed: int = 0, size=(300, 200), mode="RGB") -> Image.Image:
    channels = (3,) if mode == "RGB" else ()
    noise = np.random.default_rng(seed).integers(0, 256, (7, 9, *channels), dtype=np.uint8)
    return Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC)


def encoded(kind: str, image: Image.Image | None = None, **options) -> bytes:
    buffer = io.BytesIO()
    (image or picture()).save(buffer, kind, **options)
    return buffer.getvalue()


def cleaned(data: bytes, name: str = "x.png", **rules):
    return clean(data, name, Rules(**{"size": 32} | rules))


# ---- what it is and what to do --------------------------------------------------------------------


def boxes(*brands: bytes) -> bytes:
    content = brands[0] + b"\0\0\0\0" + b"".join(brands)
    return (8 + len(content)).to_bytes(4, "big") + b"ftyp" + content + b"\0\0\1\0meta" + bytes(300)


def packed() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("x.png"))
    return buffer.getvalue()


def array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((3, 8, 8), np.uint8))
    return buffer.getvalue()


TIFF = encoded("TIFF", picture(size=(160, 120)))
FOREIGN = [
    ("x.heic", boxes(b"heic", b"mif1"), "HEIC"), ("x.HEIC.jpg", boxes(b"mif1", b"heic"), "HEIC"),
    ("x.jxl", b"\xff\x0a" + bytes(50), "JPEG XL"), ("x", b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(50), "JPEG XL"),
    ("x.cr2", b"II*\0\x10\0\0\0CR\2\0" + bytes(99), "camera raw"), ("x.NEF", TIFF, "camera raw"),
    ("x.arw", TIFF, "camera raw"), ("x.dng", TIFF, "camera raw"), ("x.cr3", boxes(b"crx "), "camera raw"),
    ("x.raf", b"FUJIFILMCCD-RAW 0201" + bytes(99), "camera raw"),
    ("x.rw2", b"IIU\0" + bytes(99), "camera raw"),
    ("x.tar.gz", packed(), "archive"), ("x.7z", b"7z\xbc\xaf\x27\x1c" + bytes(9), "archive"),
    ("x.npy", array(), "NumPy array"), ("x.h5", b"\x89HDF\r\n\x1a\n" + bytes(99), "HDF5"),
    ("x.parquet", b"PAR1" + bytes(99), "Parquet"),
    ("x.svg", b"<?xml version='1.0'?>\n<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG drawing"),
    ("y.svg", b"<svg/>", "SVG drawing"), ("x.pdf", b"%PDF-1.4 ...", "PDF"),
    ("x.mp4", boxes(b"isom", b"mp42"), "video"), ("x.mkv", b"\x1aE\xdf\xa3" + bytes(99), "video"),
    ("x.avi", b"RIFF\0\0\0\0AVI LIST", "video"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "data", "kind"), FOREIGN, ids=[name for name, *_ in FOREIGN])
def test_a_file_of_another_format_says_what_it_is_and_what_to_do(name, data, kind):
    verdict = cleaned(data, name)
    category, _, cure = verdict.reason.partition(": ")
    assert not verdict.accepted and category == kind and cure


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "AVIF", "JPEG2000", "WEBP", "GIF", "BMP", "PPM"])
def test_pictures_are_not_taken_for_anything_else(kind):
    for name in ("x.heic", "x.cr2", "x.npy", "x.svg", "x"):
        verdict = cleaned(encoded(kind), name)
        assert verdict.accepted or (kind, name) == ("TIFF", "x.cr2"), verdict.reason


def test_a_photoshop_file_is_read():
    rows = b"".join(bytes([value]) * 40 * 40 for value in (10, 20, 30))
    head = (
        b"8BPS\0\1" + bytes(6) + b"\0\3" + (40).to_bytes(4, "big") * 2 + b"\0\x08\0\3" + bytes(12) + b"\0\0"
    )
    noise = np.random.default_rng(0).integers(0, 256, (3, 40, 40), dtype=np.uint8).tobytes()
    assert cleaned(head + rows, "x.psd").reason == "single colour"
    assert cleaned(head + noise, "x.psd").accepted


def test_a_folder_of_them_is_one_sentence_with_the_cure(tmp_path):
    (tmp_path / "source").mkdir()
    for number in range(3):
        (tmp_path / "source" / f"{number}.heic").write_bytes(boxes(b"heic") + bytes([number]))
    with pytest.raises(
        DataError, match=r"no usable picture \(3 HEIC\).*HEIC, 3 of the files: convert them to"
    ):
        prepare(str(tmp_path / "source"), tmp_path / "out", size=16, progress=False, workers=1)
    (tmp_path / "source" / "x.png").write_bytes(encoded("PNG"))
    store = prepare(str(tmp_path / "source"), tmp_path / "more", size=16, progress=False, workers=1)
    assert "HEIC, 3 of the files: convert" in "\n".join(command.summary(store.report, "out"))


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("x.tar.gz", packed(), "archive: unpack"),
        ("x.npy", array(), r"np\.savez"),
        ("x.mp4", boxes(b"isom"), "ffmpeg"),
    ],
    ids=["tar.gz", "npy", "mp4"],  # not of the bytes, in which there is the time
)
def test_such_a_file_as_the_source(tmp_path, name, data, says):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(DataError, match=rf"{name} cannot be read as pictures, it is of the kind .*{says}"):
        load(DataConfig(source=str(tmp_path / name)), 16, progress=False)


def test_the_cures_are_what_they_say(tmp_path):
    """What the archive's and the array's cures tell to do leads to pictures."""
    (tmp_path / "in.tar.gz").write_bytes(packed())
    subprocess.run(["tar", "-xf", "in.tar.gz"], cwd=tmp_path, check=True)
    assert (tmp_path / "x.png").exists()
    images = np.random.default_rng(0).integers(0, 256, (3, 16, 16), dtype=np.uint8)
    np.savez(tmp_path / "x.npz", image=images, label=np.arange(3))
    assert len(load(DataConfig(source=str(tmp_path / "x.npz")), 16, progress=False)) == 3


def test_a_zip_in_a_folder_below(tmp_path):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("x.png", encoded("PNG"))
    assert cleaned(buffer.getvalue(), "x.zip").reason.startswith(
        "not an image: a zip file below, put it beside"
    )


# ---- what every viewer shows ------------------------------------------------------------------------


def with_text(how: str) -> bytes:
    about, text = PngImagePlugin.PngInfo(), "x" * 3_000_000
    if how == "profile":
        return encoded("PNG", icc_profile=bytes(3_000_000))
    if how == "many":
        for number in range(70):
            about.add_text(f"prompt{number}", text[:1_000_000])
    elif how == "international":
        about.add_itxt("prompt", text, zip=True)
    else:
        about.add_text("prompt", text, zip=True)
    return encoded("PNG", pnginfo=about)


@pytest.mark.parametrize("how", ["packed", "international", "many", "profile"])
def test_a_png_with_much_text_or_a_large_profile(how):
    verdict = cleaned(with_text(how))
    assert verdict.accepted and verdict.reason.startswith("text left out: ")
    assert (verdict.images == cleaned(encoded("PNG")).images).all()


JPEGS = [{}, {"progressive": True}, {"quality": 95, "subsampling": 0}, {"optimize": True}]


@pytest.mark.parametrize("options", JPEGS, ids=str)
@pytest.mark.parametrize("missing", [1, 2])
def test_a_jpeg_without_its_last_bytes(options, missing):
    data = encoded("JPEG", **options)
    verdict = cleaned(data[:-missing], "x.jpg")
    assert verdict.accepted and verdict.reason.startswith("no end: ")
    assert (verdict.images == cleaned(data, "x.jpg").images).all()


@pytest.mark.parametrize("options", JPEGS, ids=str)
@pytest.mark.parametrize("size", [32, 128])
def test_a_jpeg_that_lacks_some_of_its_picture(options, size):
    data = encoded("JPEG", **options)
    whole = cleaned(data, "x.jpg", size=size).images
    for missing in (*range(3, 40), 100, 400, len(data) // 3, len(data) // 2):
        verdict = cleaned(data[:-missing], "x.jpg", size=size)
        if verdict.accepted:  # some bits of padding, or what no pixel shows
            assert missing < 8 and np.abs(verdict.images.astype(int) - whole).max() <= 1, missing
        else:
            assert verdict.reason.startswith("truncated"), (missing, verdict.reason)


# ---- bits -------------------------------------------------------------------------------------------


def deep(bits: int, kind: str = "PNG") -> bytes:
    values = np.asarray(picture(mode="L")).astype(np.uint16)
    return encoded(kind, Image.fromarray(values << (bits - 8) | values >> (16 - bits)))


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "JPEG2000"])
@pytest.mark.parametrize("bits", [10, 12, 14])
def test_sixteen_bits_of_which_few_are_used(bits, kind):
    name = {"PNG": "x.png", "TIFF": "x.tif", "JPEG2000": "x.jp2"}[kind]
    dark, light = cleaned(deep(bits, kind), name), cleaned(deep(bits, kind), name, bits=bits)
    assert dark.accepted and dark.reason.startswith(f"{bits} of 16 bits used: ")
    assert light.accepted and light.reason == ""
    expected = cleaned(encoded("PNG", picture(mode="L"))).images.astype(int)
    assert np.abs(light.images - expected).max() <= 2
    assert cleaned(deep(16, kind), name).reason == ""
    assert cleaned(deep(16, kind), name, bits=12).reason.startswith("brighter than 12 bits: up to ")


def test_large_pictures_of_few_bits_are_converted_in_strips():
    values = np.asarray(picture(size=(3000, 2000), mode="L")).astype(np.uint16) << 4
    light = cleaned(encoded("PNG", Image.fromarray(values), compress_level=1), bits=12)
    expected = cleaned(encoded("PNG", picture(size=(3000, 2000), mode="L"))).images.astype(int)
    assert np.abs(light.images - expected).max() <= 3


def test_few_bits_are_told_with_the_setting_that_mends_it(tmp_path, capsys):
    (tmp_path / "source").mkdir()
    for number, bits in enumerate((8, 10, 12)):
        (tmp_path / "source" / f"{number}.png").write_bytes(deep(bits))
    (tmp_path / "source" / "3.png").write_bytes(encoded("PNG", picture(3)))
    store = prepare(str(tmp_path / "source"), tmp_path / "out", size=16, progress=False, workers=1)
    assert store.report["reasons"] == {"8 of 16 bits used": 1}
    assert store.report["notes"] == {"10 of 16 bits used": 1, "12 of 16 bits used": 1}
    (told,) = store.report["told"]
    assert told.startswith("3 files have 16 bits a pixel of which only 12 or fewer are used")
    assert "--bits 12 (ganzoo-train: --set data.bits=12)" in told
    store = load(DataConfig(source=str(tmp_path / "source"), bits=12), 16)
    assert "nearly black" not in capsys.readouterr().out
    assert store.report["told"] == [] and len(store) == 4
    with pytest.raises(UsageError, match=r"data\.bits is 3: expected 8 to 16"):
        DataConfig(bits=3)


OLD_SETTINGS = (
    "label", "labels_csv", "min_per_class", "top_classes", "test_share", "crop", "upscale", "max_pixels",
    "max_aspect", "near_duplicates", "split",
)  # fmt: skip


def test_new_settings_change_no_old_fingerprint():
    """Runs on the embedded paintings go on: theirs is made of the settings that there were at first."""
    config = DataConfig(label="century", min_per_class=10, crop="random:2")
    store = load(config, 16, progress=False)
    settings = {key: getattr(config, key) for key in OLD_SETTINGS}
    assert store.fingerprint == fingerprint(store.images, store.labels, list(store.class_names), settings)
    assert "bits" not in stored_settings(config) and stored_settings(DataConfig(bits=12))["bits"] == 12
