"""How much memory the process has used at most."""

import resource
import sys


def peak_memory() -> int:
    """The largest resident size so far, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (1 << 20 if sys.platform == "darwin" else 1 << 10))
