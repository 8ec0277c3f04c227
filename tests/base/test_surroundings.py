"""What notebooks, other projects and old files say to Keras and matplotlib ends no command."""

import json
import os
import subprocess
import sys

import pytest

from ganzoo.base import surroundings
from tests.conftest import ROOT

# As a command does it, as far as the first network: what fails, fails here.
BUILD = """
import sys
from ganzoo.cli.app import command
from absl import flags
from ganzoo.base.lazy import import_tensorflow_quietly

def main(values):
    import_tensorflow_quietly()
    import ganzoo
    gan = ganzoo.build("dcgan", image_size=16, width=2, latent_dim=4)
    from tensorboard.plugins.hparams import api
    from ganzoo.training.run_pictures import plot_losses
    row = {"images_seen": 1, "d_loss": 1.0, "g_loss": 1.0, "d_real": 0.5, "d_fake": 0.5}
    plot_losses([row], ("d_loss", "g_loss", "d_real", "d_fake"), "loss.png")
    print(gan.sample(1, seed=0).shape, gan.sample(1, seed=0).dtype)

sys.exit(command("ganzoo-train", "", flags.FlagValues(), main, argv=[]))
"""


def run(code, folder, **env):
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        text=True,
    )


def keras_json(folder, **values):
    home = folder / "home"
    home.mkdir()
    (home / "keras.json").write_text(json.dumps(values))
    return str(home)


@pytest.mark.parametrize(
    ("backend", "keras", "file"),
    [
        (
            "module://matplotlib_inline.backend_inline_absent",
            "torch",
            {"image_data_format": "channels_first"},
        ),
        ("nonsense", "nonsense", {"backend": "jax", "floatx": "float16", "epsilon": 1e-2}),
    ],
)
def test_commands_train_whatever_the_environment_says(tmp_path, backend, keras, file):
    env = {"KERAS_HOME": keras_json(tmp_path, **file), "TF_USE_LEGACY_KERAS": "1"}
    done = run(BUILD, tmp_path, MPLBACKEND=backend, KERAS_BACKEND=keras, **env)
    assert done.returncode == 0 and done.stdout == "(1, 16, 16, 3) float32\n", done.stderr
    assert (tmp_path / "loss.png").exists()


def test_a_keras_json_that_keras_itself_refuses_is_one_sentence(tmp_path):
    done = run(BUILD, tmp_path, KERAS_HOME=keras_json(tmp_path, floatx="float17"))
    assert done.returncode == 1 and done.stderr.startswith("ganzoo-train: ") and "keras.json" in done.stderr
    assert len(done.stderr.splitlines()) == 1


NOTEBOOK = """
import ganzoo
import keras, matplotlib.pyplot as plt
print(ganzoo.build("dcgan", image_size=16, width=2, latent_dim=4).sample(1, seed=0).shape)
print(plt.get_backend().lower())
for change in (
    lambda: keras.config.set_image_data_format("channels_first"),
    lambda: keras.config.set_floatx("float64"),
    lambda: setattr(keras.config, "backend", lambda: "jax"),
):
    change()
    try:
        ganzoo.build("dcgan", image_size=16, width=2)
    except ganzoo.base.errors.UsageError as error:
        print(error)
    keras.config.set_image_data_format("channels_last")
"""


def test_in_a_notebook_matplotlib_stays_the_users_and_what_keras_cannot_is_one_sentence(tmp_path):
    done = run(NOTEBOOK, tmp_path, KERAS_HOME=keras_json(tmp_path, backend="jax"), MPLBACKEND="svg")
    shape, backend, *errors = done.stdout.splitlines()
    assert (shape, backend) == ("(1, 16, 16, 3)", "svg")
    for error, cure in zip(
        errors, ("('channels_last')", "set_floatx('float32')", "KERAS_BACKEND="), strict=True
    ):
        assert cure in error


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("module://matplotlib_inline_absent.backend_inline", None),
        ("inline_absent", None),
        ("module://", None),
        ("module://..x", None),
        ("module://ganzoo.base.printable", "module://ganzoo.base.printable"),
        ("Agg", "Agg"),
        ("TkAgg", "TkAgg"),
        ("pdf", "pdf"),
        ("", ""),
    ],
)
def test_only_a_backend_that_is_not_there_is_taken_away(monkeypatch, before, after):
    for module in ("matplotlib", "keras", "tensorflow"):
        monkeypatch.delitem(sys.modules, module, raising=False)
    for name, value in (("MPLBACKEND", before), ("KERAS_BACKEND", "torch"), ("TF_USE_LEGACY_KERAS", "1")):
        monkeypatch.setenv(name, value)
    surroundings.fit()
    assert os.environ.get("MPLBACKEND") == after
    assert os.environ["KERAS_BACKEND"] == "tensorflow" and "TF_USE_LEGACY_KERAS" not in os.environ
