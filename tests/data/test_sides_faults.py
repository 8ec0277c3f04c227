"""What once went wrong with two sides and captions without a word, or by a traceback."""

import json

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import DataConfig, load_columns, prepare
from ganzoo.data.captions import captions_of
from ganzoo.data.data_config import side_of
from ganzoo.data.row_names import partners_of, stem
from ganzoo.kinds import LabelMap, Picture

PAIR = {"source": Picture(8, 8), "image": Picture(8, 8)}
MAPPED = {"map": LabelMap(8, 8, 4), "image": Picture(8, 8)}


@pytest.fixture
def sides(tmp_path, monkeypatch):
    """Photos twice as wide as high, negatives of them, and maps of their brightness."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for folder in ("photos", "drawings", "maps"):
        (tmp_path / folder).mkdir()
    for i in range(10):
        picture = rng.integers(0, 256, (8, 16, 3), np.uint8)
        Image.fromarray(picture).save(f"photos/{i}.png")
        Image.fromarray(255 - picture).save(f"drawings/{i}.png")
        Image.fromarray(np.asarray(Image.fromarray(picture).convert("L")) // 64).save(f"maps/{i}.png")
    return tmp_path


def pairs(a="photos", b="drawings", columns=PAIR, **settings):
    return load_columns(DataConfig(a={"source": a}, b={"source": b}, join="name", **settings), columns)


def test_sides_prepared_to_be_cut_otherwise_are_refused(sides):
    prepare("photos", "photos8", size=8, progress=False, crop="none")
    with pytest.raises(UsageError, match="cut differently: a by none, b by center"):
        pairs("photos8")
    prepare("photos", "several", size=8, progress=False, crop="random:2")
    with pytest.raises(UsageError, match=r"side a is cut by data.crop = random:2"):
        pairs("several")


def test_maps_are_cut_as_their_pictures_on_either_side(sides):
    for columns, a, b in (
        (MAPPED, "maps", "photos"),
        (dict(reversed(MAPPED.items())), "photos", "maps"),
    ):
        for crop in ("center", "none"):
            store = pairs(a, b, columns, crop=crop)
            assert store.columns["map"].shape == (10, 8, 8)
        grey = [np.asarray(Image.open(f"maps/{i}.png"))[:, 4:12] for i in range(10)]
        np.testing.assert_array_equal(pairs(a, b, columns).columns["map"], np.stack(grey))
    with pytest.raises(UsageError, match="a label map has no class for the rim"):
        pairs("maps", "photos", MAPPED, crop="pad")


def test_hidden_maps_and_two_of_a_name(sides):
    (sides / "maps/.trash").mkdir()
    (sides / "maps/3.png").rename(sides / "maps/.trash/3.png")
    assert len(pairs("maps", "photos", MAPPED)) == 9
    Image.new("L", (16, 8)).save("maps/4.bmp")
    with pytest.raises(DataError, match="whose names differ by their endings alone"):
        pairs("maps", "photos", MAPPED)


def test_pairs_that_were_prepared_to_be_held_out_stay_so(sides):
    for folder in ("photos", "drawings"):
        prepare(folder, f"{folder}8", size=8, progress=False, test_share=0.4)
    train, test = (pairs("photos8", "drawings8", split=split) for split in ("train", "test"))
    assert len(train) + len(test) == 10 and len(test) > 0
    from ganzoo.data import load

    held = load(DataConfig(source="photos8", split="test"), 8, 3).images
    rows = {image.tobytes() for image in train.columns["source"]}
    assert not any(image.tobytes() in rows for image in held)


def test_upright_pictures_that_lie_in_their_files(sides):
    for i in range(10):
        picture = Image.open(f"photos/{i}.png")
        exif = Image.Exif()
        exif[0x0112] = 6  # a viewer turns it by 90 degrees
        picture.transpose(Image.Transpose.ROTATE_90).save(f"photos/{i}.png", exif=exif)
    assert len(pairs()) == 10
    assert LabelMap.aspect("photos/0.png") == 2


def test_partners_by_their_last_part_only_where_no_path_fits():
    assert partners_of(["x/1", "y/2"], ["x/1", "z/2"]) == ({"x/1": "x/1"}, False)
    assert partners_of(["x/1", "y/2"], ["a/1", "b/2"]) == ({"x/1": "a/1", "y/2": "b/2"}, True)
    assert stem("a/art_1.0") == stem("a/art_1.0.png") == "a/art_1.0"
    assert stem("cafe\u0301.jpg") == stem("caf\u00e9.png") and stem("odd\\xff.png") == "odd\\xff"


def test_a_rejected_partner_is_told_as_such(sides):
    Image.new("RGB", (16, 8), (9, 9, 9)).save("drawings/2.png")
    told = " ".join(pairs().report["told"])
    assert "1 of side a are left out: their partner is rejected (single colour)" in told


def test_what_varies_both_sides_is_refused_in_one():
    with pytest.raises(UsageError, match=r"\[data.a\] has flip, which varies both sides alike"):
        side_of(DataConfig(a={"source": "x"}, b={"source": "y"}, join="none"), "a") and DataConfig(
            a={"source": "x", "flip": True}, b={"source": "y"}, join="name"
        )


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("metadata.jsonl", '{"file_name": "0.png", "text": "a"}\n{"file', "line 2, is no JSON"),
        ("metadata.jsonl", "3\n", "line 1: expected {"),
        ("metadata.jsonl", '{"file_name": "0.png", "text": 3}\n', "line 1: the caption 3 is no text"),
    ],
)
def test_damaged_tables_are_named_by_their_line(tmp_path, file, text, says):
    (tmp_path / file).write_text(text)
    with pytest.raises(DataError, match=says):
        captions_of(tmp_path, ["0"], "table")


def test_captions_of_several_lines_blank_names_and_a_stray_sidecar(tmp_path):
    (tmp_path / "metadata.csv").write_text(
        'file_name,text\n0.png,"a red\ncircle"\n ,nothing\n1.png,a square\n'
    )
    (tmp_path / "0.txt").write_text("left over")
    texts, told = captions_of(tmp_path, ["0", "1"], None)
    assert texts == [["a red\ncircle"], ["a square"]] and "captions by table" in told


def test_two_files_with_captions_of_one_name(tmp_path):
    for part in ("train", "val"):
        table = {
            "images": [{"id": 1, "file_name": "0.png"}],
            "annotations": [{"image_id": 1, "caption": part}],
        }
        (tmp_path / f"captions_{part}.json").write_text(json.dumps(table))
    with pytest.raises(DataError, match="both have captions of 0"):
        captions_of(tmp_path, ["0"], "coco")
