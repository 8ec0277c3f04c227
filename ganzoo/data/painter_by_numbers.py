"""painter_by_numbers for TensorFlow Datasets: Kaggle's paintings, cleaned by `ganzoo.data.prepare`.

    from ganzoo.data.painter_by_numbers import PainterByNumbers
    PainterByNumbers(config="64").download_and_prepare()     # then tfds.load("painter_by_numbers/64")

The builder cleans nothing itself: it prepares (into ganzoo's cache; interrupted, it goes on where it
was) and reads that store. Importing this module imports TensorFlow Datasets and registers the set.
"""

import dataclasses
from pathlib import Path

import tensorflow_datasets as tfds

from ganzoo.data import cached, manifest, prepared
from ganzoo.data.data_config import DataConfig
from ganzoo.data.listing import KAGGLE_CSV
from ganzoo.data.tables import rows

_TEXTS = ("artist", "date", "genre", "style", "title")


@dataclasses.dataclass
class PainterConfig(tfds.core.BuilderConfig):
    """`size`: side of the square pictures; short side brought to it, cut in the middle."""

    size: int = 64


class PainterByNumbers(tfds.core.GeneratorBasedBuilder):
    """Paintings with artist, date, genre, style and title; Kaggle's train and test pictures merged."""

    VERSION = tfds.core.Version("1.0.0")
    RELEASE_NOTES = {"1.0.0": "First version."}  # noqa: RUF012  the base class says how this is spelled
    BUILDER_CONFIGS = [  # noqa: RUF012
        PainterConfig(name=str(size), description=f"{size}x{size} pixels", size=size)
        for size in (64, 128, 256)
    ]
    MANUAL_DOWNLOAD_INSTRUCTIONS = """
    Log in at https://www.kaggle.com/c/painter-by-numbers/data, accept the rules of the competition, and
    put train.zip, test.zip, replacements_for_corrupted_files.zip and all_data_info.csv (or those of them
    that you want) into the manual folder, zipped as they are.
    """

    def _info(self) -> tfds.core.DatasetInfo:
        side = self.builder_config.size
        texts = {name: tfds.features.Text() for name in ("path", *_TEXTS)}
        return self.dataset_info_from_configs(
            description=self.__doc__,
            features=tfds.features.FeaturesDict(
                {"image": tfds.features.Image(shape=(side, side, 3)), **texts}
            ),
            homepage="https://www.kaggle.com/c/painter-by-numbers",
        )

    def _split_generators(self, dl_manager: tfds.download.DownloadManager):
        return {"train": self._generate_examples(Path(dl_manager.manual_dir))}

    def _generate_examples(self, source: Path):
        config = DataConfig(source=str(source), split="all")
        folder = cached.cached_folder(config, self.builder_config.size, 3, progress=True)
        images = prepared.open_store(folder, "all").images
        known = rows(source / KAGGLE_CSV) if (source / KAGGLE_CSV).is_file() else {}
        for line in manifest.read(folder / "manifest.csv"):
            if line["verdict"] == "accepted":
                about = known.get(line["path"].rpartition("/")[2], {})
                texts = {name: about.get(name, "") for name in _TEXTS}
                yield line["path"], {"image": images[int(line["row"])], "path": line["path"], **texts}
