"""What tells one run from every other: `run.json`, and the same word in the notes of each of its states."""

import json
import uuid
from pathlib import Path

from ganzoo.disk import regular
from ganzoo.disk.files import write_text
from ganzoo.training import checkpoints

FILE = "run.json"


def find(root: Path) -> str | None:
    """The identity of the run in `root`; None for one of a version that had none. Nothing is written."""
    try:
        return str(json.loads(regular.read_text(root / FILE))["id"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return _of_states(root / "checkpoints")


def make(root: Path) -> str:
    """The identity of the run in `root`, noted there. Raises RunError if it cannot be written."""
    found = find(root) or uuid.uuid4().hex
    if not (root / FILE).exists():
        write_text(root / FILE, json.dumps({"id": found}) + "\n")
    return found


def _of_states(folder: Path) -> str | None:
    """The identity that a run's states agree on: it survives the loss of `run.json`."""
    seals = [checkpoints.read_seal(path) or {} for path in checkpoints.list_sealed(folder)]
    named = {str(seal.get("notes", {}).get("run")) for seal in seals} - {"None"}
    return named.pop() if len(named) == 1 else None
