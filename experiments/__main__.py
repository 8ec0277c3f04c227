"""`python -m experiments` lists what there is; `python -m experiments NAME [ARGUMENTS]` runs one of it."""

import sys

from tools import listing

if __name__ == "__main__":
    sys.exit(listing.main("experiments", sys.argv[1:]))
