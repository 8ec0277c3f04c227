"""Benchmarks: every figure a ratio measured alternately in one run. `python -m benchmarks.NAME`."""
