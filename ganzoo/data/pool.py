"""Several worker processes at work on chunks; one that hangs or crashes costs only the file it was at."""

import contextlib
import json
import os
import selectors
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from ganzoo.base.errors import GanzooError

PATIENCE = 120.0  # seconds that one file may take
_STARTING = 120.0  # seconds until a worker is at its first file


class WorkerError(GanzooError):
    """A worker cannot do its work at all."""


def run(jobs: Iterator[dict], workers: int, done: Callable[[dict, int], None]) -> None:
    """Has `workers` processes do `jobs`; `done(job, rejected)` is called after each, one call at a time.

    However it ends, no worker is left running.

    Raises:
        OSError: a worker could not write, e.g. because the disk is full.
        WorkerError: workers do not start.
    """
    pool = _Pool(jobs, done)
    with ThreadPoolExecutor(workers) as threads:
        try:
            tasks = [threads.submit(pool.serve) for _ in range(workers)]
            for task in tasks:
                task.result()
        except BaseException as error:
            pool.stop()
            raise pool.first_error or error from None


class _Pool:
    def __init__(self, jobs: Iterator[dict], done: Callable[[dict, int], None]):
        self._jobs, self._done = jobs, done
        self._lock = threading.Lock()
        self._stopped = False
        self.first_error: BaseException | None = None
        self._processes: list[subprocess.Popen] = []

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            for process in self._processes:
                process.kill()

    def serve(self) -> None:
        """Takes jobs until there are none: the life of one worker, and of those started in its place."""
        process = None
        try:
            while (job := self._next()) is not None:
                process, rejected = self._do(process, job)
                with self._lock:
                    if self._stopped:
                        return
                    self._done(job, rejected)
        except BaseException as error:
            self.first_error = self.first_error or error
            self.stop()  # the other workers too: the caller learns of it at once
            raise
        finally:
            if process is not None:
                _end(process)

    def _next(self) -> dict | None:
        with self._lock:
            return None if self._stopped else next(self._jobs, None)

    def _do(self, process: subprocess.Popen | None, job: dict) -> tuple[subprocess.Popen, int]:
        failed_at = None
        while True:
            process = process or self._start()
            answer, position = _talk(process, job)
            if answer is not None and "error" in answer:
                process.kill()
                _end(process)
                raise OSError(answer["errno"], answer["error"])
            if answer is not None:
                return process, answer["rejected"]
            ended = process.poll()
            process.kill()
            _end(process)
            process = None
            if self._stopped:
                raise WorkerError("stopped")
            if position is None:
                raise WorkerError(
                    "a worker process ended before its first file: `python -m ganzoo.data.worker` says why"
                )
            if failed_at != position:  # the machine may have run out of memory: a second try
                failed_at = position
                continue
            slow, crashed = f"decoder too slow: more than {PATIENCE:g} seconds", f"decoder crashed: {ended}"
            job["known"][str(position)] = slow if ended is None else crashed

    def _start(self) -> subprocess.Popen:
        above = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join(filter(None, [above, os.environ.get("PYTHONPATH")]))
        environment = os.environ | {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(
            [sys.executable, "-m", "ganzoo.data.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # where C libraries complain about damaged files
            env=environment,
            start_new_session=True,  # Ctrl-C is for the parent, who ends them
        )
        with self._lock:
            self._processes.append(process)
            if self._stopped:
                process.kill()
        return process


def _end(process: subprocess.Popen) -> None:
    with contextlib.suppress(OSError):  # what it was never told is still in the pipe
        process.stdin.close()
    process.wait()
    process.stdout.close()


def _talk(process: subprocess.Popen, job: dict) -> tuple[dict | None, int | None]:
    """The last answer to a job, None if there came none, and at which file the worker was."""
    position = None
    try:
        process.stdin.write(json.dumps(job).encode() + b"\n")
        process.stdin.flush()
    except OSError:  # it has ended already; the answer below is none
        return None, position
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        pending = b""
        while selector.select(_STARTING if position is None else PATIENCE):
            block = os.read(process.stdout.fileno(), 65536)
            if not block:
                process.wait()
                return None, position
            *lines, pending = (pending + block).split(b"\n")
            for line in lines:
                answer = json.loads(line)
                if "at" not in answer:
                    return answer, position
                position = answer["at"]
    return None, position
