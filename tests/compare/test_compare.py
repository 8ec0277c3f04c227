"""A whole comparison of tiny models, interrupted and with a failure in it; its page in a browser."""

import dataclasses
import io
import json
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganzoo import evaluation
from ganzoo.base.errors import DataError, RunError
from ganzoo.compare import compare
from ganzoo.compare.cost import counted
from ganzoo.compare.gallery import Looks
from ganzoo.compare.html_page import page
from ganzoo.compare.plan import Budget, make_plan
from ganzoo.compare.run import Slot, in_a_process
from ganzoo.config import resolve
from ganzoo.data.store import Store
from ganzoo.metrics import feature_space
from ganzoo.training import scores
from ganzoo.training.interrupt import INTERRUPTED
from ganzoo.training.loop import train
from tests.conftest import requests_of

PICTURES = 60
BAD = """
loss = "non_saturating"
[model]
name = "vanilla"
channels = 3
[train]
learning_rate = 1
penalties = [{ name = "r1", weight = 1e12 }]
"""


def in_this_process(plan, run, slot, stop):
    """What `ganzoo-train` does, without the seconds that a process takes to start."""
    try:
        return train(run.config, run.root, stream=io.StringIO())["exit_code"], ""
    except RunError as error:
        return error.exit_code, str(error)


class Counting:
    """Trains in this process, notes what it trained, and can be interrupted before a run."""

    def __init__(self, interrupted_before=None):
        self.trained, self.interrupted_before = [], interrupted_before

    def __call__(self, plan, run, slot, stop):
        if run.name == self.interrupted_before:
            return INTERRUPTED, ""
        self.trained.append(run.name)
        return in_this_process(plan, run, slot, stop)


@pytest.fixture(scope="module")
def terms(tmp_path_factory):
    """The arguments of a small comparison: two models and one that cannot be trained."""
    folder = tmp_path_factory.mktemp("compare")
    rng = np.random.default_rng(0)
    labels = np.arange(PICTURES) % 2
    coarse = rng.integers(0, 100, (PICTURES, 4, 4, 3)) + 150 * labels[:, None, None, None]
    pictures = coarse.astype(np.uint8).repeat(4, 1).repeat(4, 2)
    np.savez(folder / "two.npz", image=pictures, label=labels)
    (folder / "bad.toml").write_text(BAD)
    settings = ["model.image_size=16", "model.width=4", "train.batch_size=8", "train.eval_num=8"]
    return {
        "models": ["vanilla", "dcgan"],
        "recipes": [str(folder / "bad.toml")],
        "settings": [*settings, "train.grid_every=1000"],
        "data": str(folder / "two.npz"),
        "images": 48,
        "seeds": 2,
        "features": "pixels",
        "num": 60,
        "out": folder / "out",
    }


@pytest.fixture(scope="module")
def one_network():
    """A quick stand-in for MobileNet, whose features are tested elsewhere: the pixels, under its name."""
    quick = dataclasses.replace(feature_space("pixels"), name="mobilenet")
    with pytest.MonkeyPatch.context() as patch:
        for module in (evaluation, scores):
            patch.setattr(module, "feature_space", lambda name: quick)
        yield


@pytest.fixture(scope="module")
def comparison(terms, one_network):
    """It, interrupted after its first run and gone on with; what was trained when."""
    first, second = Counting(interrupted_before="dcgan-seed0"), Counting()
    with pytest.raises(KeyboardInterrupt):
        compare(**terms, trainer=first, say=lambda text: None)
    done = compare(**terms, trainer=second, say=lambda text: None)
    return done, first.trained, second.trained


def test_what_was_trained_is_not_trained_again(comparison, terms):
    done, first, second = comparison
    assert first == ["vanilla-seed0"]
    assert second == ["dcgan-seed0", "bad-seed0", "vanilla-seed1", "dcgan-seed1", "bad-seed1"]
    said, third = [], Counting()
    began = time.monotonic()
    again = compare(**terms, trainer=third, say=said.append)
    assert third.trained == [] and said == ["6 of 6 runs have ended already"]  # nor scored or drawn
    assert again.results == done.results and time.monotonic() - began < 60


def test_the_results_hold_together(comparison, terms):
    results = comparison[0].results
    assert json.loads((terms["out"] / "results.json").read_text()) == results
    vanilla, dcgan, bad = results["contestants"]
    for each in (vanilla, dcgan):
        assert [run["status"] for run in each["runs"]] == ["finished", "finished"]
        assert [run["images_seen"] for run in each["runs"]] == [48, 48]
        found = each["measures"]["last"]["FD-pixels"]
        values = [run["last"]["measures"]["FD-pixels"]["value"] for run in each["runs"]]
        assert found["value"]["mean"] == pytest.approx(sum(values) / 2)
        assert found["ratio"]["mean"] > 1 and each["measures"]["last"]["modes"]["value"]["mean"] >= 1
        assert each["runs"][0]["curve"][-1]["FD-pixels"] > 0
    assert results["floors"]["modes"]["floor"] == 2
    assert vanilla["cost"]["generator_parameters"] == 100 * 4 + 4 + 4 * 4 + 4 + 4 * 768 + 768
    assert [run["status"] for run in bad["runs"]] == ["failed", "failed"]
    assert "training diverged" in bad["runs"][0]["sentence"]
    assert len(results["differences"]) == 1 and "batch_size" not in results["unequal"]
    text = (terms["out"] / "results.md").read_text()
    assert "bad: 2 of 2 runs failed; there are no numbers of it." in text and "| vanilla | 2 of 2 |" in text


