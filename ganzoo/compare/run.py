"""Trains what is not trained yet, each run in a process of its own, several at once if asked."""

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from ganzoo.base.errors import UsageError
from ganzoo.base.machine import num_cores
from ganzoo.compare import outcome
from ganzoo.compare.outcome import FINISHED, Outcome
from ganzoo.compare.plan import Plan, Run
from ganzoo.config import to_toml
from ganzoo.disk.files import write_text
from ganzoo.training import devices, folders
from ganzoo.training.interrupt import INTERRUPTED, TERMINATED
from ganzoo.training.status import clock

ASKED = (INTERRUPTED, TERMINATED, -signal.SIGINT, -signal.SIGTERM)  # ends of a run that can go on
ASK = 0.2  # seconds between two looks at a training process


@dataclass(frozen=True)
class Slot:
    """A place where one run at a time is trained: a device and a share of the cores (0: all)."""

    device: str = "auto"
    threads: int = 0


# Trains a run until it ends, or until the event is set; returns exit code and last sentence.
Trainer = Callable[[Plan, Run, Slot, threading.Event], tuple[int, str]]


def slots_of(jobs: int, names: Sequence[str] = ("auto",)) -> list[Slot]:
    """`jobs` places on the devices in turn; on one device they share the cores. Raises UsageError."""
    if jobs < 1:
        raise UsageError(f"--jobs is {jobs}, but at least 1 run is trained at a time")
    for name in names:
        devices.check(name)
    threads = max(1, num_cores() // jobs) if jobs > 1 else 0
    return [Slot(names[number % len(names)], threads) for number in range(jobs)]


def train_all(
    plan: Plan,
    slots: Sequence[Slot],
    *,
    trainer: Trainer | None = None,
    retry: bool = False,
    say: Callable[[str], None] = print,
) -> dict[str, Outcome]:
    """Trains every run that has not ended yet; returns how each of them ended, by its name.

    Args:
        plan: the runs.
        slots: where they are trained, as many at a time.
        trainer: what trains one; default a `ganzoo-train` of its own.
        retry: train failed ones once more, from their last checkpoints.
        say: is told what begins and ends.

    Raises:
        KeyboardInterrupt: if a run was interrupted; all of them have then stopped with everything written.
        RunError: if another process is training one of them.
    """
    trainer = trainer or in_a_process
    all_runs = plan.runs()
    ended = {run.name: outcome.known(plan, run) for run in all_runs}
    pending = [
        run for run in all_runs if ended[run.name] is None or (retry and ended[run.name].status != FINISHED)
    ]
    if len(pending) < len(all_runs):
        say(f"{len(all_runs) - len(pending)} of {len(all_runs)} runs have ended already")
    free: queue.Queue[Slot] = queue.Queue()
    for slot in slots:
        free.put(slot)
    stop = threading.Event()
    (plan.out / "runs").mkdir(parents=True, exist_ok=True)  # shared: no run may make and remove it

    took: list[float] = []

    def left() -> str:
        """How long the rest will take, by what the others took."""
        rest = len(pending) - len(took)
        if not rest:
            return ""
        about = clock(sum(took) / len(took) * rest / len(slots))
        return f" About {about} left for the other {rest}."

    def train(number: int, run: Run) -> Outcome:
        if stop.is_set():
            raise KeyboardInterrupt
        slot, began = free.get(), time.monotonic()
        where = f"{run.contestant.name}, seed {run.seed} ({number} of {len(pending)})"
        say(f"{where}: training for {plan.budget}")
        try:
            with folders.locked(run.root):  # a process left over from a killed comparison may still be at it
                pass
            code, sentence = trainer(plan, run, slot, stop)
            # One that is asked to stop while Python still starts dies of the signal itself.
            if code in ASKED or (code and stop.is_set()):
                raise KeyboardInterrupt
        except BaseException:
            stop.set()  # before another run begins
            raise
        finally:
            free.put(slot)
        found = outcome.judged(run, code, sentence)
        outcome.keep(plan, run, found)
        took.append(time.monotonic() - began)
        say(f"{where}: {found.status} after {took[-1]:.0f} s. {found.sentence}".strip() + left())
        return found

    with terminated_as_interrupted(), ThreadPoolExecutor(len(slots)) as pool:
        futures = {pool.submit(train, number, run): run for number, run in enumerate(pending, 1)}
        try:
            for future in as_completed(futures):
                ended[futures[future].name] = future.result()
        except BaseException:
            stop.set()  # those that train write everything; leaving the pool waits for them
            for future in futures:
                future.cancel()
            raise
    return ended


@contextlib.contextmanager
def terminated_as_interrupted():
    """Within, SIGTERM ends as Ctrl-C does: the training processes must not be left alone."""

    def interrupt(*_):
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def in_a_process(plan: Plan, run: Run, slot: Slot, stop: threading.Event) -> tuple[int, str]:
    """`ganzoo-train` for one run: its memory is freed afterwards, and a crash is its own.

    What it prints goes to `logs/`. Once `stop` is set it is asked to end, writes everything and can go on.
    """
    recipe, log = plan.out / "recipes" / f"{run.name}.toml", plan.out / "logs" / f"{run.name}.txt"
    for path in (recipe, log):
        path.parent.mkdir(parents=True, exist_ok=True)
    write_text(recipe, to_toml(run.config.tables()))
    command = [sys.executable, "-m", "ganzoo.cli.train", "--config", str(recipe), "--run_dir", str(run.root)]
    with open(log, "a", encoding="utf-8") as file:
        began = file.tell()
        process = subprocess.Popen(
            [*command, "--device", slot.device],
            stdout=file,
            stderr=subprocess.STDOUT,
            env=environment(slot),
            start_new_session=True,  # a Ctrl-C in the terminal is passed on once, by us
        )
        asked = False
        while process.poll() is None:
            if stop.is_set() and not asked:
                process.send_signal(signal.SIGINT)
                asked = True
            time.sleep(ASK)
    return process.returncode, last_sentence(log, began, process.returncode)


def environment(slot: Slot) -> dict[str, str]:
    """What a training process needs: this package, and its share of the cores."""
    package = str(Path(__file__).resolve().parents[2])
    paths = [package, *filter(None, [os.environ.get("PYTHONPATH")])]
    values = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    if slot.threads:
        values |= {name: str(slot.threads) for name in ("TF_NUM_INTRAOP_THREADS", "OMP_NUM_THREADS")}
    return values


def last_sentence(log: Path, began: int, code: int) -> str:
    """Why it failed: the error's sentence, else the last line, else the signal that killed it."""
    if code == 0:
        return ""
    with open(log, encoding="utf-8", errors="replace") as file:
        file.seek(began)
        lines = [line.strip() for line in file if line.strip()]
    spoken = [line.partition(": ")[2] for line in lines if line.startswith("ganzoo-train: ")]
    warned = [line for line in lines if line.startswith("warning at ")]
    if spoken or warned:
        return (spoken or warned)[-1]
    if code < 0:
        return f"the process was ended by signal {-code} ({signal.Signals(-code).name})"
    return lines[-1] if lines else f"exit code {code}"
