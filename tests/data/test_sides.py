"""Two sides of data: pairs share crop and flip, unpaired ones have own orders; what does not fit is named."""

import numpy as np
import pytest
from PIL import Image

from ganzoo import data
from ganzoo.base.errors import DataError, UsageError
from ganzoo.config import resolve, to_toml
from ganzoo.data import DataConfig, Sides, load_columns, stream
from ganzoo.data.data_config import side_of
from ganzoo.kinds import Label, LabelMap, Picture
from ganzoo.settings import apply_setting
from ganzoo.weights.places import without_places

PAIR = {"source": Picture(8, 8), "image": Picture(8, 8)}
MAPPED = {"map": LabelMap(8, 8, 4), "image": Picture(8, 8)}


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Twelve pairs of noise, photos and their negatives, drawings; and a photo without a partner."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for folder in ("photos", "drawings"):
        (tmp_path / folder).mkdir()
    for i in range(12):
        picture = rng.integers(0, 256, (12, 12, 3), np.uint8)
        Image.fromarray(picture).save(f"photos/{i:02d}.png")
        Image.fromarray(255 - picture).save(f"drawings/{i:02d}.bmp")
    Image.fromarray(rng.integers(0, 256, (12, 12, 3), np.uint8)).save("photos/alone.png")
    return tmp_path


def config(join="name", **common) -> DataConfig:
    return DataConfig(a={"source": "photos"}, b={"source": "drawings"}, join=join, **common)


def batches(store, num=6, seed=3, **varied):
    iterator = iter(stream(store, 4, seed=seed, config=DataConfig(**varied)))
    return [{name: value.numpy() for name, value in next(iterator).items()} for _ in range(num)]


def test_pairs_share_row_crop_and_flip(folders):
    asked = config(random_crop=4, flip=True)
    store = load_columns(asked, PAIR)
    assert len(store) == 12 and list(store.columns) == ["source", "image"]
    assert any("1 of side a have no partner" in said for said in store.report["told"])
    seen = []
    for batch in batches(store, random_crop=4, flip=True):
        # Stored by the same filter, so negative stays negative but for rounding.
        assert np.abs(batch["source"].astype(int) + batch["image"] - 255).max() <= 1
        seen.append(batch["source"])
    assert len({each.tobytes() for each in seen}) == len(seen)
    again = batches(store, random_crop=4, flip=True)
    assert all((a["source"] == b).all() for a, b in zip(again, seen, strict=True))


def test_unpaired_sides_have_an_order_of_their_own(folders):
    sides = load_columns(config(join="none"), {"a": Picture(8, 8), "b": Picture(8, 8)})
    assert isinstance(sides, Sides) and len(sides) == 13 and list(sides.columns) == ["a", "b"]
    found = batches(sides, num=3)
    assert not any(
        np.abs(x.astype(int) + y - 255).max() <= 1 for b in found for x, y in zip(b["a"], b["b"], strict=True)
    )
    everything = np.concatenate([batch["b"] for batch in found])  # 12 images: one epoch of b
    assert len({picture.tobytes() for picture in everything}) == 12
    later = next(iter(stream(sides, 4, seed=3, start_image=8)))
    np.testing.assert_array_equal(later["a"].numpy(), found[2]["a"])


def test_halves_of_one_picture_are_a_pair(folders):
    (folders / "both").mkdir()
    for i in range(6):
        left, right = (
            np.asarray(Image.open(f"{f}/{i:02d}.{e}")) for f, e in (("photos", "png"), ("drawings", "bmp"))
        )
        Image.fromarray(np.concatenate([left, right], axis=1)).save(f"both/{i}.png")
    store = load_columns(DataConfig(source="both", join="side_by_side"), PAIR)
    assert len(store) == 6
    assert np.abs(store.columns["source"].astype(int) + store.columns["image"] - 255).max() <= 1


