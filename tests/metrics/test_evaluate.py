"""`evaluate` as a whole: rows with floors, what bad input is told, what the defaults see."""

import itertools
import json
import subprocess
import sys

import numpy as np
import pytest

from experiments import metrics_sensitivity as sensitivity
from ganzoo.base.errors import DataError, UsageError
from ganzoo.metrics import DEFAULT, MEASURES, Sample, evaluate, extract, feature_space, sample_of
from ganzoo.metrics.neighbours import nearest
from ganzoo.metrics.subsets import arrange
from tests.metrics.metrics_pictures import PAINTINGS, crops


def blurred(images):
    quarter = images.reshape(len(images), 16, 4, 16, 4, 3).mean(axis=(2, 4)).astype(np.uint8)
    return np.repeat(np.repeat(quarter, 4, axis=1), 4, axis=2)


def collapsed(images, different):
    return images[np.arange(len(images)) % different]


@pytest.fixture(scope="module")
def samples():
    """Real and equally real "fake" pictures with their features in a quick space, shared by the tests."""
    return split(600)


def split(num):
    """Two thirds of so many crops as reals, the rest as "fakes"."""
    space, pictures = feature_space("random"), crops(num)
    cut = 2 * num // 3
    return [sample_of(part, space, num) for part in (pictures[:cut], pictures[cut:])]


def test_equal_distributions_are_at_their_floors(samples):
    report = evaluate(*samples, features="random")
    assert {row.name for row in report.rows} >= {
        "FD-random",
        "KID-random",
        "precision",
        "recall",
        "density",
        "coverage",
        "SWD-random",
        "SWD-patches-64",
        "MS-SSIM",
        "birthday duplicates",
        "NDB/K",
    }
    assert not [row.name for row in report.rows if row.value is None]
    assert 0.7 < report["FD-random"].ratio < 1.4
    assert report["FD-random"].num == 200  # 400 reals: a full floor
    assert "FD-random of all" not in {row.name for row in report.rows}
    assert abs(report["KID-random"].z) < 4
    assert report["SWD-random"].p_value > 0.02
    assert 0.6 < report["SWD-patches-64"].ratio < 1.7
    assert abs(report["MS-SSIM"].z) < 4
    assert "FID" not in report.to_text() + report.to_json()


@pytest.mark.parametrize("name", ["blur", "noise", "collapse"])
def test_spoilt_pictures_are_seen(samples, name):
    # Bins of ten pictures tell little: NDB hangs on the decoder's last digits, unless there are more of them.
    real, good = split(1_200) if name == "collapse" else samples
    noise = np.random.default_rng(0).normal(0, 25, good.images.shape)
    spoilt = {
        "blur": lambda: blurred(good.images),
        "noise": lambda: (good.images + noise).clip(0, 255).astype(np.uint8),
        "collapse": lambda: collapsed(good.images, 10),
    }[name]()
    seen_by = {
        "collapse": ["precision_recall", "birthday", "bins", "ms_ssim"],
        "noise": ["kernel", "sliced", "patches"],
        "blur": ["kernel", "sliced", "patches"],
    }[name]
    report = evaluate(real, spoilt, features="random", measures=seen_by)
    if name == "collapse":
        assert report["birthday duplicates"].value == 1
        assert report["NDB/K"].value > 0.3 > 2 * report["NDB/K"].floor
        assert report["MS-SSIM"].z > 3
        assert report["recall"].value < 0.3 * report["recall"].floor
    else:
        assert report["KID-random"].z > 3
        assert report["SWD-random"].p_value < 0.01
        assert report["SWD-patches-64"].ratio > 1.6


def test_too_few_reals_are_said_and_a_row_never_mixes_two_n(samples):
    real, fake = samples
    few = Sample(real.features[:200], real.images[:200])
    row, whole = evaluate(few, fake, features="random", measures=["frechet"]).rows
    assert (row.name, row.num) == ("FD-random", 100)
    assert "too few reals" in row.note and "with 400 reals" in row.note
    assert row.ratio == row.value / row.floor and 0.7 < row.ratio < 1.4
    assert (whole.name, whole.num, whole.floor, whole.ratio) == ("FD-random of all", 200, None, None)
    assert whole.value < 0.8 * row.floor  # a floor at 100 beside a value at 200 would flatter


