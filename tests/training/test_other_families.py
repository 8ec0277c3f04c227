"""Runs of families that are no generator and discriminator of one set: sides, captions, no opponent."""

import csv
import io
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.config import resolve
from ganzoo.family import FAMILIES
from ganzoo.kinds import Picture, Sentence
from ganzoo.listeners import Listener
from ganzoo.objective import Objective
from ganzoo.step.contests import Contest, Judged
from ganzoo.training import checkpoints
from ganzoo.training.loop import train
from tests.step.step_families import IMAGE, Alone, Base, Cycle, Translation, from_latents, patches


@dataclass(frozen=True)
class Captioned(Base):
    """Pictures out of a latent and a sentence, whose words are counted."""

    vocabulary: tuple[str, ...] | None = None

    @property
    def columns(self):
        return {"image": Picture(*IMAGE), "text": Sentence(self.vocabulary or (), 5)}

    from_data: ClassVar[tuple[str, ...]] = ("vocabulary",)

    def fit_to_data(self, store):
        return replace(self, vocabulary=store.kinds["text"].vocabulary)

    def counted(self, text):
        return tf.reduce_sum(tf.one_hot(text, 8), axis=1)

    def generators(self, seeds):
        return {"generator": from_latents(seeds("generator"), self.latent_dim + 8)}

    def discriminators(self, seeds):
        return {"discriminator": patches(seeds("discriminator"))}

    def make(self, networks, latents, batch, draws, training):
        return {"image": networks["generator"](tf.concat([latents, self.counted(batch["text"])], 1))}

    def contests(self, batch, made, buffers, draws):
        return [Contest("discriminator", batch, {**batch, "image": made["image"]})]

    def judge(self, networks, discriminator, example, training):
        return Judged((networks[discriminator](example["image"])[0],))

    def show(self, networks, latents, given, stage, images_seen):
        return networks["generator"](tf.concat([latents, self.counted(given["text"])], 1))


class Told(Listener):
    """A record of a family's own: what it was told, and a column."""

    columns = ("brightness",)

    def __init__(self, session):
        self.session, self.heard = session, []

    def measure(self, row):
        row["brightness"] = 0.5

    def written(self, row):
        self.heard.append(row["images_seen"])

    def end(self):
        (self.session.paths.root / "told.txt").write_text(str(self.heard))


@dataclass(frozen=True)
class Lone(Alone):
    """The autoencoder with a record of its own."""

    objective: ClassVar[Objective] = Alone.objective

    def listeners(self, session):
        return [Told(session)]


@pytest.fixture
def folders(tmp_path, monkeypatch):
    """Sides photos and drawings of noise, captions beside photos, and the families by name."""
    monkeypatch.setenv("GANZOO_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    for name, family in {"cyc": Cycle, "tra": Translation, "cap": Captioned, "lone": Lone}.items():
        monkeypatch.setitem(FAMILIES._entries, name, family)
    rng = np.random.default_rng(0)
    for folder in ("photos", "drawings"):
        (tmp_path / folder).mkdir()
        for i in range(16):
            Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(f"{folder}/{i:02d}.png")
    for i in range(16):
        (tmp_path / f"photos/{i:02d}.txt").write_text(("red ball", "blue box")[i % 2])
    return tmp_path


SIDES = {"a": {"source": "photos"}, "b": {"source": "drawings"}}
DATA = {
    "cyc": SIDES,
    "tra": {**SIDES, "join": "name"},
    "cap": {"source": "photos"},
    "lone": {"source": "photos"},
}
WIDTH = {"cyc": 2, "tra": 3, "cap": 2, "lone": 8}  # pictures in a row of the grid


def config(model: str, images: int = 48):
    return resolve(
        {
            "model": {"name": model},
            "train": {"images": images, "batch_size": 8, "grid_every": 16, "checkpoint_every": 16},
            "data": DATA[model],
        }
    )


@pytest.mark.parametrize("model", DATA)
def test_they_are_trained_stopped_and_go_on_to_the_same_bits(folders, model, capfd):
    whole = train(config(model), folders / "whole", stream=io.StringIO())
    assert whole["images_seen"] == 48 and whole["exit_code"] == 0

    train(config(model, 24), folders / "parts", stream=io.StringIO())
    train(config(model), folders / "parts", stream=io.StringIO())
    parts, one = (
        checkpoints.values(ganzoo.load(folders / name, "last").state()) for name in ("parts", "whole")
    )
    assert parts.keys() == one.keys()
    for name, value in one.items():
        np.testing.assert_array_equal(parts[name], value, err_msg=name)
    with Image.open(sorted((folders / "whole/samples").glob("*.png"))[-1]) as sheet:
        columns = WIDTH[model] * 10 + 2  # pixels, before it is enlarged
        assert sheet.width % columns == 0 and sheet.height / (sheet.width / columns) > 80
    with open(folders / "whole/log.csv", newline="") as file:
        row = list(csv.DictReader(file))[-1]
    losses = [float(row[name]) for name in row if name.endswith("loss")]
    assert np.isfinite(losses).all() and (folders / "whole/loss.png").is_file()
    assert ("d_loss" in row) == (model != "lone")
    terms = {"cyc": "cycle", "tra": "l1", "lone": "kl"}
    assert model not in terms or np.isfinite(float(row[terms[model]]))


def test_a_family_brings_a_record_of_its_own(folders):
    train(config("lone"), folders / "run", stream=io.StringIO())
    with open(folders / "run/log.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["brightness"] for row in rows] == ["0.500000"] * len(rows)
    assert (folders / "run/told.txt").read_text() == str([int(row["images_seen"]) for row in rows])


def test_a_sentence_is_asked_for_by_its_words(folders):
    train(config("cap"), folders / "run", stream=io.StringIO())
    gan = ganzoo.load(folders / "run")
    assert set(gan.family.vocabulary) == {"red", "ball", "blue", "box"}
    assert gan.sample(2, seed=1, text=["red ball", "blue box"]).shape == (2, *IMAGE)
    with pytest.raises(UsageError, match="unknown word 'rad': did you mean 'red'"):
        gan.sample(1, text="rad ball")
