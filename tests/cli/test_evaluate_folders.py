"""Pictures of any origin are scored; what is scored can be kept as PNGs; FID's own network by its file."""

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganzoo import data, metrics
from ganzoo.base.errors import DataError, UsageError
from ganzoo.evaluation import evaluate_run
from ganzoo.loose_pictures import evaluate_folder
from ganzoo.metrics.original_inception import NUM_FEATURES
from tests.conftest import untrained

FEW = {"features": "pixels", "measures": ["frechet"], "num": 64}


def written(folder, images):
    folder.mkdir()
    for number, image in enumerate(images):
        Image.fromarray(image).save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def paintings():
    return data.load(data.DataConfig(source="paintings"), image_size=32).images


def test_a_folder_is_scored_as_it_is(tmp_path, paintings):
    alike = np.repeat(paintings[:1], 70, axis=0)  # cleaning would leave one of them
    collapsed = evaluate_folder(written(tmp_path / "alike", alike), "paintings", **FEW)
    varied = evaluate_folder(written(tmp_path / "varied", paintings[:70]), "paintings", **FEW)
    assert collapsed.report.num_fake == 64 and collapsed.name.startswith("pictures-pixels-")
    assert collapsed.report["FD-pixels"].value > 5 * varied.report["FD-pixels"].value
    assert str(tmp_path) not in collapsed.to_json()


def test_the_pictures_that_are_scored_can_be_kept_and_scored_again(tmp_path):
    run = untrained(tmp_path / "run", "dcgan")
    found = evaluate_run(run, keep=tmp_path / "kept", **FEW)
    generated, real = (sorted((tmp_path / "kept" / name).iterdir()) for name in ("generated", "real"))
    assert len(generated) == 64 and len(real) == 134
    again = evaluate_folder(tmp_path / "kept/generated", str(tmp_path / "kept/real"), **FEW)
    assert again.report["FD-pixels"].value == pytest.approx(found.report["FD-pixels"].value, rel=0.2)
    with pytest.raises(UsageError, match="exists already"):
        evaluate_run(run, keep=tmp_path / "kept", **FEW)


def test_what_cannot_be_scored_is_named(tmp_path, paintings):
    folder = written(tmp_path / "odd", paintings[:3])
    Image.new("RGB", (20, 32)).save(folder / "9.png")
    with pytest.raises(DataError, match=r"9\.png is 20 x 32"):
        evaluate_folder(folder, "paintings", **FEW)
    (folder / "9.png").write_bytes(b"no picture")
    with pytest.raises(DataError, match=r"9\.png cannot be read"):
        evaluate_folder(folder, "paintings", **FEW)


def test_the_command(run_command, tmp_path, paintings):
    folder = written(tmp_path / "theirs", paintings[:40])
    words = ("--features", "pixels", "--metrics", "frechet", "--num", "40")
    done = run_command("evaluate", folder, "--data", "paintings", *words, cwd=tmp_path)
    assert done.returncode == 0 and "FD-pixels" in done.stdout, done.stderr
    assert len(list((tmp_path / "evaluations/theirs").iterdir())) == 2
    assert run_command("evaluate", folder, *words).returncode == 2
    done = run_command("evaluate", folder, "--data", "paintings", "--metrics", "fid")
    assert done.returncode == 2 and "only the original Inception network" in done.stderr


def inception_of_random_weights(path):
    """A frozen graph of the names and shapes of the original: one picture a batch, resized within."""
    graph = tf.Graph()
    with graph.as_default():
        entry = tf.expand_dims(tf.zeros((4, 4, 3)), 0, name="ExpandDims")
        large = tf.compat.v1.image.resize_bilinear(entry, (299, 299), name="ResizeBilinear")
        kernel = tf.constant(np.random.default_rng(0).normal(size=(8, 8, 3, NUM_FEATURES)).astype(np.float32))
        maps = tf.nn.relu(tf.nn.conv2d((large - 128) / 128, kernel, 36, "VALID"))
        tf.nn.avg_pool2d(maps, 9, 1, "VALID", name="pool_3")
    definition = graph.as_graph_def(add_shapes=True)
    path.write_bytes(definition.SerializeToString())
    return path


def test_the_original_inception_is_loaded_from_its_file(tmp_path, paintings):
    path = inception_of_random_weights(tmp_path / "classify_image_graph_def.pb")
    space = metrics.feature_space("inception2015", weights=path)
    report = metrics.evaluate(paintings, paintings[:60], features=space, measures=["frechet"], num=60)
    row = report["FD-inception2015"]
    assert row.value is not None and report.resize.endswith("within the graph")
    both = space.function(tf.constant(paintings[:2], tf.float32)).numpy()
    assert both.shape == (2, NUM_FEATURES)
    alone = space.function(tf.constant(paintings[1:2], tf.float32)).numpy()
    np.testing.assert_allclose(alone[0], both[1], rtol=1e-4)


def test_other_files_are_refused(tmp_path):
    with pytest.raises(UsageError, match="--feature_weights PATH"):
        metrics.feature_space("inception2015")
    (tmp_path / "x.pb").write_bytes(tf.Graph().as_graph_def().SerializeToString() + b"")
    with pytest.raises(DataError, match="it has no ExpandDims"):
        metrics.feature_space("inception2015", weights=tmp_path / "x.pb")
