"""`python -m benchmarks` lists what there is; `python -m benchmarks NAME [ARGUMENTS]` runs one of it."""

import sys

from tools import listing

if __name__ == "__main__":
    sys.exit(listing.main("benchmarks", sys.argv[1:]))
