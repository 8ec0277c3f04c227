"""The progressively grown family: its networks against the paper, and growing in real training."""

import json
import random
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.config import read_recipe, resolve
from ganzoo.equalized import EqualizedConv2D, MinibatchStddev, PixelNorm, Upscale
from ganzoo.errors import UsageError
from ganzoo.models.progan import ProGAN
from ganzoo.models.progan_networks import blend, halved
from ganzoo.training import checkpoints
from ganzoo.training.loop import train
from tests import processes
from tests.conftest import ROOT

# 4x4 until 16 images, 8x8 fades in until 32; two sizes keep tests quick.
SMALL = {"image_size": 8, "width": 4, "latent_dim": 8, "stable_images": 16, "fade_images": 16}


def small(eager=False, **arguments):
    gan = ganzoo.build("progan", **{**SMALL, **arguments})
    if eager:  # a few steps of several stages are quicker than their graphs
        gan.compile(gan.objective, run_eagerly=True)
    return gan


def pictures(num=8, size=8, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (num, size, size, 3), dtype=np.uint8)


def endless(gan, batch=8):
    return iter(gan.prepared(tf.data.Dataset.from_tensors(pictures(batch, gan.family.image_size)).repeat()))


def run_steps(gan, num, batch=8):
    execute, batches = gan.make_train_function(), endless(gan, batch)
    for _ in range(num):
        logs = execute(batches)
    return logs


def values(gan):
    return checkpoints.values(gan.state())


# ---- the networks --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "generator", "discriminator"),
    # Table 2 at 1024: "23.1M" each. Worked out by hand from the table's rows.
    [(8, 11_275_779, 11_281_409), (64, 22_484_227, 22_489_857), (1024, 23_071_507, 23_077_137)],
)
def test_parameter_counts_are_those_of_table_2(size, generator, discriminator):
    family = ProGAN(image_size=size, start_size=size)  # the last level's RGB layers alone
    zeros = keras.initializers.Zeros
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ganzoo.equalized._standard_normal", lambda seed: zeros())
        assert family.generator(0).count_params() == generator
        assert family.discriminator(0).count_params() == discriminator


def test_the_features_halve_from_where_they_no_longer_fit():
    family = ProGAN(image_size=1024)
    assert [family.channels_at(2**i) for i in range(2, 11)] == [512, 512, 512, 512, 256, 128, 64, 32, 16]


def test_the_exported_generator_is_a_plain_graph_of_the_last_size():
    gan = small()
    gan.images_seen.assign(1000)
    ours = gan.ema_generator
    alone = ProGAN(**{**SMALL, "start_size": 8}).generator(0)
    assert ours.count_params() == alone.count_params() < gan.generator.count_params()
    assert not any("to_rgb_4" in layer.name for layer in ours.layers)
    latents = gan._followed().latents(5, seed=3)
    np.testing.assert_allclose(ours(latents), gan.sample(5, seed=3), atol=1e-6)


def test_the_exported_generator_survives_a_file(tmp_path):
    gan = small(num_classes=3, eager=True)
    run_steps_labelled(gan, 5)
    ours = gan.ema_generator
    ours.save(tmp_path / "generator.keras")
    loaded = keras.models.load_model(tmp_path / "generator.keras")
    latents, label = np.ones((2, 8), np.float32), np.array([0, 2], np.int32)
    np.testing.assert_array_equal(ours([latents, label]), loaded([latents, label]))


def run_steps_labelled(gan, num):
    batch = {"image": pictures(), "label": np.arange(8, dtype=np.int32) % gan.family.num_classes}
    execute = gan.make_train_function()
    batches = iter(gan.prepared(tf.data.Dataset.from_tensors(batch).repeat()))
    for _ in range(num):
        execute(batches)


# ---- the layers ------------------------------------------------------------------------------


def test_an_equalised_layer_keeps_the_spread_of_its_inputs():
    inputs = np.random.default_rng(0).normal(size=(4, 16, 16, 64)).astype(np.float32)
    layer = EqualizedConv2D(128, 3, gain=1.0, seed=1, padding="valid")
    assert 0.9 < float(np.std(layer(inputs))) < 1.1
    assert 0.95 < float(np.std(layer.kernel)) < 1.05


def test_pixel_norm_gives_every_pixel_unit_mean_square():
    outputs = np.asarray(PixelNorm()(np.random.default_rng(0).normal(3, 5, (2, 4, 4, 16)).astype(np.float32)))
    np.testing.assert_allclose(np.mean(outputs**2, axis=-1), 1.0, rtol=1e-5)


