"""Experiments: the trainings and measurements that RESULTS.md and the documentation report."""
