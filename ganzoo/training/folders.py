"""The folder of a run: a new one that nobody else gets, and its lock while somebody trains in it."""

import contextlib
import itertools
from pathlib import Path

from ganzoo.base.errors import RunError
from ganzoo.disk import locks


@contextlib.contextmanager
def locked(run_dir: Path):
    """Holds the run for this process; the system releases it when the process dies, however.

    Raises:
        RunError: if another process is training in this folder.
    """
    root = Path(run_dir)
    made = []
    with contextlib.ExitStack() as stack:
        stack.callback(_remove_empty, made)
        try:
            for folder in [*reversed(root.parents), root]:
                if not folder.exists():
                    folder.mkdir()
                    made.append(folder)
            stack.enter_context(locks.locked(root / ".lock", wait=False))
        except BlockingIOError:
            raise RunError(
                f"another process is training in {run_dir}; wait for it or use another --run_dir"
            ) from None
        except OSError as error:
            raise RunError(f"{run_dir} cannot be used for a run: {error.strerror}") from None
        stack.callback(_unlink_unused, root)  # while it is held: whoever waits for it makes a new one
        yield


def _unlink_unused(root: Path) -> None:
    if not (root / "config.toml").exists():  # it never came to a run: leave nothing behind
        with contextlib.suppress(OSError):
            (root / ".lock").unlink()


def _remove_empty(made: list[Path]) -> None:
    with contextlib.suppress(OSError):  # it holds a run
        for folder in reversed(made):
            folder.rmdir()


@contextlib.contextmanager
def new_run_dir(name: str, parent: Path = Path("runs")):
    """A new folder `runs/<name>-<number>` that nobody else gets; gone again if no run began in it.

    Raises:
        RunError: if no folder can be made there.
    """
    for number in itertools.count(1):
        folder = parent / f"{name}-{number}"
        try:
            parent.mkdir(parents=True, exist_ok=True)
            folder.mkdir()  # of several processes that ask at once, one makes it
            break
        except FileExistsError:
            if not parent.is_dir():
                raise RunError(f"{parent} is no folder; give --run_dir") from None
        except OSError as error:
            raise RunError(f"{folder} cannot be used for a run: {error.strerror}; give --run_dir") from None
    try:
        yield folder
    finally:
        with contextlib.suppress(OSError):  # it holds a run
            folder.rmdir()
            parent.rmdir()