def test_upscaling_repeats_pixels_and_halving_takes_means():
    images = np.random.default_rng(0).normal(size=(2, 3, 5, 2)).astype(np.float32)
    larger = Upscale()(images).numpy()
    np.testing.assert_array_equal(larger, images.repeat(2, axis=1).repeat(2, axis=2))
    np.testing.assert_allclose(halved(larger), images, rtol=1e-6)


@pytest.mark.parametrize("rows", [3, 4, 8, 10])
def test_the_minibatch_spread_is_of_groups_of_four_rows(rows):
    inputs = np.random.default_rng(0).normal(size=(rows, 2, 2, 5)).astype(np.float32)
    outputs = MinibatchStddev()(inputs).numpy()
    np.testing.assert_array_equal(outputs[..., :5], inputs)
    for start in range(0, rows, 4):
        group = inputs[start : start + 4]
        np.testing.assert_allclose(outputs[start : start + 4, ..., 5], group.std(axis=0).mean(), rtol=1e-4)
    unknown = tf.function(MinibatchStddev(), input_signature=[tf.TensorSpec((None, 2, 2, 5))])
    np.testing.assert_allclose(unknown(inputs), outputs, rtol=1e-6)


# ---- growing ---------------------------------------------------------------------------------


def test_one_fit_call_goes_through_all_stages():
    gan, described = small(), []

    def describe(batch, logs=None):
        described.append(gan.family.schedule.describe(int(gan.images_seen)))

    callbacks = [keras.callbacks.LambdaCallback(on_train_batch_begin=describe)]
    data = tf.data.Dataset.from_tensors(pictures()).repeat()
    history = gan.fit(data, steps_per_epoch=6, epochs=1, verbose=0, callbacks=callbacks).history
    assert described == ["4x4", "4x4", "8x8 fading in 0%", "8x8 fading in 50%", "8x8", "8x8"]
    assert np.isfinite(history["d_loss"]).all() and int(gan.stage) == 2


def test_a_stage_trains_its_own_layers_and_no_other():
    gan = small(eager=True)
    layers = {
        f"{net.name[0]}/{layer.name}": layer
        for net in (gan.generator, gan.discriminator)
        for layer in net.layers
    }
    moved = []
    for _ in range(3):
        before = {name: layer.get_weights() for name, layer in layers.items()}
        run_steps(gan, 2)
        now = {name: layer.get_weights() for name, layer in layers.items()}
        moved.append(
            {n for n in layers if any(np.any(a != b) for a, b in zip(before[n], now[n], strict=True))}
        )
    first = {"g/to_4x4", "g/conv_4", "g/to_rgb_4", "d/from_rgb_4", "d/conv_4a", "d/conv_4b", "d/to_logit"}
    grown = {"g/conv_8a", "g/conv_8b", "g/to_rgb_8", "d/from_rgb_8", "d/conv_8a", "d/conv_8b"}
    assert moved == [first, first | grown, (first | grown) - {"g/to_rgb_4", "d/from_rgb_4"}]


def test_the_first_stage_does_not_run_the_last_ones_graph():
    gan = small(image_size=32)

    def sizes_in(stage):
        step = gan.per_replica(lambda data: gan.train_step(data, stage), 1)
        graph = step.get_concrete_function(endless(gan)).graph
        convolutions = [op for op in graph.get_operations() if op.type == "Conv2D"]
        return {int(op.outputs[0].shape[1]) for op in convolutions}

    assert max(sizes_in(0)) == 4
    assert max(sizes_in(6)) == 32


def test_real_pictures_are_halved_exactly_and_faded():
    family = ProGAN(image_size=16, stable_images=10, fade_images=10)
    image = np.random.default_rng(0).uniform(-1, 1, (2, 16, 16, 3)).astype(np.float32)
    eight = image.reshape(2, 8, 2, 8, 2, 3).mean(axis=(2, 4))
    four = eight.reshape(2, 4, 2, 4, 2, 3).mean(axis=(2, 4))
    at = {stage: family.batch_at({"image": image}, stage, 0)["image"] for stage in (0, 2, 4)}
    for stage, expected in ((0, four), (2, eight), (4, image)):
        np.testing.assert_allclose(at[stage], expected, atol=1e-6)
    coarse = four.repeat(2, axis=1).repeat(2, axis=2)
    faded = family.batch_at({"image": image}, 1, tf.constant(13, tf.int64))
    np.testing.assert_allclose(faded["image"], 0.7 * coarse + 0.3 * eight, atol=1e-6)
    assert float(faded["fade"]) == pytest.approx(0.3)


