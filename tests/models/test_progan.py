"""The progressively grown family: its networks against the paper, and growing in real training."""

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo.base.errors import UsageError
from ganzoo.models.progan import ProGAN
from ganzoo.models.progan_networks import blend, halved
from ganzoo.training import checkpoints

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
        patch.setattr("ganzoo.nn.equalized._standard_normal", lambda seed: zeros())
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
    latents = gan.latents(5, seed=3)
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
        step = gan.per_replica(lambda data: gan.train_step(data, stage), 1, endless(gan).element_spec)
        graph = step.get_concrete_function().graph
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
    np.testing.assert_allclose(gan.ema_generator(gan.latents(2, 0)), now, atol=1e-6)
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
        ({"image_size": 48}, "power of two, e.g. 32"),
        ({"image_size": 4}, "at least 8"),
        ({"start_size": 16, "image_size": 8}, "only grow"),
        ({"start_size": 2}, "at least 4"),
        ({"width": 0}, "at least 1"),
        ({"num_classes": 1}, "at least 2"),
        ({"batch_sizes": {4: 8}}, "nothing for 8x8"),
    ],
)
def test_impossible_arguments_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        ProGAN(**{**SMALL, **arguments})
