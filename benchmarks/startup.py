"""How long a user waits before anything happens: import, `--help`, an error, the first training step.

    python -m benchmarks startup [--rounds 10]

Each in a process of its own, in turns.
"""

import argparse
import json
import statistics
import subprocess
import sys

from benchmarks.alternate import alternate, machine

# What `ganzoo-train --model dcgan` does until its first step is done, and then nothing more.
FIRST_STEP = """
import os, tempfile
from ganzoo.config import read_recipe, resolve
from ganzoo.base.lazy import import_tensorflow_quietly
import_tensorflow_quietly()
import keras
from ganzoo.training.loop import train
class Stop(keras.callbacks.Callback):
    def on_train_batch_end(self, batch, logs=None):
        os._exit(0)
train(resolve(read_recipe("dcgan")), tempfile.mkdtemp() + "/run", callbacks=[Stop()])
"""
COMMANDS = {
    "python -c pass": ["-c", "pass"],
    "python -c 'import ganzoo'": ["-c", "import ganzoo"],
    "ganzoo-train --help": ["-m", "ganzoo.cli.train", "--help"],
    "ganzoo-train with a misspelt key": [
        *("-m", "ganzoo.cli.train", "--model", "dcgan", "--set", "model.widht=3")
    ],
    "python -c 'import tensorflow'": ["-c", "import tensorflow"],
    "the first step of ganzoo-train --model dcgan": ["-c", FIRST_STEP],
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