def test_a_fade_begins_with_the_smaller_networks_and_ends_with_the_larger():
    family = ProGAN(**SMALL)
    generator, discriminator = family.generator(0), family.discriminator(1)
    latents = tf.random.stateless_normal((4, 8), (1, 2))
    small_batch, large_batch = {"image": tf.zeros((4, 4, 4, 3))}, {"image": tf.zeros((4, 8, 8, 3))}
    for fade, batch in ((0.0, small_batch), (1.0, large_batch)):
        during = family.generate(generator, latents, {**large_batch, "fade": fade}, True).numpy()
        alone = family.generate(generator, latents, batch, True).numpy()
        enlarged = alone if fade else alone.repeat(2, axis=1).repeat(2, axis=2)
        np.testing.assert_allclose(during, enlarged, atol=1e-6)
        logits = family.discriminate(discriminator, during, {"fade": fade}, True)
        seen = during if fade else halved(during)
        np.testing.assert_allclose(logits, family.discriminate(discriminator, seen, {}, True), atol=1e-5)
    assert float(blend(tf.constant(2.0), tf.constant(4.0), 0.25)) == 2.5


@pytest.mark.parametrize("reset", [False, True])
def test_optimizers_keep_their_state_unless_told_otherwise(reset):
    gan = small(eager=True, reset_optimizer=reset)
    run_steps(gan, 3)
    assert int(gan.g_optimizer.iterations) == int(gan.d_optimizer.iterations) == (1 if reset else 3)
    np.testing.assert_allclose(float(gan.g_optimizer.learning_rate), 1e-3, rtol=1e-6)


@pytest.mark.parametrize("reset", [False, True])
def test_going_on_in_the_middle_repeats_every_bit(reset):
    whole, states = small(reset_optimizer=reset, eager=True), []
    for _ in range(5):
        run_steps(whole, 1)
        states.append(values(whole))
    for stop in (1, 2, 3, 4):  # in a stable phase, before, in and after a fade
        other = small(reset_optimizer=reset, eager=True, seed=9)
        checkpoints.restore(other.state(), states[stop - 1])
        other.seed = whole.seed
        run_steps(other, 5 - stop)
        for name, value in values(other).items():
            np.testing.assert_array_equal(value, states[-1][name], err_msg=f"{name} after {stop}")


def test_samples_have_the_full_size_at_every_level():
    gan = small(image_size=16, eager=True)
    run_steps(gan, 3)  # in the first fade
    for level, step in ((4, 4), (8, 2), (16, 1)):
        images = gan.sample(2, level=level)
        assert images.shape == (2, 16, 16, 3) and np.abs(images).max() <= 1
        np.testing.assert_array_equal(images, images[:, ::step, ::step].repeat(step, 1).repeat(step, 2))
    now = gan.sample(2)
    np.testing.assert_array_equal(now, now[:, ::2, ::2].repeat(2, 1).repeat(2, 2))
    assert np.any(now != gan.sample(2, level=8)) and np.any(now != gan.sample(2, level=4))
    np.testing.assert_allclose(gan.ema_generator(gan._followed().latents(2, 0)), now, atol=1e-6)
    with pytest.raises(UsageError, match="4, 8, 16"):
        gan.sample(2, level=32)


def test_mixed_bfloat16_keeps_pictures_and_weights_in_float32():
    gan = small(precision="mixed_bfloat16", eager=True)
    logs = run_steps(gan, 5)
    assert np.isfinite(float(logs["d_loss"])) and gan.sample(2).dtype == np.float32
    assert {v.dtype for v in gan.trainable_variables} == {"float32"}
    computes = {
        net.get_layer(name).compute_dtype
        for net, name in ((gan.generator, "to_rgb_8"), (gan.discriminator, "to_logit"))
    }
    assert computes == {"float32"} and gan.generator.get_layer("conv_8a").compute_dtype == "bfloat16"


