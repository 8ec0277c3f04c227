"""How long a user waits before anything happens: import, `--help`, an error.

    python -m benchmarks.startup [--rounds 10]

Each in a process of its own, in turns.
"""

import argparse
import json
import statistics
import subprocess
import sys

from benchmarks.alternate import alternate, machine

COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import ganzoo'": ["-c", "import ganzoo"],
    "ganzoo-train --help": ["-m", "ganzoo.cli.train", "--help"],
    "ganzoo-train with a misspelt key": [
        *("-m", "ganzoo.cli.train", "--model", "dcgan", "--set", "model.widht=3")
    ],
    "python -c 'import tensorflow'": ["-c", "import tensorflow"],
}


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    seconds = alternate(
        {
            name: lambda words=words: subprocess.run([sys.executable, *words], capture_output=True)
            for name, words in COMMANDS.items()
        },
        rounds,
        warm_up=1,
    )
    print(machine())
    for name, each in seconds.items():
        print(f"{statistics.median(each):6.2f} s ({min(each):.2f} to {max(each):.2f})  {name}")
    print(json.dumps({name: statistics.median(each) for name, each in seconds.items()}))


if __name__ == "__main__":
    main()
