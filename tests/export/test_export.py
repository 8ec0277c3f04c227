"""Exports: the run's pictures in every format, by other programs; what cannot be exported is said."""

import errno
import functools
import json
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import ganzoo
from ganzoo import export
from ganzoo.base.errors import RunError, UsageError
from ganzoo.cli import export as cli
from ganzoo.cli.app import command
from ganzoo.config import resolve
from ganzoo.export.formats import FORMATS
from ganzoo.export.keras_archive import KerasArchive
from ganzoo.export.packed import Packed
from ganzoo.export.tflite_file import TFLite
from ganzoo.pictures.layout import to_uint8
from ganzoo.training import runs
from tests.conftest import tiny_arguments, untrained

NAMES = ["18th century", "19th century", "</script>"]
RUNS = {name: tiny_arguments(name) for name in ganzoo.list_models()}
RUNS["cgan"]["class_names"] = NAMES
GROWING = {**RUNS["progan"], "start_size": 4, "stable_images": 100, "fade_images": 100}


@pytest.fixture(scope="module")
def run_of(tmp_path_factory):
    """The untrained run of a family, made once."""
    folder = tmp_path_factory.mktemp("runs")

    def run(model: str):
        path = folder / model
        return path if path.exists() else untrained(path, model, RUNS[model])

    return run


@pytest.fixture(autouse=True)
def nothing_of_this_machine(tmp_path):
    """No path of this machine is in anything that a test has exported: all of them have a part in common."""
    yield
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        contents = [path.read_bytes()]
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                contents += [archive.read(name) for name in archive.namelist()]
        assert not any(b"pytest-of-" in content for content in contents), path


@functools.cache
def asked(run, num: int = 5):
    """Inputs by name, others than the export's own, and what the run makes of them."""
    gan = ganzoo.load(run)
    classes = gan.family.label
    labels = None if classes is None else np.arange(num, dtype=np.int32) % classes.known()
    latents = gan.family.latents(ganzoo.step.draws.Draws(7), num).numpy()
    given = {"latents": latents} if labels is None else {"latents": latents, "label": labels}
    return given, gan.sample(num, seed=7, labels=labels)


def by_keras(path, given):
    return keras.saving.load_model(path)(list(given.values())).numpy()


@pytest.mark.parametrize("model", ganzoo.list_models())
def test_keras_archives_make_the_runs_pictures(run_of, tmp_path, model):
    done = export.export(run_of(model), "keras", tmp_path / "g.keras")
    given, expected = asked(run_of(model))
    np.testing.assert_allclose(by_keras(done.path, given), expected, atol=1e-5)
    assert done.difference < 1e-5 and done.num_bytes == done.path.stat().st_size
    with zipfile.ZipFile(done.path) as archive:
        assert str(done.signature.output) in archive.read("README.txt").decode()
        text = archive.read("config.json").decode()
    assert "Lambda" not in text and [name for name in given] == [p.name for p in done.signature.inputs]


@pytest.mark.parametrize("model", ["cgan", "progan"])  # of others: python -m benchmarks export_parity
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_tflite_needs_built_in_operations_alone(run_of, tmp_path, model):
    done = export.export(run_of(model), "tflite", tmp_path / "g.tflite")
    given, expected = asked(run_of(model))
    found = tf.lite.Interpreter(str(done.path)).get_signature_runner()(**given)["images"]
    np.testing.assert_allclose(found, expected, atol=1e-4)
    assert b"Flex" not in done.path.read_bytes()
    assert zipfile.ZipFile(done.path).read("README.txt").decode().startswith(f"Generator of a GAN ({model})")


@pytest.mark.parametrize("model", ["cgan", "progan"])
def test_onnx_by_onnxruntime(run_of, tmp_path, model):
    pytest.importorskip("tf2onnx")
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    done = export.export(run_of(model), "onnx", tmp_path / "g.onnx")
    given, expected = asked(run_of(model))
    session = onnxruntime.InferenceSession(done.path)
    np.testing.assert_allclose(session.run(["images"], given)[0], expected, atol=1e-4)
    assert {port.name: port.shape[0] for port in session.get_inputs()} == dict.fromkeys(given, "batch")
    said = {prop.key: prop.value for prop in onnx.load(done.path).metadata_props}
    assert (
        said["latents"] == "latents: float32 (batch, 8), standard normal" and "in [-1, 1]" in said["images"]
    )