def test_same_seed_same_report_and_iterators_do(samples):
    real, fake = (sample.images for sample in samples)
    wanted = {
        "features": "pixels",
        "measures": ["frechet", "kernel", "bins", "ms_ssim"],
        "num": 100,
        "seed": 5,
    }
    first, second = evaluate(real, fake, **wanted), evaluate(real, fake, **wanted)
    assert first.rows == second.rows
    assert (first.num_fake, first.resize) == (100, "bicubic, antialiased, to 16x16")
    streamed = evaluate(iter(np.array_split(real, 9)), iter(np.array_split(fake, 4)), **wanted)
    assert streamed.num_fake == 100 and streamed["FD-pixels"].value == pytest.approx(
        first["FD-pixels"].value, rel=0.3
    )


def test_json_and_text_hold_what_made_them(samples):
    report = evaluate(*samples, features="random", measures=["frechet", "memorisation"])
    kept = json.loads(report.to_json())
    assert kept["checksum"] == feature_space("random").checksum
    assert {"features", "resize", "seed", "num_real", "num_fake", "versions", "seconds"} <= set(kept)
    assert kept["rows"][1]["value"] is None and "held_out" in kept["rows"][1]["note"]
    text = report.to_text()
    assert "FD-random" in text and kept["checksum"] in text and "not measured: the memorisation" in text


def test_labelled_measures(tmp_path):
    digits = pytest.importorskip("sklearn.datasets").load_digits()
    images, labels = np.rint(digits.images * (255 / 16)).astype(np.uint8)[..., None], digits.target
    real, held, fake = images[:900], images[900:1300], images[1300:]
    report = evaluate(
        real,
        fake[labels[1300:] < 6],
        features="classifier",
        measures=["modes", "agreement", "per_class", "memorisation"],
        labels=labels[:900],
        fake_labels=labels[1300:][labels[1300:] < 6],
        held_out=held,
        cache_dir=tmp_path,
    )
    # Six digits are there; a few mistakes of the classifier may add others, which weigh little in the KL.
    assert 6 <= report["modes"].value < 10 == report["modes"].floor
    assert 0.3 < report["KL of modes"].value < np.log(10 / 6)
    assert report["class agreement"].value > 0.85
    assert "mean over 6 classes" in report["class FD-classifier"].note
    assert report["nearer to training"].value == pytest.approx(0.5, abs=0.12)


def test_crops_of_one_painting_are_never_in_both_halves_of_the_floor():
    crops_of_one = np.repeat(crops(40), 8, axis=0)  # the worst case: eight times the very same
    groups = np.arange(320) // 8
    space = feature_space("random")
    reals, fakes = sample_of(crops_of_one, space, 320, groups=groups), sample_of(crops(320), space, 320)
    together = arrange(space, reals, fakes, 0)
    assert together.num == 20 and len(together.rounds) == 8
    assert together.of_all == {"num": 320, "num_groups": 40}
    seen = set()
    for each in together.rounds:
        assert len(each.half) == len(each.other) == len(each.fake) == 20
        assert len({*each.half.groups, *each.other.groups}) == 40  # one crop of each painting
        assert nearest(each.half.features, each.other.features)[0].min() > 0
        seen |= {features.tobytes() for features in each.fake.features}
    assert len(seen) == 160  # other fakes in each round
    apart = arrange(space, Sample(reals.features, reals.images), fakes, 0)
    assert apart.num == 160 and len(apart.rounds) == 1 and not apart.drawn
    assert nearest(apart.rounds[0].half.features, apart.rounds[0].other.features)[0].min() == 0
    fewer = arrange(space, reals, sample_of(crops(8), space, 8), 0)
    assert len(fewer.real) == 8 and fewer.num == 8
    odd = arrange(space, Sample(reals.features[:24], reals.images[:24], None, groups[:24]), fakes, 0)
    assert odd.num == 1  # three paintings: one a side, for halves are of one size
    own = arrange(space, Sample(reals.features, reals.images, None, np.arange(320)), fakes, 0)
    assert own.num == 160 and not own.drawn  # groups of one are pictures