def test_the_page_is_one_file_with_its_pictures_in_it(comparison):
    text = comparison[0].report.read_text()
    assert len(text) < 3e6 and text.count("<img ") >= 2 * 2 + 1 + 2 + 2
    for outside in ('src="http', "url(", "@import", "<script", '<link rel="stylesheet'):
        assert outside not in text
    for path in comparison[0].report.parent.glob("re*.*"):  # results.json, results.md, report.html
        assert "pytest-of-" not in path.read_text() and "two.npz" not in path.read_text(), path
    assert "ganzoo-compare --models vanilla,dcgan --recipes bad.toml" in text and "--out FOLDER" in text
    assert "https://arxiv.org/abs/1406.2661" in text  # links to papers are fine
    assert "training diverged" in text


def test_what_was_scored_under_other_terms_is_not_used(comparison, terms):
    """Another N has files of its own, and the report of the first is kept."""
    folder = terms["out"] / "runs" / "dcgan-seed0" / "evaluations"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    was = (terms["out"] / "results.json").read_text()
    said = []
    again = compare(**{**terms, "num": 40}, trainer=Counting(), say=said.append)
    assert any("dcgan, seed 0, last" in text and "scoring" in text for text in said)
    assert again.results["scoring"]["num"] == 40
    assert {name: (folder / name).read_bytes() for name in before} == before
    (earlier,) = (terms["out"] / "earlier").iterdir()
    assert (earlier / "results.json").read_text() == was and (earlier / "report.html").is_file()
    compare(**terms, trainer=Counting(), say=lambda text: None)  # as the other tests expect it


def test_runs_of_other_data_are_no_results(comparison, terms):
    made, source = comparison[0].results, Path(terms["data"])
    whole = source.read_bytes()
    with np.load(source) as arrays:
        other = {**arrays, "image": arrays["image"][::-1]}
    np.savez(source, **other)
    with pytest.raises(DataError, match=r"trained on other data .*give another --out"):
        compare(**terms, trainer=Counting(), say=lambda text: None)
    source.write_bytes(whole)
    assert json.loads((terms["out"] / "results.json").read_text())["data"] == made["data"]


def test_a_film_moves(comparison, terms):
    (film,) = (terms["out"] / "runs" / "dcgan-seed0" / "evaluations").glob("*-walk.webp")
    with Image.open(film) as walk:
        assert walk.n_frames == 30
        first = np.asarray(walk.convert("RGB"), np.int32)
        walk.seek(15)
        assert np.abs(first - np.asarray(walk.convert("RGB"), np.int32)).max() > 0


def test_a_process_of_its_own_and_its_failure(terms, tmp_path):
    budget = Budget(images=16)
    plan = make_plan(
        out=tmp_path / "out",
        recipes=terms["recipes"],
        settings=terms["settings"],
        source=terms["data"],
        budget=budget,
        seeds=1,
    )
    code, sentence = in_a_process(plan, plan.runs()[0], Slot("cpu", 1), threading.Event())
    assert code == 1 and "training diverged" in sentence
    log = (plan.out / "logs" / "bad-seed0.txt").read_text()
    assert "ganzoo 0.1.0 trains vanilla" in log and "Traceback" not in log


def test_what_is_counted_by_hand():
    model = {
        "name": "vanilla",
        "image_size": 4,
        "latent_dim": 6,
        "width": 5,
        "depth": 1,
        "activation": "relu",
    }
    model |= {"d_width": 3, "d_depth": 1, "d_activation": "relu", "dropout": 0.0}
    config = resolve({"model": model, "train": {"batch_size": 2, "images": 10}})
    cost = counted(config, Store.of_pictures(np.zeros((4, 4, 4, 1), np.uint8)), 10)
    generator, discriminator = 6 * 5 + 5 * 16, 16 * 3 + 3 * 1
    assert cost.sample == generator
    assert cost.generator_parameters == generator + 5 + 16
    # G: forward, and its weights' gradients and those of its hidden units. D on real, on fake, again on fake
    # for G: three times forward; the weights' gradients and the hidden units' twice; those of the fakes once.
    g_backward = generator + 5 * 16
    d_updates = 2 * (discriminator + 3 * 1)
    assert cost.train == generator + g_backward + 3 * discriminator + d_updates + discriminator


def test_a_page_of_nothing_but_failures_is_a_page(comparison):
    results = json.loads(json.dumps(comparison[0].results))
    results["contestants"] = results["contestants"][2:]
    results |= {"differences": [], "floors": {}}
    text = page(results, Looks(), "ganzoo-compare")
    assert "nothing is compared" in text and "<img " not in text


@pytest.mark.parametrize("width", [1280, 390])
def test_in_a_browser(comparison, browser, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.get(comparison[0].report.as_uri())
    browser.execute_script("document.querySelectorAll('details').forEach(d => d.open = true)")
    widths = browser.execute_script("return [...document.images].map(i => i.complete ? i.naturalWidth : 0)")
    assert len(widths) >= 9 and min(widths) > 0
    assert browser.execute_script("return document.documentElement.scrollWidth") <= width
    assert browser.execute_script("return document.querySelectorAll('svg.chart').length") >= 8
    assert browser.get_log("browser") == []
    asked = requests_of(browser)
    assert asked and all(url.startswith(("file:", "data:")) for url in asked)
