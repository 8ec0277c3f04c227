"""Names that a terminal or a browser would obey are shown as they are written wherever they are printed."""

import re

import pytest
from PIL import Image

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.printable import Printable, bare, escape, printable, printable_text

EVIL = "a\x1b[31m\x1b]0;title\x07\rb\x9b2Jc\u202ed\x7f"
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")


def test_control_characters_are_spelt():
    assert printable(EVIL) == "a\\x1b[31m\\x1b]0;title\\x07\\rb\\x9b2Jc\\u202ed\\x7f"
    assert printable("é 絵 😀\n") == "é 絵 😀\\n" and printable_text("é\n\t") == "é\n\t"
    assert printable("caf\udce9") == "caf\\udce9"  # a name that is not UTF-8
    assert escape(f"<b>{EVIL}</b>\n").startswith("&lt;b&gt;a\\x1b[31m") and escape("\n") == "\n"


@pytest.mark.parametrize("make", [DataError, UsageError, lambda name: unknown("class", name, [name])])
def test_an_error_says_a_name_in_one_harmless_line(make):
    said = str(make(f"{EVIL}\n"))
    assert not OBEYED.search(said) and len(said.splitlines()) == 1


def test_a_stream_writes_nothing_that_a_terminal_obeys(tmp_path):
    with open(tmp_path / "out", "w", encoding="ascii") as file:
        print(f"{EVIL} é\n", file=Printable(file))
        assert bare(Printable(file)) is file and not Printable(file).isatty()
    said = (tmp_path / "out").read_text()
    assert not OBEYED.search(said) and said.endswith(" \\xe9\n\n")


def test_a_preparation_prints_classes_and_errors_harmlessly(run_command, tmp_path):
    for number, name in enumerate((EVIL, "plain")):
        (tmp_path / "source" / name).mkdir(parents=True)
        for i in range(2):
            picture = Image.new("RGB", (32, 32), (100 * number, 90 * i, 50))
            picture.putpixel((number, i), (255, 255, 255))
            picture.save(tmp_path / "source" / name / f"{i}{EVIL}.png")
    done = run_command("prepare", "source", "--size", "16", "--out", "out", "--label", "folder")
    assert done.returncode == 0 and "class a\\x1b[31m" in done.stdout, done.stdout + done.stderr
    assert not OBEYED.search(done.stdout.replace("\n", "") + done.stderr)
    done = run_command("prepare", tmp_path / f"no{EVIL}", "--out", "other")
    assert done.returncode == 1 and "no" in done.stderr and not OBEYED.search(done.stderr)
    done = run_command("train", f"--{EVIL}")
    assert done.returncode == 2 and not OBEYED.search(done.stderr)
