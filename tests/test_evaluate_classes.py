"""Classes of scored samples: in the real pictures' proportions, matched by name; what a report is of."""

import dataclasses
import json
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from ganzoo import data, evaluation
from ganzoo.base.errors import DataError
from ganzoo.config import resolve
from ganzoo.data.drawn import inputs_like
from ganzoo.data.store import Store
from ganzoo.evaluation import evaluate_run
from ganzoo.kinds import Label
from ganzoo.metrics import feature_space, frechet_distance
from ganzoo.metrics.modes import count_modes
from ganzoo.models.cgan import CGAN
from ganzoo.training import runs
from ganzoo.training.scores import Scorer
from ganzoo.training.trained import Trained

SIDE, NUM = 16, 400
FOLDED = {"min_per_class": 5}


@pytest.fixture(autouse=True, scope="module")
def one_network():
    """A quick stand-in for MobileNet, whose features are tested elsewhere."""
    quick = dataclasses.replace(feature_space("pixels"), name="mobilenet")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluation, "feature_space", lambda name: quick)
        yield


class Perfect:
    """A generator that has learned the pictures of a store: it shows real ones, of the class asked for."""

    fingerprint, images_seen = "00000000", SimpleNamespace(numpy=lambda: 7)

    def __init__(self, store, family):
        self.images, self.labels, self.family = store.images, np.asarray(store.labels), family
        self.asked = []

    def sample(self, num, seed, label=None):
        draw = np.random.default_rng([seed, 9])
        if label is None:
            rows = draw.integers(0, len(self.images), num)
        else:
            rows = [draw.choice(np.flatnonzero(self.labels == one)) for one in label]
            self.asked += list(label)
        return self.images[rows] / 127.5 - 1


def perfect_run(
    folder: Path, patch, model: str, source: str = "paintings", **arguments
) -> tuple[Path, Perfect]:
    """A run of a model whose generator is perfect on the pictures of `source`."""
    table = {"name": model, "image_size": SIDE, "width": 4, "latent_dim": 8, **arguments}
    config = resolve({"model": table, "data": {"source": source, **FOLDED}})
    store = data.load(config.data, SIDE, 3)
    config = dataclasses.replace(config, family=config.family.fit_to_data(store))
    folder.mkdir()
    runs.create(folder, config)
    gan = Perfect(store, config.family)
    patch.setattr(Trained, "load", lambda found, checkpoint: gan)
    return folder, gan


def squares(path: Path, names: str, num: int = 40) -> Path:
    """An .npz of pictures of one grey each, a grey for each letter, called by these letters."""
    label = np.arange(num) % len(names)
    grey = np.array([20 + 25 * (ord(name) - ord("a")) for name in names])[label]
    noise = np.random.default_rng(0).integers(0, 10, (num, SIDE, SIDE, 3))
    pictures = (grey[:, None, None, None] + noise).astype(np.uint8)
    np.savez(path, image=pictures, label=np.array(list(names))[label])
    return path


def test_a_perfect_conditional_generator_scores_as_an_unconditional_one(tmp_path, monkeypatch):
    """On the embedded centuries, of which one has 30 times the paintings of another."""
    found = {}
    for model in ("dcgan", "cgan"):
        run, gan = perfect_run(tmp_path / model, monkeypatch, model)
        report = evaluate_run(run, features="pixels", measures=["frechet"], num=NUM).report
        found[model] = report["FD-pixels"].value
    assert found["cgan"] == pytest.approx(found["dcgan"], rel=0.25)
    shares = np.bincount(gan.labels)
    # What is expected of draws from the very same shares: (classes - 1) / 2 N.
    assert count_modes(np.array(gan.asked), len(shares), shares).kl < 3 * (len(shares) - 1) / (2 * NUM)


def test_scores_while_training_ask_in_the_datas_proportions(tmp_path, monkeypatch):
    _, gan = perfect_run(tmp_path / "r", monkeypatch, "cgan")
    store = data.load(resolve({"model": {"name": "dcgan"}, "data": FOLDED}).data, SIDE, 3)
    Scorer(store, "pixels", 134, seed=0)(gan)
    shares = np.bincount(gan.labels)
    assert count_modes(np.array(gan.asked), len(shares), shares).kl < 3 * (len(shares) - 1) / (2 * 134)


