"""`ganzoo-prepare SOURCE --out DIR`: clean a heap of pictures once, for good."""

import dataclasses
import sys

from absl import flags

from ganzoo.cli.app import command, define_integer, group
from ganzoo.data.data_config import STORED, DataConfig

ABOUT = """Cleans, labels and cuts the pictures of SOURCE into the folder DIR, with a verdict for every file.
SOURCE is a folder, zip files (comma-separated; read in place), a folder of zips, or tfds:NAME.
Interrupted at any moment, the same command goes on where it was."""

FLAGS = flags.FlagValues()
flags.DEFINE_string("out", None, "the folder to write, new or of an interrupted run", flag_values=FLAGS)
define_integer("size", 64, "the side of the stored square pictures", flag_values=FLAGS)
define_integer("channels", 3, "how many channels: 3 for colour, 1 for grey", flag_values=FLAGS)
define_integer("workers", 2, "how many processes decode", least=1, flag_values=FLAGS)
_KINDS = {bool: flags.DEFINE_bool, int: define_integer, float: flags.DEFINE_float}
for _key in dataclasses.fields(DataConfig):
    if _key.name in STORED:
        _define = _KINDS.get(_key.type, flags.DEFINE_string)
        _define(_key.name, _key.default, _key.metadata["about"], flag_values=FLAGS)
group(
    FLAGS,
    {
        "where to": "out size channels workers",
        "classes": "label labels_csv min_per_class top_classes",
        "how pictures are cut": "crop part upscale bits",
        "which are taken": "test_share max_pixels max_aspect near_duplicates",
    },
)


def main(values: flags.FlagValues, source: str) -> None:
    """Prepares and says what became of the files."""
    from ganzoo.base.errors import UsageError
    from ganzoo.base.printable import printable
    from ganzoo.data import prepare

    if not values.out:
        raise UsageError("--out is missing: give the folder to write")
    settings = {key: values[key].value for key in STORED}
    store = prepare(
        source, values.out, values.size, channels=values.channels, workers=values.workers, **settings
    )
    for line in summary(store.report, values.out):
        print(printable(line))


def summary(report: dict, out: str) -> list[str]:
    """What a person wants to know of a finished set, a line each."""
    lines = [f"{report['found']:,} found = {report['accepted']:,} accepted + {report['rejected']:,} rejected"]
    lines += [f"  rejected, {reason}: {count:,}" for reason, count in report["reasons"].items()]
    lines += [f"  accepted, {note}: {count:,}" for note, count in report["notes"].items()]
    lines += [f"  class {name}: {count:,}" for name, count in report["classes"].items()]
    folded = report["folded"]
    if folded:
        lines.append(f"  folded into 'other': {len(folded):,} classes of {sum(folded.values()):,} pictures")
    lines += report.get("told", [])
    lines.append(
        f"{report['pictures']:,} pictures in {out}; look at accepted.png, rejected.png, manifest.csv"
    )
    return lines


def run() -> int:
    """The console script."""
    return command("ganzoo-prepare", ABOUT, FLAGS, main, positional=("SOURCE",))


if __name__ == "__main__":
    sys.exit(run())