def test_label_maps_lie_beside_their_pictures(folders):
    (folders / "maps").mkdir()
    for i in range(12):
        classes = np.asarray(Image.open(f"photos/{i:02d}.png").convert("L")) // 64
        Image.fromarray(classes).save(f"maps/{i:02d}.png")
    varied = {"random_crop": 4, "flip": True}  # stored at 12 pixels, as they are
    asked = DataConfig(a={"source": "photos"}, b={"source": "maps"}, join="name", **varied)
    store = load_columns(asked, {"image": Picture(8, 8), "map": LabelMap(8, 8, 4)})
    assert store.columns["map"].shape == (12, 12, 12) and store.columns["map"].dtype == np.uint8
    for batch in batches(store, **varied):
        grey = [np.asarray(Image.fromarray(picture).convert("L")) for picture in batch["image"]]
        np.testing.assert_array_equal(batch["map"], np.stack(grey) // 64)
    Image.new("L", (12, 12), 9).save("maps/03.png")
    with pytest.raises(DataError, match=r"03\.png holds the class 9, but the 4 are 0 to 3"):
        load_columns(asked, {"image": Picture(8, 8), "map": LabelMap(8, 8, 4)})


def test_held_out_pairs_are_held_out_on_both_sides(folders):
    parts = [load_columns(config(test_share=0.4, split=split), PAIR) for split in ("train", "test")]
    assert sum(map(len, parts)) == 12 and min(map(len, parts)) > 0
    for part in parts:
        assert np.abs(part.columns["source"].astype(int) + part.columns["image"] - 255).max() <= 1


def test_names_that_differ_by_their_endings_alone_are_refused(folders):
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (12, 12, 3), np.uint8)).save("photos/03.bmp")
    with pytest.raises(DataError, match=r"03\.bmp and 03\.png, whose names differ by their endings alone"):
        load_columns(config(), PAIR)


def test_what_does_not_fit_is_named(folders):
    with pytest.raises(UsageError, match="cuts each side of a pair elsewhere"):
        load_columns(config(crop="random:2"), PAIR)
    with pytest.raises(UsageError, match="learns from source and image, which is two sides"):
        load_columns(DataConfig(source="photos"), PAIR)
    with pytest.raises(UsageError, match="two sides of pictures, but this model learns image, label"):
        load_columns(config(), {"image": Picture(8, 8), "label": Label(2)})
    with pytest.raises(UsageError, match="paintings has no names of files"):
        load_columns(DataConfig(a={"source": "photos"}, b={"source": "paintings"}, join="name"), PAIR)
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (12, 24, 3), np.uint8)).save("drawings/05.bmp")
    with pytest.raises(
        DataError, match="different shapes: 05 is 1 times as wide as high in a, 05 2 times in b"
    ):
        load_columns(config(), PAIR)
    for i in range(12):
        (folders / f"drawings/{i:02d}.bmp").rename(folders / f"drawings/x{i}.bmp")
    with pytest.raises(DataError, match=r"no picture of one side has a partner.*: a has 00, b has x\d"):
        load_columns(config(), PAIR)


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"a": {"source": "x"}}, r"\[data.b\] is missing"),
        ({"join": "name"}, r"there are no \[data.a\] and \[data.b\]"),
        ({"join": "nam"}, "did you mean 'name'"),
        ({"join": "side_by_side", "a": {"source": "x"}, "b": {"source": "y"}}, "which is of one source"),
        ({"a": {"source": "x"}, "b": {}}, r"\[data.b\] has no source"),
        ({"a": {"source": "x", "sorce": "y"}, "b": {"source": "z"}}, "did you mean 'source'"),
        ({"a": {"source": "x", "crop": "middle"}, "b": {"source": "z"}}, "unknown data.crop 'middle'"),
        ({"part": "middle"}, "unknown data.part"),
    ],
)
def test_settings_of_sides_that_make_no_sense(settings, says):
    with pytest.raises(UsageError, match=says):
        DataConfig(**settings)


def test_a_recipe_names_both_sides_and_gives_neither_place_away(tmp_path):
    tables = {"model": {"name": "dcgan"}}
    for word in ("data.a.source=photos", "data.b.source=paintings", "data.b.crop=none"):
        apply_setting(tables, word)
    resolved = resolve(tables)
    assert side_of(resolved.data, "b").crop == "none" and side_of(resolved.data, "a").crop == "center"
    import tomllib

    assert resolve(tomllib.loads(to_toml(resolved.tables()))) == resolved
    given_away = without_places(resolved).data
    assert given_away.a["source"] not in ("photos", str(tmp_path)) and given_away.b["source"] == "paintings"


def test_columns_of_different_lengths_are_no_store():
    with pytest.raises(DataError, match="2 of image, 3 of label"):
        data.Store.of_pictures(np.zeros((2, 4, 4, 3), np.uint8), np.zeros(3, np.int32), ("a",))
