"""Training runs: the loop, the run directory, checkpoints, what is written while it goes."""
