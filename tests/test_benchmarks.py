"""The suite's front door; what it measures is nobody's test."""

import subprocess
import sys

from tests.conftest import ROOT


def suite(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", *words], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def test_it_lists_and_starts_what_there_is():
    done = suite()
    assert done.returncode == 0 and "\n  step  " in done.stdout and "alternate" not in done.stdout
    done = suite("data-stream", "--help")
    assert done.returncode == 0 and "usage: python -m benchmarks data_stream" in done.stdout
    done = suite("stepp")
    assert done.returncode == 2 and done.stderr == "unknown benchmark 'stepp': did you mean 'step'?\n"