def test_a_saved_model_runs_in_a_process_without_ganzoo(run_of, tmp_path):
    done = export.export(run_of("progan"), "savedmodel", tmp_path / "g")  # its check is that process
    given, expected = asked(run_of("progan"))
    loaded = tf.saved_model.load(done.path)
    found = loaded.serve(*given.values())["images"]
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert done.difference < 1e-4 and "input label" in (done.path / "README.txt").read_text()


def test_weights_are_loaded_where_a_run_is(run_of, tmp_path):
    done = export.export(run_of("cgan"), "weights", tmp_path / "w")
    assert ganzoo.load(done.path).sample(1).shape == (1, 16, 16, 3) and done.tolerance == 2e-2


@pytest.mark.parametrize("form", ["keras", "tflite"])
@pytest.mark.filterwarnings("ignore:.*tf.lite.Interpreter is deprecated")
def test_uint8_pixels_are_rounded_as_everywhere(run_of, tmp_path, form):
    done = export.export(run_of("dcgan"), form, tmp_path / f"g.{form}", pixels="uint8")
    given, expected = asked(run_of("dcgan"))
    if form == "keras":
        found = by_keras(done.path, given)
    else:
        found = tf.lite.Interpreter(str(done.path)).get_signature_runner()(**given)["images"]
    assert found.dtype == np.uint8 and 0.4 < done.difference < 0.52
    assert np.mean(found != to_uint8(expected)) < 1e-3


def test_truncated_pixels_would_be_noticed(run_of, tmp_path, monkeypatch):
    monkeypatch.setattr(keras.ops, "round", keras.ops.floor)
    with pytest.raises(RunError, match=r"differ from the run's by (1|0\.9)"):
        export.export(run_of("dcgan"), "keras", tmp_path / "g.keras", pixels="uint8")
    assert not list(tmp_path.iterdir())


def test_mixed_precision_is_exported_in_float32(tmp_path):
    run = untrained(tmp_path / "run", "dcgan", RUNS["dcgan"], precision="mixed_float16")
    done = export.export(run, "keras", tmp_path / "g.keras")
    network = keras.saving.load_model(done.path)
    assert {layer.compute_dtype for layer in network.get_layer("generator").layers} == {"float32"}


def test_a_fade_is_exported_as_it_stands(tmp_path):
    run = untrained(tmp_path / "run", "progan", GROWING, images_seen=150)  # half-way from 4x4 to 8x8
    done = export.export(run, "keras", tmp_path / "g.keras")
    given, expected = asked(run)
    np.testing.assert_allclose(by_keras(done.path, given), expected, atol=1e-5)
    assert done.unfinished == "this run has seen 150 of 1,000 images"


# ---- what goes wrong ----------------------------------------------------------------------------


def test_an_export_that_makes_other_pictures_is_not_left_there(run_of, tmp_path, monkeypatch):
    monkeypatch.setattr(KerasArchive, "pictures", lambda self, subject, path: subject.expected + 1e-3)
    with pytest.raises(RunError, match=r"was not written: its pictures differ from the run's by 0\.001"):
        export.export(run_of("vanilla"), "keras", tmp_path / "g.keras")
    monkeypatch.setattr(KerasArchive, "pictures", lambda self, subject, path: subject.expected * np.nan)
    with pytest.raises(RunError, match="differ from the run's by nan"):
        export.export(run_of("vanilla"), "keras", tmp_path / "g.keras")
    assert not list(tmp_path.iterdir())


def test_a_full_disk_is_a_sentence_and_the_old_file_stays(run_of, tmp_path, monkeypatch):
    def full(self, subject, path):
        path.write_bytes(b"some of it")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(TFLite, "write", full)
    (tmp_path / "g.tflite").write_bytes(b"old, exported by ganzoo")
    with pytest.raises(RunError, match=r"g\.tflite could not be written: No space left on device"):
        export.export(run_of("vanilla"), "tflite", tmp_path / "g.tflite", overwrite=True)
    assert [path.name for path in tmp_path.iterdir()] == ["g.tflite"]
    assert (tmp_path / "g.tflite").read_bytes() == b"old, exported by ganzoo"


