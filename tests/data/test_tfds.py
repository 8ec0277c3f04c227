"""TensorFlow Datasets in both directions: `tfds:NAME` as a source, `painter_by_numbers` as a builder."""

import csv
import importlib
import io
import zipfile

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError
from ganzoo.data import DataConfig, load, prepare

tfds = pytest.importorskip("tensorflow_datasets")
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")


def jpeg(seed: int, size=(90, 80)) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (5, 5, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


class TinyShapes(tfds.core.GeneratorBasedBuilder):
    """Ninety pictures of three classes, two splits, one picture twice."""

    VERSION = tfds.core.Version("1.0.0")
    pkg_dir_path = None

    def _info(self):
        features = {
            "image": tfds.features.Image(shape=(None, None, 3), encoding_format="jpeg"),
            "label": tfds.features.ClassLabel(names=["round", "square", "wild"]),
            "maker": tfds.features.Text(),
        }
        return tfds.core.DatasetInfo(builder=self, features=tfds.features.FeaturesDict(features))

    def _split_generators(self, dl_manager):
        return {"train": self._generate_examples(range(80)), "test": self._generate_examples(range(79, 90))}

    def _generate_examples(self, numbers):
        for number in numbers:
            image = io.BytesIO(jpeg(number, (40 + number, 50)))
            yield number, {"image": image, "label": number % 3, "maker": f"maker {number % 2}"}


@pytest.fixture
def shapes(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = TinyShapes(data_dir=tmp_path / "tfds")
    made.download_and_prepare()
    monkeypatch.setattr(tfds, "builder", lambda name: TinyShapes(data_dir=tmp_path / "tfds"))
    return made


def test_a_set_of_tfds_is_a_source(shapes):
    train = load(DataConfig(source="tfds:tiny_shapes"), 32, progress=False)
    test = load(DataConfig(source="tfds:tiny_shapes", split="test"), 32, progress=False)
    assert (len(train), len(test)) == (80, 10)  # number 79 is in both: an exact duplicate, the first stays
    assert train.report["reasons"] == {"exact duplicate": 1} and train.report["found"] == 91
    assert train.class_names == test.class_names == ("round", "square", "wild")
    assert sorted(np.bincount(train.labels).tolist()) == [26, 27, 27]
    assert not train.report["notes"]


def test_labels_belong_to_their_pictures(shapes):
    store = load(DataConfig(source="tfds:tiny_shapes", crop="none", label="maker"), 32, progress=False)
    assert store.class_names == ("maker 0", "maker 1")
    expected = {}
    for number in range(80):
        image = Image.open(io.BytesIO(jpeg(number, (40 + number, 50))))
        expected[number] = np.asarray(image.resize((32, 32), Image.Resampling.BILINEAR)).astype(np.int16)
    for image, label in zip(store.images, store.labels, strict=True):
        nearest = min(expected, key=lambda number: np.abs(expected[number] - image).sum())
        assert nearest % 2 == label


def test_wrong_labels_and_sets_that_are_not_here(shapes, tmp_path, monkeypatch):
    with pytest.raises(UsageError, match="has image, label, maker"):
        load(DataConfig(source="tfds:tiny_shapes", label="style"), 32, progress=False)
    monkeypatch.setattr(tfds, "builder", lambda name: TinyShapes(data_dir=tmp_path / "nowhere"))
    with pytest.raises(
        DataError, match=r"download_and_prepare\(\)"
    ):  # at once: nothing is looked for on the network
        load(DataConfig(source="tfds:tiny_shapes"), 32, progress=False)


def test_interrupted_reading_goes_on(shapes, tmp_path, monkeypatch):
    from ganzoo.data import chunks

    whole = prepare("tfds:tiny_shapes", tmp_path / "whole", size=32, progress=False)
    write = chunks.write
    with monkeypatch.context() as patch:
        patch.setattr(
            chunks, "write", lambda path, *rest: write(path, *rest) if path.stem.endswith("0") else 1 / 0
        )
        with pytest.raises(ZeroDivisionError):
            prepare("tfds:tiny_shapes", tmp_path / "half", size=32, progress=False)
    assert len(list((tmp_path / "half" / "partial").glob("*.chunk"))) == 1
    assert (
        prepare("tfds:tiny_shapes", tmp_path / "half", size=32, progress=False).fingerprint
        == whole.fingerprint
    )
    assert (tmp_path / "half/images.npy").read_bytes() == (tmp_path / "whole/images.npy").read_bytes()


def manual_folder(folder):
    """Kaggle's files in small, as `painter_by_numbers` expects them."""
    with zipfile.ZipFile(folder / "train.zip", "w") as archive:
        for number in range(4):
            archive.writestr(f"train/{number}.jpg", jpeg(number))
    with zipfile.ZipFile(folder / "test.zip", "w") as archive:
        archive.writestr("test/4.jpg", jpeg(4))
        archive.writestr("test/5.jpg", b"broken")
    with open(folder / "all_data_info.csv", "w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["artist", "date", "genre", "style", "title", "in_train", "new_filename"])
        table.writerows(
            [f"Artist {n}", f"18{n}0", "landscape", "Realism", f"No. {n}", n < 4, f"{n}.jpg"]
            for n in range(6)
        )
    return folder


class PainterByNumbersTest(tfds.testing.DatasetBuilderTestCase):
    """The library's own contract for builders."""

    DATASET_CLASS = importlib.import_module("ganzoo.data.painter_by_numbers").PainterByNumbers
    SPLITS = {"train": 5}  # noqa: RUF012
    BUILDER_CONFIG_NAMES_TO_TEST = ["64"]  # noqa: RUF012
    SKIP_CHECKSUMS = True

    @classmethod
    def setUpClass(cls):
        import tempfile
        from pathlib import Path

        cls.folder = tempfile.TemporaryDirectory()
        (Path(cls.folder.name) / "manual").mkdir()
        cls.EXAMPLE_DIR = str(manual_folder(Path(cls.folder.name) / "manual"))
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.folder.cleanup()

    def setUp(self):
        patch = pytest.MonkeyPatch()
        patch.setenv("XDG_CACHE_HOME", self.folder.name + "/cache")
        self.addCleanup(patch.undo)
        super().setUp()


def test_the_builder_gives_the_prepared_pictures(tmp_path, monkeypatch):
    from ganzoo.data.painter_by_numbers import PainterByNumbers

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "manual").mkdir()
    source = manual_folder(tmp_path / "manual")
    builder = PainterByNumbers(config="64", data_dir=tmp_path / "tfds")
    settings = tfds.download.DownloadConfig(manual_dir=source)
    builder.download_and_prepare(download_config=settings)
    examples = {e["path"].decode(): e for e in builder.as_dataset(split="train").as_numpy_iterator()}
    store = load(DataConfig(source=str(source)), 64, progress=False)
    assert {e["image"].tobytes() for e in examples.values()} == {image.tobytes() for image in store.images}
    assert examples["test.zip/test/4.jpg"]["artist"] == b"Artist 4" and len(examples) == 5
