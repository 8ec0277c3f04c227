"""A corpus of more than 500 hostile files: none crashes or hangs preparing, none is lost."""

import io
import os
import random
import struct
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo.data import manifest, prepare

FORMATS = {"JPEG": "jpg", "PNG": "png", "GIF": "gif", "WEBP": "webp", "BMP": "bmp", "TIFF": "tif"}


def picture(seed: int = 0, size: tuple[int, int] = (96, 72)) -> Image.Image:
    """Something with edges and smooth parts, different for each seed."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    return coarse.resize(size, Image.Resampling.BICUBIC)


def encoded(kind: str, seed: int = 0, **options) -> bytes:
    buffer = io.BytesIO()
    picture(seed).save(buffer, kind, **options)
    return buffer.getvalue()


def bomb() -> bytes:
    """A PNG of 50,000 x 50,000 pixels in some kilobytes."""

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = part(b"IHDR", struct.pack(">IIBBBBB", 50_000, 50_000, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + part(b"IDAT", zlib.compress(bytes(3_000_000))) + part(b"IEND", b"")


def damaged(folder: Path) -> None:
    """Each format whole, truncated at many offsets, with flipped bits, and under other names."""
    rng = random.Random(5)
    for number, (kind, ending) in enumerate(FORMATS.items()):
        data = encoded(kind, number)
        (folder / f"whole.{ending}").write_bytes(data)
        for i in range(36):
            end = (
                [1, 2, 3, 4, 8, 12, 16, 20, 24, 32, len(data) - 1, len(data) - 2][i]
                if i < 12
                else len(data) * (i - 11) // 25
            )
            (folder / f"cut_{i}.{ending}").write_bytes(encoded(kind, 100 * number + i)[:end])
        for i in range(36):
            bad = bytearray(encoded(kind, 1000 + 100 * number + i))
            for _ in range(1 + i % 4):
                place = rng.randrange(64 if i % 2 else len(bad))
                bad[place] ^= 1 << rng.randrange(8)
            (folder / f"bits_{i}.{ending}").write_bytes(bad)
        for place, other in enumerate(("jpg", "png", "txt", "JPEG", "zip.png")):
            if other != ending:
                (folder / f"renamed_{ending}.{other}").write_bytes(encoded(kind, 5000 + 10 * number + place))


def odd_contents(folder: Path) -> None:
    rng = random.Random(6)
    for i in range(12):
        (folder / f"noise_{i}.jpg").write_bytes(rng.randbytes(10 + i * 100))
        (folder / f"empty_{i}.png").write_bytes(b"")
    (folder / "bomb.png").write_bytes(bomb())
    (folder / "text.jpg").write_text("not a picture, but a text " * 20)
    (folder / "page.html").write_text("<html><img src='x'></html>")
    (folder / "drawing.eps").write_text("%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage\n")
    (folder / "vector.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    picture(1, (400, 20)).save(folder / "strip.png")
    picture(2, (8, 8)).save(folder / "tiny.png")
    Image.new("RGB", (80, 80), (3, 90, 200)).save(folder / "blue.png")
    for number, copy in enumerate(("first.jpg", "second.jpg", "third.jpg")):
        (folder / copy).write_bytes(encoded("JPEG", 7000))
        picture(7100 + number).convert("CMYK").save(folder / f"cmyk_{number}.jpg")


def odd_names(folder: Path) -> None:
    names = [
        b'comma, and "quotes".png',
        b"line\nbreak.png",
        b"tab\there.png",
        b" leading space.png",
        b"-dash.png",
    ]
    names += [
        b"latin1_\xe9\xff.png",
        b"shift_jis_\x83\x65.png",
        "Ünïcødé 画.png".encode(),
        b"percent%41.png",
        b"=1+1.png",
    ]
    names += [
        b"LONGNA~1.PNG",
        b"AUX.png",
        b"two..dots.png",
        b"no_ending",
        b".hidden.png",
        b"%n%s{0}.png",
        b"a" * 250 + b".png",
    ]
    names += [b"\x1b[31mred.png", "right\u202eto left.png".encode(), b"back\\slash.png", b"$(touch boom).png"]
    for number, name in enumerate(names):
        (Path(os.fsdecode(os.fsencode(folder) + b"/" + name))).write_bytes(encoded("PNG", 8000 + number))


def odd_things(folder: Path, outside: Path) -> None:
    (folder / "folder.jpg").mkdir()
    (folder / "folder.jpg" / "inside.png").write_bytes(encoded("PNG", 9000))
    deep = folder.joinpath(*"abcdefghijkl")
    deep.mkdir(parents=True)
    (deep / "deep.png").write_bytes(encoded("PNG", 9001))
    os.mkfifo(folder / "fifo.jpg")
    (outside / "secret.png").write_bytes(encoded("PNG", 9002))
    (folder / "out.png").symlink_to(outside / "secret.png")
    (folder / "out_folder").symlink_to(outside)
    (folder / "circle").symlink_to(folder)
    (folder / "a" / "up.jpg").symlink_to("..")
    (folder / "self.png").symlink_to("self.png")
    (folder / "nowhere.png").symlink_to("nothing.png")
    (folder / "within.png").symlink_to("whole.png")


def odd_zips(folder: Path) -> None:
    with zipfile.ZipFile(folder / "escape.zip", "w") as archive:
        archive.writestr("../above.png", encoded("PNG", 9100))
        archive.writestr("/etc/absolute.png", encoded("PNG", 9101))
        archive.writestr("fine.png", encoded("PNG", 9102))
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("fine.png", encoded("PNG", 9103))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in ("short.png", "long.png", "huge.png", "crc.png", "locked.png"):
            archive.writestr(name, encoded("PNG", 9110 + len(name)))
    data = bytearray(buffer.getvalue())
    place, lies = data.find(b"PK\1\2"), {}
    while place >= 0:  # the central directory, which is what readers believe
        name = data[place + 46 : place + 46 + struct.unpack_from("<H", data, place + 28)[0]].decode()
        lies[name] = place
        place = data.find(b"PK\1\2", place + 4)
    struct.pack_into("<I", data, lies["short.png"] + 24, 100)
    struct.pack_into("<I", data, lies["long.png"] + 24, 10_000_000)
    struct.pack_into("<I", data, lies["huge.png"] + 24, 4_000_000_000)
    struct.pack_into("<I", data, lies["crc.png"] + 16, 12345)
    struct.pack_into("<H", data, lies["locked.png"] + 8, 1)
    (folder / "lies.zip").write_bytes(data)
    (folder / "cut.zip").write_bytes(bytes(data[: len(data) // 2]))
    (folder / "noise.zip").write_bytes(random.Random(8).randbytes(500))
    with zipfile.ZipFile(folder / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros.png", bytes(30_000_000))
        archive.writestr("bomb.png", bomb())
        archive.writestr("nested.zip", bytes(data))


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below with its bytes."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.is_symlink()
    }


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    top = tmp_path_factory.mktemp("fuzz")
    (top / "source").mkdir()
    (top / "outside").mkdir()
    for make in (damaged, odd_contents, odd_names, odd_zips):
        make(top / "source")
    odd_things(top / "source", top / "outside")
    return top


def test_nothing_crashes_nothing_is_lost_nothing_is_written_outside(corpus):
    before = tree(corpus)
    store = prepare(str(corpus / "source"), corpus / "out", size=16, progress=False)
    after = tree(corpus)
    assert {name: after[name] for name in before} == before
    assert all(name.startswith("out/") for name in set(after) - set(before))
    report, lines = store.report, manifest.read(corpus / "out" / "manifest.csv")
    print(report)
    assert report["found"] == len(lines) >= 500
    assert report["accepted"] + report["rejected"] == report["found"]
    assert report["accepted"] == sum(line["verdict"] == "accepted" for line in lines) == len(store)
    assert all(line["reason"] for line in lines if line["verdict"] == "rejected")
    assert len(lines) == expected_count(corpus / "source")
    check_verdicts({line["path"]: line for line in lines})


def expected_count(source: Path) -> int:
    """Counted another way than `ganzoo.data.listing` does."""
    count = 0
    for folder, folders, files in os.walk(source):
        count += len(files) + sum(os.path.islink(os.path.join(folder, name)) for name in folders)
        count += sum(
            name.endswith(".jpg") and not os.path.islink(os.path.join(folder, name)) for name in folders
        )
    for name in ("escape.zip", "lies.zip", "bomb.zip"):
        count += len(zipfile.ZipFile(source / name).infolist()) - 1
    return count


def check_verdicts(lines: dict[str, dict]) -> None:
    """Cases whose verdict is known; a bit-flipped file may go either way."""
    rejected = {
        "bomb.png": "too many pixels", "strip.png": "extreme aspect", "tiny.png": "too small",
        "blue.png": "single colour", "text.jpg": "not an image", "drawing.eps": "not an image",
        "noise_3.jpg": "not an image", "empty_0.png": "empty file",
        "second.jpg": "exact duplicate: of first.jpg", "within.png": "exact duplicate",
        "fifo.jpg": "not a regular file", "out.png": "link out of", "circle": "link",
        "self.png": "broken link", "nowhere.png": "broken link", "folder.jpg": "a folder",
        "cut.zip": "unreadable zip", "noise.zip": "unreadable zip", "lies.zip/huge.png": "file too large",
        "lies.zip/short.png": "unreadable", "lies.zip/long.png": "unreadable",
        "lies.zip/crc.png": "unreadable", "lies.zip/locked.png": "encrypted",
        "bomb.zip/bomb.png": "too many pixels", "bomb.zip/nested.zip": "not an image",
        "cut_20.jpg": "truncated", "cut_20.png": "truncated", "cut_20.webp": "undecodable",
        "cut_3.jpg": "undecodable",
    }  # fmt: skip
    for path, reason in rejected.items():
        assert lines[path]["verdict"] == "rejected" and lines[path]["reason"].startswith(reason), lines[path]
    accepted = [
        "first.jpg",
        "folder.jpg/inside.png",
        "a/b/c/d/e/f/g/h/i/j/k/l/deep.png",
        "escape.zip/../above.png",
    ]
    accepted += [
        "line\nbreak.png",
        'comma, and "quotes".png',
        "latin1_\\udce9\\udcff.png",
        "no_ending",
        ".hidden.png",
    ]
    accepted += [f"whole.{ending}" for ending in FORMATS.values()] + ["cmyk_1.jpg", "renamed_png.txt"]
    for path in accepted:
        assert lines[path]["verdict"] == "accepted", lines[path]
    assert lines["renamed_png.jpg"]["reason"] == "named otherwise: PNG named .jpg"


def test_a_csv_of_labels_that_is_hostile_too(corpus, tmp_path):
    table = tmp_path / "labels.csv"
    table.write_bytes(
        b"\xef\xbb\xbffilename,style\nwhole.png,Cubism\nwhole.png,Dada\nunknown.png,Fauvism\nshort\n,\n"
        b'"line\nbreak.png","two\nlines"\nwhole.gif,caf\xe9\n'
    )
    store = prepare(
        str(corpus / "source"),
        tmp_path / "out",
        size=16,
        progress=False,
        label="style",
        labels_csv=str(table),
    )
    lines = {line["path"]: line["label"] for line in manifest.read(tmp_path / "out" / "manifest.csv")}
    assert lines["whole.png"] == "Cubism" and lines["line\nbreak.png"] == "two\nlines"
    assert lines["first.jpg"] == "" and lines["whole.gif"] == "caf\ufffd"
    assert set(store.class_names) == {"Cubism", "two\nlines", "caf\ufffd", "unlabelled"}
