"""Files that are no pictures we can read: what they are by their first bytes, and what to do with them."""

from pathlib import Path

_CONVERT = "convert them to JPEG or PNG, e.g. magick mogrify -format jpg *.{}"
_DEVELOP = "develop them first, e.g. with darktable-cli or dcraw, and give the JPEGs, PNGs or TIFFs"
_NOT = "not an image"  # what they are counted by

# Kind: what to do. What stands after a colon is only in the manifest's line; before it files are counted.
CURES = {
    "HEIC": _CONVERT.format("heic"),
    "JPEG XL": "convert them to JPEG or PNG, e.g. djxl in.jxl out.png",
    "camera raw": _DEVELOP,
    "SVG drawing": "export them as PNG, e.g. rsvg-convert or Inkscape",
    "PDF": "take the pictures out, e.g. pdfimages -all in.pdf out",
    "video": "take frames out, e.g. ffmpeg -i in.mp4 -vf fps=1 frames/%06d.png",
    "archive": "unpack them, e.g. tar -xf in.tar.gz; only zip files are read in place",
    "NumPy array": "put pictures and labels into one .npz: np.savez('x.npz', image=images, label=labels)",
    "HDF5": "put pictures and labels into one .npz: np.savez('x.npz', image=images, label=labels)",
    "Parquet": "write its pictures as files, or into one .npz: np.savez('x.npz', image=images, label=labels)",
}
_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
_TIFF = (b"II*\0", b"MM\0*")
_RAW = {
    "cr2": _TIFF, "nef": _TIFF, "nrw": _TIFF, "arw": _TIFF, "sr2": _TIFF, "dng": _TIFF, "pef": _TIFF,
    "srw": _TIFF, "3fr": _TIFF, "iiq": _TIFF, "erf": _TIFF, "kdc": _TIFF, "dcr": _TIFF,
    "orf": (b"IIRO", b"IIRS", b"MMOR"), "rw2": (b"IIU\0",), "raf": (b"FUJIFILM",), "x3f": (b"FOVb",),
}  # fmt: skip
_BEGINNINGS = (
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL"),
    (b"FUJIFILMCCD-RAW", "camera raw"),
    (b"%PDF", "PDF"),
    (b"\x1aE\xdf\xa3", "video"),
    (b"\0\0\x01\xba", "video"),
    (b"\0\0\x01\xb3", "video"),
    (b"FLV\x01", "video"),
    (b"\x1f\x8b", "archive"),
    (b"BZh", "archive"),
    (b"\xfd7zXZ\0", "archive"),
    (b"\x28\xb5\x2f\xfd", "archive"),
    (b"7z\xbc\xaf\x27\x1c", "archive"),
    (b"Rar!\x1a\x07", "archive"),
    (b"\x93NUMPY", "NumPy array"),
    (b"\x89HDF\r\n\x1a\n", "HDF5"),
    (b"PAR1", "Parquet"),
)


def kind_of(data: bytes, name: str) -> str:
    """What a file is, a key of CURES, from its first bytes (some hundred) and its name; "" if not known."""
    for beginning, kind in _BEGINNINGS:
        if data.startswith(beginning):
            return kind
    if data[4:8] == b"ftyp":
        return _of_boxes(data)
    if data[:4] == b"RIFF" and data[8:12] == b"AVI ":
        return "video"
    if data[257:262] == b"ustar":
        return "archive"
    ending = name.rpartition(".")[2].lower()
    if data.startswith(_RAW.get(ending, ())) or (data.startswith(_TIFF) and data[8:10] == b"CR"):
        return "camera raw"
    head = data[:1000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith(b"<svg") or (
        head.startswith((b"<?xml", b"<!doctype svg", b"<!--")) and b"<svg" in head
    ):
        return "SVG drawing"
    return ""


def _of_boxes(data: bytes) -> str:
    """HEIC, AVIF, camera raw and films are all made of boxes; the first names brands."""
    length = min(int.from_bytes(data[:4], "big"), 200)
    brands = [data[8:12], *(data[at : at + 4] for at in range(16, length, 4))]
    if b"avif" in brands or b"avis" in brands:
        return ""
    if b"crx " in brands:
        return "camera raw"
    return "HEIC" if any(brand in _HEIC_BRANDS for brand in brands) else "video"


def reason_of(data: bytes, name: str) -> str:
    """Why a file that is no picture is rejected; "" if it may be one."""
    kind = kind_of(data, name)
    return f"{kind}: {CURES[kind]}" if kind else ""


def unknown_reason(data: bytes, name: str) -> str:
    """Why a file is rejected that no decoder knows."""
    if name.lower().endswith(".npz"):
        return f"{_NOT}: an .npz of arrays, give it as the source itself"
    if data.startswith(b"PK\3\4"):
        return f"{_NOT}: a zip file below, put it beside the others at the top, or unpack it"
    if data.startswith(b"%!PS"):
        return f"{_NOT}: PostScript, export it as PNG"
    return _NOT


def of_file(path: Path) -> str:
    """What a source that is one file is, with what to do; "" if it may be a picture or cannot be read."""
    try:
        with open(path, "rb") as file:
            kind = kind_of(file.read(1100), path.name)
    except OSError:
        return ""
    return f"{kind}: {CURES[kind]}" if kind else ""