def test_a_folder_is_replaced_only_by_its_own_kind(run_of, tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "a.txt").write_text("dear")
    with pytest.raises(UsageError, match="leaves it alone"):
        export.export(run_of("vanilla"), "weights", tmp_path / "letters", overwrite=True)
    for _ in range(2):
        export.export(run_of("vanilla"), "weights", tmp_path / "w", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["letters", "w"]


@pytest.mark.parametrize("form", ["weights", "savedmodel", "keras", "tflite", "web"])
def test_overwriting_replaces_nothing_of_the_users_own(run_of, tmp_path, form):
    run, out = run_of("dcgan"), tmp_path / f"x{FORMATS[form].suffix}"
    for _ in range(2):
        export.export(run, form, out, overwrite=True)  # what it wrote itself
    mine = out if out.is_file() else out / "variables" / "mine.txt" if form == "savedmodel" else out / "mine"
    mine.write_text("years of work")
    with pytest.raises(UsageError, match=r"leaves .*alone") as caught:
        export.export(run, form, out, overwrite=True)
    assert mine.name in str(caught.value) and mine.read_text() == "years of work"


def test_a_file_that_appears_while_it_is_made_stays(run_of, tmp_path, monkeypatch):
    run, out = run_of("vanilla"), tmp_path / "w"
    export.export(run, "weights", out)
    write = Packed.write

    def meanwhile(self, subject, path):
        (out / "mine.txt").write_text("x")
        write(self, subject, path)

    monkeypatch.setattr(Packed, "write", meanwhile)
    with pytest.raises(UsageError, match=r"mine\.txt"):
        export.export(run, "weights", out, overwrite=True)
    assert (out / "mine.txt").exists() and (out / "weights.safetensors").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["w"]


def test_a_run_without_a_checkpoint(tmp_path):
    (tmp_path / "run").mkdir()
    runs.create(tmp_path / "run", resolve({"model": {"name": "dcgan", **RUNS["dcgan"]}}))
    with pytest.raises(RunError, match="no usable checkpoint"):
        export.export(tmp_path / "run", "keras", tmp_path / "g.keras")


def called(*words) -> int:
    return command("ganzoo-export", cli.ABOUT, cli.define_flags(), cli.main, ("RUN",), list(map(str, words)))


@pytest.mark.parametrize(
    "words, says",
    [
        (["--format", "onx", "--out", "g.onnx"], "unknown format 'onx': did you mean 'onnx'?"),
        (["--format", "keras"], "--out is missing"),
        (["--format", "keras", "--out", "nowhere/g.keras"], "there is no folder nowhere"),
        (["--format", "keras", "--out", "g.onnx"], "has to end with .keras"),
        (["--format", "keras", "--out", "old.keras"], "exists already; --overwrite replaces it"),
        (["--format", "keras", "--out", "g.keras", "--pixels", "uint"], "did you mean 'uint8'?"),
        (["--format", "keras", "--out", "g.keras", "--title", "x"], "no option 'title'; it is for web"),
        (["--format", "web", "--out", "g.html", "--pixels", "uint8"], "has no uint8 pixels"),
    ],
)
def test_what_cannot_be_asked_for_ends_with_2(run_of, tmp_path, monkeypatch, capsys, words, says):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "old.keras").write_text("old")
    assert called(run_of("dcgan"), *words) == 2
    assert says in capsys.readouterr().err and [p.name for p in tmp_path.iterdir()] == ["old.keras"]


def test_a_missing_package_is_named_with_the_command(run_of, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "tf2onnx" else True)
    assert called(run_of("dcgan"), "--format", "onnx", "--out", tmp_path / "g.onnx") == 1
    assert "needs tf2onnx; install with: pip install 'tf2onnx>=1.17' " in capsys.readouterr().err


def test_the_command_says_what_it_wrote(run_of, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("ganzoo.training.devices.choose", lambda device: None)  # this process has chosen
    assert called(run_of("cgan"), "--format", "keras", "--out", tmp_path / "g.keras") == 0
    said = capsys.readouterr().out
    assert "this run has seen 0 of 1,000 images\nmax |difference| " in said
    assert "input label: int32 (batch,), the class: 0 18th century, 1 19th century" in said
    assert "import ganzoo.nn.layers; keras.saving.load_model(" in said


def test_vectors_are_neither_levels_nor_a_page(tmp_path):
    run = untrained(tmp_path / "run", "vanilla", {"data_shape": [2], "width": 4})
    for words in (["keras", "g.keras", "uint8"], ["web", "g.html", "float"]):
        with pytest.raises(UsageError, match=r"makes (vectors|no pictures)"):
            export.export(run, words[0], tmp_path / words[1], pixels=words[2])
    assert export.export(run, "keras", tmp_path / "g.keras").signature.output.shape == (2,)
    assert json.loads((run / "checkpoints" / "images-000000000000.json").read_text())["images_seen"] == 0
