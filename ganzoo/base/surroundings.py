"""What a user's environment says to Keras and matplotlib, made to fit before they are imported.

Notebooks, other projects and years-old files choose a backend for drawing, one for Keras, or the order of a
picture's axes. ganzoo trains with Keras on TensorFlow, channels last, and draws into files alone, so that
none of these has to end it. What a notebook itself draws with is left to it.
"""

import importlib.util
import os
import sys
from pathlib import Path

from ganzoo.base.errors import UsageError

BACKEND = "tensorflow"
# Names of matplotlib's backends that come in packages of their own.
ELSEWHERE = {"inline": "matplotlib_inline", "ipympl": "ipympl", "widget": "ipympl"}

_is_own = False  # whether this process is a command's


def fit() -> None:
    """Lets Keras and matplotlib be imported in this process; does nothing where they are imported already.

    Called by `import ganzoo`, so it costs nothing and changes only what could not have worked: Keras on
    another backend than TensorFlow, a backend of matplotlib that is not installed, an old Keras that
    is not there.
    """
    if "keras" not in sys.modules:
        os.environ["KERAS_BACKEND"] = BACKEND
    if "matplotlib" not in sys.modules and not _can_draw(os.environ.get("MPLBACKEND", "")):
        del os.environ["MPLBACKEND"]
    if "TF_USE_LEGACY_KERAS" in os.environ and "tensorflow" not in sys.modules and not _is_there("tf_keras"):
        del os.environ["TF_USE_LEGACY_KERAS"]


def fit_command() -> None:
    """The same for a process of ganzoo's own, which shows nothing: all drawing goes into files."""
    global _is_own
    _is_own = True
    os.environ["MPLBACKEND"] = "agg"
    os.environ.pop("TF_USE_LEGACY_KERAS", None)


def fit_keras(keras) -> None:
    """Undoes, in a process of ganzoo's own, what keras.json chose for other projects."""
    if not _is_own:
        return
    keras.config.set_floatx("float32")
    keras.config.set_image_data_format("channels_last")
    keras.config.set_epsilon(1e-7)


def check_keras(keras) -> None:
    """Raises UsageError if Keras has been imported for something that ganzoo cannot train with."""
    if keras.config.backend() != BACKEND:
        raise UsageError(
            f"Keras is imported with the backend {keras.config.backend()}, but ganzoo trains with {BACKEND}: "
            "import ganzoo before keras in a new process, or set KERAS_BACKEND=tensorflow there"
        )
    for name, wanted in (("floatx", "float32"), ("image_data_format", "channels_last")):
        found = getattr(keras.config, name)()
        if found != wanted:
            raise UsageError(
                f"Keras's {name} is {found}, but ganzoo's models are {wanted}; say "
                f"keras.config.set_{name}({wanted!r}) first, or take it out of keras.json"
            )


def why_not(error: Exception) -> str:
    """A sentence for TensorFlow or Keras failing while it is imported."""
    said = f"{type(error).__name__}: {' '.join(str(error).split())[:200]}"
    file = Path(os.environ.get("KERAS_HOME") or os.path.expanduser("~/.keras"), "keras.json")
    if file.exists():
        return f"TensorFlow or Keras cannot be imported ({said}); if {file} asks for it, move that file away"
    return f"TensorFlow or Keras cannot be imported ({said}); install ganzoo anew: pip install . in its clone"


def _can_draw(backend: str) -> bool:
    """Whether matplotlib would take a backend's name; nothing of it is imported."""
    name = backend.removeprefix("module://")
    if not backend or not _is_there("matplotlib"):
        return True
    if name != backend:
        return _is_there(name)
    if name.lower() in ELSEWHERE:
        return _is_there(ELSEWHERE[name.lower()])
    folder = Path(importlib.util.find_spec("matplotlib").origin).parent / "backends"
    return name.lower() in ("auto", "notebook") or (folder / f"backend_{name.lower()}.py").is_file()


def _is_there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):  # its parent is not there, or it is no name at all
        return False