def test_a_report_counts_paintings_and_crops():
    reals, fakes = crops(160), crops(320)[160:]
    report = evaluate(
        reals,
        fakes,
        features="pixels",
        measures=["frechet", "kernel", "sliced"],
        groups=np.arange(160) // 4,
    )
    fd, whole, kid, swd = report.rows
    assert (fd.num, fd.num_groups) == (swd.num, swd.num_groups) == (20, 20)
    assert (whole.num, whole.num_groups) == (kid.num, kid.num_groups) == (160, 40)
    assert "one crop of each original, mean of 4 draws" in fd.note
    assert "p by 200 permutations of 40 originals, a crop of each" in swd.note
    kept = json.loads(report.to_json())
    assert (kept["num_real"], kept["num_groups"], kept["rows"][2]["num_groups"]) == (160, 40, 40)
    text = report.to_text()
    assert "originals" in text.splitlines()[0] and "the real ones crops of 40 originals" in text


def test_features_of_reals_are_kept_by_content(tmp_path, monkeypatch):
    real, fake, passed = crops(40).copy(), crops(40), []
    counted = lambda images, *more, **named: (passed.append(len(images)), extract(images, *more, **named))[1]  # noqa: E731
    monkeypatch.setattr("ganzoo.metrics.remembered.extract", counted)
    few = dict(features="random", measures=["frechet"], cache_dir=tmp_path)
    stages = []
    first = evaluate(real, fake, **few, watch=lambda *heard: stages.append(heard))
    assert passed == [40] and stages[-1] == ("measures: frechet", 0, 1)
    assert ("features of real pictures", 40, 40) in stages
    assert evaluate(real, fake, **few).rows == first.rows and passed == [40]
    (file,) = (tmp_path / "features").iterdir()
    file.write_bytes(file.read_bytes()[:-3])
    assert evaluate(real, fake, **few).rows == first.rows and passed == [40, 40]
    real[0, 0, 0] ^= 255
    assert evaluate(real, fake, **few).rows != first.rows and passed == [40, 40, 40]


def test_bad_input_is_said(samples):
    real, fake = (sample.images[:120] for sample in samples)
    with pytest.raises(UsageError, match="unknown measure 'frechett': did you mean 'frechet'"):
        evaluate(real, fake, measures=["frechett"])
    with pytest.raises(DataError, match=r"generated ones \(32, 32, 3\): bring both to one size"):
        evaluate(real, fake[:, :32, :32], features="pixels")
    with pytest.raises(DataError, match="at least 2 of each are needed"):
        evaluate(real, fake[:1], features="pixels")
    with pytest.raises(UsageError, match="needs labels"):
        evaluate(real, fake, features="classifier")
    rows = evaluate(real[:9], fake[:9], features="pixels").rows
    said = {row.name: row.note for row in rows if row.value is None}
    assert (
        said["kernel"]
        == "not measured: the kernel distance needs at least 20 pictures, 9 given: raise --num or add data"
    )
    assert "at least 100 pictures" in said["birthday"]
    grey = evaluate(
        real[..., :1], fake[..., :1], features="random", measures=["frechet", "patches", "ms_ssim"]
    )
    assert not [row.note for row in grey.rows if row.value is None]


def test_every_default_is_a_measure_and_tensorflow_waits():
    assert set(DEFAULT) <= set(MEASURES)
    code = "import sys, ganzoo.metrics; sys.exit('tensorflow' in sys.modules or 'keras' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_distances_rise_and_shares_fall_with_every_step_of_spoiling():
    paths = sorted(PAINTINGS.glob("*.jpg"))
    num, few = 150, ["frechet", "kernel", "sliced", "precision_recall"]
    real = sample_of(sensitivity.crops(paths, 2 * num, 1), feature_space("random"), 2 * num)
    rows = {
        name: evaluate(real, images, features="random", measures=few, num=num)
        for name, images in sensitivity.spoilt(sensitivity.crops(paths, num, 2)).items()
    }
    for kind in ("blur", "noise", "shuffle", "collapse"):
        series = [report for name, report in rows.items() if name.startswith(("none", kind))]
        for measure in ("FD-random", "SWD-random"):
            values = [report[measure].value for report in series]
            assert values == sorted(values), (kind, measure, values)
        # Unbiased, so that it scatters around 0 where hardly anything is spoilt; by its own errors it rises.
        kids = [report["KID-random"] for report in series]
        for less, more in itertools.pairwise(kids):
            assert more.value > less.value - 2 * np.hypot(less.standard_error, more.standard_error), kind
        assert kids[-1].z > 3 and kids[-1].value == max(kid.value for kid in kids), kind
        for measure in ("recall", "coverage"):
            values = [report[measure].value for report in series]
            assert values == sorted(values, reverse=True), (kind, measure, values)