# ---- what is refused ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 48}, "power of two from 8"),
        ({"image_size": 4}, "power of two from 8"),
        ({"start_size": 16, "image_size": 8}, "only grow"),
        ({"start_size": 2}, "power of two from 4"),
        ({"width": 0}, "at least 1"),
        ({"num_classes": 1}, "at least 2"),
        ({"batch_sizes": {4: 8}}, "nothing for 8x8"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        ProGAN(**{**SMALL, **arguments})


# ---- a run -------------------------------------------------------------------------------------


@pytest.fixture
def config(picture_folder, tmp_path):
    def make(**changes):
        data = {"source": str(picture_folder), "cache_dir": str(tmp_path / "cache")}
        model = {
            "name": "progan",
            **SMALL,
            "stable_images": 40,
            "fade_images": 40,
            "batch_sizes": {4: 16, 8: 8},
        }
        few = {"images": 160, "grid_every": 40, "checkpoint_every": 24}
        return resolve({"model": model, "train": {**few, **changes}, "data": data})

    return make


def test_a_run_in_two_parts_equals_one_in_the_middle_of_a_fade(config, tmp_path, capsys):
    train(config(images=64), tmp_path / "parts")  # 8x8 has half faded in
    assert "ends at 8x8 fading in 60%" in capsys.readouterr().out
    train(config(), tmp_path / "parts")
    train(config(), tmp_path / "whole")
    parts, whole = (values(ganzoo.load(tmp_path / name)) for name in ("parts", "whole"))
    for name, value in whole.items():
        np.testing.assert_array_equal(value, parts[name], err_msg=name)
    grids = sorted(path.name for path in (tmp_path / "whole" / "samples").iterdir())
    assert [int(name[7:19]) for name in grids] == [0, 48, 80, 120, 160]


RECIPE = """
[model]
name = "progan"
image_size = 16
width = 4
latent_dim = 8
stable_images = 400
fade_images = 400
batch_sizes = { 4 = 20, 8 = 10, 16 = 5 }

[train]
images = 2400
grid_every = 200
checkpoint_every = 40

[data]
source = "DATA"
flip = true
"""


@pytest.mark.long
def test_killed_at_ten_moments_it_ends_bit_identical(tmp_path):
    recipe = tmp_path / "growing.toml"
    recipe.write_text(RECIPE.replace("DATA", str(processes.write_pictures(tmp_path / "pictures.npz"))))
    growth = resolve(read_recipe(str(recipe))).family.schedule
    code, _, err = processes.finish(processes.start(tmp_path / "straight", "--config", recipe), 1800)
    assert code == 0, err
    run, words, rng, rows = tmp_path / "killed", ["--config", recipe], random.Random(6), []
    for moment in (200, 440, 600, 760, 1000, 1240, 1400, 1560, 1800, 2100):
        process = processes.start(run, *words)
        assert processes.wait_for(process, lambda m=moment: max([0, *processes.sealed(run)]) >= m, 1800)
        time.sleep(rng.uniform(0.0, 0.4))
        process.send_signal(signal.SIGKILL)
        assert processes.finish(process)[0] == -signal.SIGKILL
        resumed = max(processes.sealed(run))
        rows.append(f"| {len(rows) + 1} | {resumed} | {growth.describe(resumed)} |")
        words = []  # --run_dir alone goes on
    code, _, err = processes.finish(processes.start(run), 1800)
    assert code == 0, err
    processes.assert_identical(run, tmp_path / "straight")
    print("\n| kill | went on from images | where growth stood |\n|---|---|---|", *rows, sep="\n")
    print("weights, EMA, both optimizers, log and pictures: bit-identical to the run that was not killed")
    assert sum("fading" in row for row in rows) >= 3


def test_two_replicas_grow_like_one_device():
    command = [sys.executable, "-m", "tests.growing_replicas"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=400)
    lines = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    assert lines, done.stderr[-3000:]
    result = json.loads(lines[-1].removeprefix("RESULT "))
    print(result)
    assert result["stage"] == 4 and result["apart"] == 0.0
    assert result["weights"] < 1e-5 and result["metrics"] < 1e-4
    assert "multiples of 8 for 2 replicas" in result["refused"]


def test_every_batch_size_has_to_fit_the_data(config, tmp_path):
    tables = config().tables()
    tables["model"]["batch_sizes"] = {"4": 32, "8": 8}
    with pytest.raises(UsageError, match="batch_size is 32, but the data has 24"):
        train(resolve(tables), tmp_path / "run")


@pytest.fixture
def mock_faces(monkeypatch, tmp_path):
    """CelebA as TFDS's own mock data: the real features, random pictures, nothing downloaded."""
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with tfds.testing.mock_data(num_examples=24):
        make = tfds.builder

        def builder(name):
            made = make(name)
            split = tfds.core.SplitInfo(name="train", shard_lengths=[24], num_bytes=0)
            made.info.set_splits(tfds.core.splits.SplitDict([split]))
            made.is_prepared = lambda: True
            return made

        monkeypatch.setattr(tfds, "builder", builder)
        yield


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
@pytest.mark.parametrize("recipe", ["faces_progan", "faces_dcgan"])
def test_the_faces_recipes_train_on_mock_data(recipe, mock_faces, tmp_path):
    tables = read_recipe(recipe)
    assert tables["data"]["source"] == "tfds:celeb_a"
    growing = {"stable_images": 16, "fade_images": 8, "batch_sizes": {4: 8, 8: 8, 16: 8}}
    tables["model"] |= {"image_size": 16, "width": 4, "latent_dim": 8}
    tables["model"] |= growing if recipe == "faces_progan" else {}
    tables["train"] |= {"images": 72, "batch_size": 8}
    summary = train(resolve(tables), tmp_path / "run")
    assert summary["finished"] and summary["data"]["pictures"] == 24