def test_classes_drawn_one_by_one_are_what_real_pictures_are_measured_against():
    """Exact proportions would let a perfect generator come nearer to the real than other real pictures do."""
    rng, num = np.random.default_rng(0), 200
    centres = rng.normal(0, 5, (4, 6))
    labels = rng.choice(4, 40_000, p=[0.55, 0.3, 0.1, 0.05])
    family, store = CGAN(num_classes=4), data.Store({"label": labels}, {"label": Label(4)})

    def made(asked):
        return centres[asked] + rng.normal(size=(len(asked), 6))

    real, drawn, exact = [], [], []
    counts = np.array([110, 60, 20, 10])
    for seed in range(60):
        reals = made(rng.choice(labels, num))
        real.append(frechet_distance(reals, made(rng.choice(labels, num))))
        drawn.append(frechet_distance(reals, made(inputs_like(family, store, num, seed)["label"])))
        exact.append(frechet_distance(reals, made(np.repeat(np.arange(4), counts))))
    assert np.mean(drawn) == pytest.approx(np.mean(real), rel=0.2)
    assert np.mean(exact) < 0.7 * np.mean(real)


@pytest.mark.parametrize("names", ["abc", "cab"])
def test_classes_are_matched_by_name(tmp_path, monkeypatch, names):
    """Before, by number: of classes in another order no sample was of the one asked for."""
    run, gan = perfect_run(tmp_path / "r", monkeypatch, "cgan", str(squares(tmp_path / "own.npz", "abc")))
    number = np.array([names.index(name) for name in "abc"], np.int32)
    load = data.load_columns

    def other(config, *shape):  # the same pictures, their classes numbered otherwise
        if config.source != "it":
            return load(config, *shape)
        return Store.of_pictures(gan.images, number[gan.labels], tuple(names), fingerprint=names)

    monkeypatch.setattr(evaluation.data, "load_columns", other)
    report = evaluate_run(run, source="it", features="pixels", measures=["agreement"], num=40).report
    assert report["class agreement"].value > 0.95


def test_other_classes_are_an_error_that_names_both_lists(tmp_path, monkeypatch):
    run, _ = perfect_run(tmp_path / "r", monkeypatch, "cgan", str(squares(tmp_path / "own.npz", "abc")))
    other = squares(tmp_path / "other.npz", "abd")
    with pytest.raises(DataError, match=r"the model's classes are a, b, c, but the data's are a, b, d"):
        evaluate_run(run, source=str(other), features="pixels", measures=["frechet"], num=20)


# ---- what a report is of --------------------------------------------------------------------


def test_a_report_carries_what_it_is_of_and_has_a_name_of_its_own(tmp_path, monkeypatch):
    run, gan = perfect_run(tmp_path / "r", monkeypatch, "cgan", str(squares(tmp_path / "own.npz", "abc")))
    other = squares(tmp_path / "other.npz", "abc", num=60)
    few = {"features": "pixels", "measures": ["frechet"], "num": 20}
    first = evaluate_run(run, **few)
    made = json.loads(first.to_json())
    of = made["of"]
    assert of["run"] == "r" and of["images_seen"] == 7 and of["generator"] == "00000000"
    assert of["recipe"]["model"]["name"] == "cgan" and of["num"] == 20 and of["seed"] == 0
    assert of["data"]["source"] == str(tmp_path / "own.npz") and of["data"]["split"] == "train"
    assert of["data"]["fingerprint"] == data.load(runs.read_config(run).data, SIDE, 3).fingerprint
    assert of["features"][0] == "pixels" and {"ganzoo", "keras", "tensorflow"} <= set(of["versions"])
    assert evaluate_run(run, **few).name == first.name and made["rows"][0]["name"] == "FD-pixels"
    names = {first.name}
    for change in ({"source": str(other)}, {"seed": 1}, {"num": 21}, {"measures": ["kernel"]}):
        names.add(evaluate_run(run, **{**few, **change}).name)
    gan.fingerprint = "00000001"  # trained again in the same folder
    names.add(evaluate_run(run, **few).name)
    assert len(names) == 6
