"""Rows of an evaluation about a density, and the column of a comparison; a GAN has neither."""

import numpy as np
import pytest

import ganzoo
from ganzoo.bounds import BITS, BOUND, ELBO, LATENTS, bound_rows
from ganzoo.compare.cells import quality
from ganzoo.config import resolve
from ganzoo.evaluation import evaluate_run
from ganzoo.training import checkpoints, runs
from tests.conftest import tiny_arguments, untrained


def binary(num: int, seed: int = 0) -> np.ndarray:
    return 255 * np.random.default_rng(seed).integers(0, 2, (num, 16, 16, 3), dtype=np.uint8)


def test_the_rows_are_of_the_bound_of_held_out_pictures():
    gan, images = ganzoo.build("vae", **tiny_arguments("vae")), binary(70)
    seen = []
    elbo, bound, bits = bound_rows(gan, images, True, seed=3, watch=lambda *at: seen.append(at))
    weights = gan.log_weights(images[:35], LATENTS, 3)
    assert [row.name for row in (elbo, bound, bits)] == [ELBO, BOUND, BITS] and seen[-1] == (70, 70)
    assert elbo.num == 70 and elbo.better == "higher" and bits.better == "lower"
    assert elbo.value < bound.value < 0 and elbo.value == pytest.approx(
        weights.mean(), abs=3 * elbo.standard_error
    )
    assert bits.value == pytest.approx(-bound.value / (16 * 16 * 3) / np.log(2))
    assert not bound.doubt and "held-out" in bound.note


def test_pictures_that_it_learned_from_flatter():
    gan = ganzoo.build("vae", **tiny_arguments("vae"))
    assert all("learned from" in row.doubt for row in bound_rows(gan, binary(5), False))


def test_a_gan_has_no_rows():
    assert bound_rows(ganzoo.build("vanilla", **tiny_arguments("vanilla")), binary(5), True) == []


def test_an_evaluation_has_them_besides(tmp_path):
    """The paintings have held-out pictures; the measures asked for stay as they are."""
    folder = tmp_path / "run"
    folder.mkdir()
    model = {"name": "vae", **tiny_arguments("vae"), "likelihood": "gaussian"}
    config = resolve({"model": model, "data": {"source": "paintings"}})
    paths, gan = runs.create(folder, config), runs.make_gan(config)
    checkpoints.save(paths.checkpoints, 0, checkpoints.values(gan.state()), {})
    report = evaluate_run(folder, num=20, features="pixels", measures=["frechet"]).report
    assert [row.name for row in report.rows][-3:] == [ELBO, BOUND, BITS]
    assert report[BOUND].value is not None and "held-out" in report[BOUND].note
    other = evaluate_run(
        untrained(tmp_path / "gan", "dcgan"), num=20, features="pixels", measures=["frechet"]
    ).report
    assert BOUND not in [row.name for row in other.rows]


def entry(value: float) -> dict:
    return {"value": {"mean": value, "deviation": 1.0, "values": [value]}, "ratio": None, "doubts": []}


@pytest.mark.parametrize("with_density", [True, False])
def test_the_column_of_a_comparison(with_density):
    def contestant(name: str, **measures):
        return {"name": name, "runs": [], "measures": {"last": measures, "best": {}}}

    results = {"scoring": {"headline": "FD-pixels"}, "floors": {}}
    vae = contestant("vae", **({BOUND: entry(-87.2)} if with_density else {}))
    results["contestants"] = [vae, contestant("dcgan")]
    table = quality(results)
    assert ("nats a picture\nbound" in table.head) == with_density
    assert all(len(row) == len(table.head) for row in table.rows)
    if with_density:
        assert [row[-1] for row in table.rows] == ["-87.2 ± 1", "-", "-"]
        assert "a GAN has no density" in table.caption
