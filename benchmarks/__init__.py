"""Benchmarks: every figure a ratio measured alternately in one run. Leave the machine alone meanwhile."""
