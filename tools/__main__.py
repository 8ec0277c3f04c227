"""`python -m tools` lists what there is; `python -m tools NAME [ARGUMENTS]` runs one of it."""

import sys

from tools import listing

if __name__ == "__main__":
    sys.exit(listing.main("tools", sys.argv[1:]))
