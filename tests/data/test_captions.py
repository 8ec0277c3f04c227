"""Captions where people keep them; several a picture, one drawn each time; missing ones by name."""

import json

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import DataConfig, load_columns, stream
from ganzoo.kinds import Picture, Sentence

COLUMNS = {"image": Picture(8, 8), "text": Sentence((), 6)}
NAMES = ("red_circle", "green_square", "sub/blue_cross")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    (tmp_path / "pictures" / "sub").mkdir(parents=True)
    rng = np.random.default_rng(0)
    for name in NAMES:
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(tmp_path / "pictures" / f"{name}.png")
    return tmp_path / "pictures"


def sidecars(folder):
    for name in NAMES:
        (folder / f"{name}.txt").write_text(f"a {name.rpartition('/')[2].replace('_', ' ')}\n\nanother one\n")


def csv_table(folder):
    lines = [f'{name}.png,"a {name.rpartition("/")[2].replace("_", " ")}"' for name in NAMES]
    (folder / "metadata.csv").write_text(
        "file_name,text\n" + "\n".join(lines) + "\n" + f"{NAMES[0]}.png,again\n"
    )


def jsonl(folder):
    rows = [
        {"file_name": f"{n}.png", "caption": f"a {n.rpartition('/')[2].replace('_', ' ')}"} for n in NAMES
    ]
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, rows)))


def coco(folder):
    images = [{"id": i, "file_name": f"{name}.png"} for i, name in enumerate(NAMES)]
    said = [
        {"image_id": i, "caption": f"a {n.rpartition('/')[2].replace('_', ' ')}"} for i, n in enumerate(NAMES)
    ]
    (folder / "captions_train.json").write_text(json.dumps({"images": images, "annotations": said}))


@pytest.mark.parametrize("write", [sidecars, csv_table, jsonl, coco])
def test_captions_are_found_where_people_have_them(folder, write):
    write(folder)
    store = load_columns(DataConfig(source=str(folder)), COLUMNS)
    kind, texts = store.kinds["text"], store.columns["text"]
    assert len(store) == 3 and texts.shape[0] == 3 and texts.shape[2] == 6
    said = {kind.decode(own[0]) for own in texts}
    assert said == {"a red circle", "a green square", "a blue cross"}
    assert any("captions by" in line for line in store.report["told"])


def test_each_epoch_draws_one_of_several(folder):
    sidecars(folder)
    store = load_columns(DataConfig(source=str(folder)), COLUMNS)
    iterator = iter(stream(store, 3, seed=1))
    drawn = [next(iterator)["text"].numpy() for _ in range(12)]
    assert drawn[0].shape == (3, 6) and drawn[0].dtype == np.int32
    said = {store.kinds["text"].decode(own) for batch in drawn for own in batch}
    assert "another one" in said and "a red circle" in said
    later = next(iter(stream(store, 3, seed=1, start_image=9)))
    np.testing.assert_array_equal(later["text"].numpy(), drawn[3])


def test_file_names_are_captions_only_if_asked(folder):
    with pytest.raises(UsageError, match=r"no caption was found.*data\.caption=filename"):
        load_columns(DataConfig(source=str(folder)), COLUMNS)
    store = load_columns(DataConfig(source=str(folder), caption="filename"), COLUMNS)
    assert {store.kinds["text"].decode(own[0]) for own in store.columns["text"]} == {
        "red circle",
        "green square",
        "blue cross",
    }


def test_a_picture_without_a_caption_is_named(folder):
    sidecars(folder)
    (folder / "green_square.txt").unlink()
    with pytest.raises(DataError, match="green_square has no caption, though 2 others have one"):
        load_columns(DataConfig(source=str(folder)), COLUMNS)
    (folder / "green_square.txt").write_text("!!!\n")
    with pytest.raises(DataError, match="the caption of green_square has no word"):
        load_columns(DataConfig(source=str(folder)), COLUMNS)
    with pytest.raises(UsageError, match=r"unknown data\.caption 'cap'"):
        load_columns(DataConfig(source=str(folder), caption="cap"), COLUMNS)


def test_a_vocabulary_of_the_family_is_kept(folder):
    csv_table(folder)
    columns = {"image": Picture(8, 8), "text": Sentence(("circle", "square"), 4)}
    store = load_columns(DataConfig(source=str(folder)), columns)
    assert store.kinds["text"] == columns["text"] and store.columns["text"].max() == 3
