"""The lock of a file: exclusive, waited for or refused at once, and free when its owner is killed."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from ganzoo.base.errors import RunError
from ganzoo.disk import locks
from ganzoo.training import folders

HOLD = """import sys; from ganzoo.disk import locks
with locks.locked(sys.argv[1], True):
    print(flush=True); input()"""


def test_one_is_refused_at_once_until_the_other_is_done(tmp_path):
    with locks.locked(tmp_path / "lock", wait=False):
        start = time.monotonic()
        with pytest.raises(BlockingIOError), locks.locked(tmp_path / "lock", wait=False):
            pass
        assert time.monotonic() - start < 1
    with locks.locked(tmp_path / "lock", wait=False):
        pass


def test_one_waits_for_the_other(tmp_path):
    done = []

    def work(name):
        with locks.locked(tmp_path / "lock", wait=True):
            done.append((name, "begins"))
            time.sleep(0.1)
            done.append((name, "ends"))

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    assert [name for name, _ in done[::2]] == [name for name, _ in done[1::2]] and len(done) == 6


def test_a_killed_owner_holds_nothing(tmp_path):
    words = [sys.executable, "-c", HOLD, tmp_path / "lock"]
    owner = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    owner.stdout.readline()
    with pytest.raises(BlockingIOError), locks.locked(tmp_path / "lock", wait=False):
        pass
    owner.kill()
    owner.communicate()
    with locks.locked(tmp_path / "lock", wait=False):
        pass


def test_an_error_of_the_work_passes_and_gives_it_back(tmp_path):
    with pytest.raises(ValueError, match="mine"), locks.locked(tmp_path / "lock", wait=False):
        raise ValueError("mine")
    with locks.locked(tmp_path / "lock", wait=False):
        pass


def test_the_lock_of_a_run_leaves_nothing_where_no_run_began(tmp_path):
    run = tmp_path / "runs" / "r"
    with folders.locked(run):
        assert (run / ".lock").exists()
        with (
            pytest.raises(RunError, match="another process is training"),
            folders.locked(tmp_path / "runs/r"),
        ):
            pass
        assert (run / ".lock").exists()  # the one who is refused takes nothing away
    assert not (tmp_path / "runs").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(RunError, match="cannot be used for a run"), folders.locked(tmp_path / "file"):
        pass
