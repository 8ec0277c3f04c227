"""Every kind of column: check in the pipeline, random draw, reading, showing, writing; wrong values."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.kinds import Bar, Kind, Label, LabelMap, Numbers, Picture, Sentence
from ganzoo.step.batches import as_is
from ganzoo.step.draws import Draws

WORDS = ("red", "green", "circle", "square", "a")
KINDS = {
    "picture": Picture(4, 6),
    "label": Label(3, ("one", "two", "three")),
    "map": LabelMap(4, 6, 3),
    "sentence": Sentence(WORDS, 5),
    "bar": Bar(8, 60, 12),
    "numbers": Numbers((2,), ("x", "y")),
}
VALUES = {  # two of each, as they are stored
    "picture": np.arange(144, dtype=np.uint8).reshape(2, 4, 6, 3),
    "label": np.array([2, 0], np.int32),
    "map": np.arange(48, dtype=np.uint8).reshape(2, 4, 6) % 3,
    "sentence": np.array([[6, 2, 4, 0, 0], [6, 3, 1, 0, 0]], np.int32),
    "bar": np.array([[0, 12, 13, 4, 4, 12, 12, 13], [13] * 8], np.uint8),
    "numbers": np.array([[0.5, -1.0], [3.0, 2.0]], np.float32),
}


@pytest.mark.parametrize("name", KINDS)
def test_stored_values_pass_the_pipeline_and_have_the_shape_and_type_of_a_batch(name):
    kind, stored = KINDS[name], VALUES[name]
    assert stored.dtype == kind.stored and stored.shape[1:] == kind.stored_shape
    dataset = tf.data.Dataset.from_tensors(stored).map(lambda values: kind.check_batch("it", values))
    (batch,) = dataset
    assert tuple(batch.shape) == (2, *kind.shape)
    assert batch.dtype == (stored.dtype if name == "picture" else kind.dtype)  # the step scales pixels


@pytest.mark.parametrize("name", KINDS)
def test_one_value_serves_all_and_a_wrong_number_is_an_error(name):
    kind = KINDS[name]
    value = np.asarray(kind.read("it", VALUES[name], 2))
    assert value.shape == (2, *kind.shape) and value.dtype == kind.dtype
    one = kind.read("it", VALUES[name][:1], 3)
    assert one.shape == (3, *kind.shape) and (one[0] == one[2]).all()
    with pytest.raises(UsageError, match=r"2 its are given for 3 pictures|the shape"):
        kind.read("it", VALUES[name], 3)
    assert kind.describe()


@pytest.mark.parametrize("name", KINDS)
def test_what_cannot_be_drawn_says_so(name):
    kind = KINDS[name]
    assert kind.can_be_drawn == (name == "label")
    if kind.can_be_drawn:
        assert set(kind.draw(Draws(0), "label", 200).numpy()) == {0, 1, 2}
    else:
        with pytest.raises(UsageError, match=f"it is a {kind.word}, which cannot be drawn at random"):
            kind.draw(Draws(0), "it", 2)


@pytest.mark.parametrize("name", KINDS)
def test_a_value_is_written_to_a_file_and_shown_if_it_can_be(name, tmp_path):
    kind = KINDS[name]
    values = kind.read("it", VALUES[name], 2)
    path = tmp_path / f"value{kind.ending}"
    kind.write(values[0], path)
    assert path.stat().st_size > 0
    if kind.can_be_shown:
        shown = kind.as_pictures(values)
        assert shown.shape == (2, *kind.shown_shape) and shown.min() >= -1 and shown.max() <= 1
    else:
        with pytest.raises(UsageError, match="nothing that can be shown"):
            kind.as_pictures(values)


def test_files_come_back_as_the_values_that_were_written(tmp_path):
    maps, bars = KINDS["map"], KINDS["bar"]
    maps.write(VALUES["map"][0], tmp_path / "map.png")
    np.testing.assert_array_equal(maps.decode(tmp_path / "map.png"), VALUES["map"][0])
    Image.fromarray(VALUES["map"][0]).save(
        tmp_path / "numbers.png"
    )  # classes as grey values, as data sets have
    np.testing.assert_array_equal(maps.decode(tmp_path / "numbers.png"), VALUES["map"][0])
    bar = bars.read("bar", VALUES["bar"][0], 1)[0]
    bars.write(bar, tmp_path / "bar.mid")
    assert bars.decode(tmp_path / "bar.mid") == VALUES["bar"][0].tolist()
    np.testing.assert_array_equal(bars.read("bar", str(tmp_path / "bar.mid"), 1)[0], bar)
    assert bars.plain(bar) == "C4 _ . E4 E4 _ _ ." and bars.encode("C4 _ . E4 E4 _ _") == bars.tokens(bar)


def test_a_map_is_cut_as_its_picture_is(tmp_path):
    wide = np.repeat(np.arange(3, dtype=np.uint8), 4)[None].repeat(4, axis=0)  # 12 wide, 4 high
    Image.fromarray(wide).save(tmp_path / "wide.png")
    kind = LabelMap(4, 4, 3)
    assert (kind.decode(tmp_path / "wide.png", crop="center") == 1).all()
    assert set(kind.decode(tmp_path / "wide.png", crop="none")[0]) == {0, 1, 2}


def test_sentences_are_read_by_their_words():
    kind = KINDS["sentence"]
    assert kind.encode("A red CIRCLE!") == [6, 2, 4, 0, 0] and kind.decode([6, 2, 4, 0, 0]) == "a red circle"
    assert kind.encode("a blue circle")[1] == 1 and kind.num_words == 7
    np.testing.assert_array_equal(kind.read("text", ["a red circle", "green"], 2)[1], [3, 0, 0, 0, 0])
    with pytest.raises(UsageError, match="unknown word 'circl': did you mean 'circle'"):
        kind.read("text", "a red circl", 1)
    with pytest.raises(UsageError, match="has no word"):
        kind.read("text", "...", 1)


def batches_of(kind: Kind, values) -> None:
    for _ in tf.data.Dataset.from_tensors(values).map(as_is(lambda x: kind.check_batch("it", x))):
        pass


@pytest.mark.parametrize(
    "name, values",
    [
        ("label", np.array([3])),
        ("map", np.full((1, 4, 6), 3, np.uint8)),
        ("sentence", np.full((1, 5), 7, np.int32)),
        ("bar", np.full((1, 8), 14, np.uint8)),
    ],
)
def test_values_outside_are_stopped_in_the_pipeline(name, values):
    with pytest.raises(tf.errors.InvalidArgumentError, match=r"outside|above"):
        batches_of(KINDS[name], values)


@pytest.mark.parametrize("name", ["label", "map"])
def test_classes_are_whole_numbers(name):
    with pytest.raises(DataError, match=r"is float32|are float32"):
        batches_of(KINDS[name], VALUES[name].astype(np.float32))


@pytest.mark.parametrize(
    "name, asked, says",
    [
        ("picture", "photo", "this model takes a picture of 6x4"),
        ("picture", np.zeros((4, 4, 3)), r"the shape \(1, 4, 4, 3\)"),
        ("picture", np.full((4, 6, 3), 255.0), "reaches beyond"),
        ("label", "four", "unknown class 'four': did you mean 'two'|unknown class 'four'"),
        ("label", 3, "outside the model's classes"),
        ("map", np.full((4, 6), 3), "holds the class 3"),
        ("map", "x", "this model takes a label map"),
        ("bar", "H4", "'H4' is no step of a bar"),
        ("bar", "C4 " * 9, "9 steps are given, but a bar has 8"),
        ("bar", "C9", "'C9' is no step"),
        ("numbers", "1,two", "this model takes numbers"),
        ("numbers", [1.0, float("nan")], "not finite"),
        ("numbers", [1.0], r"the shape \(1,\)|the shape"),
    ],
)
def test_what_is_no_such_value_is_one_sentence(name, asked, says):
    with pytest.raises(UsageError, match=says):
        KINDS[name].read("it", asked, 1)


@pytest.mark.parametrize(
    "make, says",
    [
        (
            lambda path: Image.new("RGB", (6, 4), (1, 2, 3)).save(path),
            r"the colour \(1, 2, 3\), which is no class's",
        ),
        (lambda path: Image.new("L", (6, 4), 200).save(path), "holds the class 200, but the 3 are 0 to 2"),
        (lambda path: Image.new("L", (6, 4)).save(path, "JPEG"), "is a JPEG, which mixes classes"),
        (lambda path: path.write_bytes(b"no picture"), "no label map that can be read"),
    ],
)
def test_a_file_that_is_no_such_map_is_named(tmp_path, make, says):
    path = tmp_path / "map.png"
    make(path)
    with pytest.raises(DataError, match=says):
        KINDS["map"].decode(path)


def test_numbers_are_read_from_a_command_line():
    np.testing.assert_array_equal(KINDS["numbers"].read("it", "0.5, -1", 1), [[0.5, -1.0]])
    assert KINDS["label"].read_word("label", "two") == 1 and Label(3).read_word("label", "2") == 2
