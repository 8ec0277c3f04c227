"""The command `ganzoo`: one word for all, the list, completion, and what a terminal of 80 columns shows."""

import fcntl
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import time

import pytest

from ganzoo import catalogue
from ganzoo.catalogue import PARTS, first_sentence
from ganzoo.cli.commands import COMMANDS, PROGRAMS
from ganzoo.config import list_recipes, read_about, read_recipe
from ganzoo.weights import list_weights
from tests.conftest import ROOT

TINY = ["--model", "dcgan", "--set", "model.image_size=16", "--set", "model.width=4"]
SHORT = [*TINY, "--set", "train.batch_size=16", "--images", "40", "--run_dir", "r"]


@pytest.fixture
def ganzoo(tmp_path):
    """Runs `python -m ganzoo WORDS` in an empty folder."""

    def run(*words: str, env: dict | None = None):
        return subprocess.run(
            [sys.executable, "-m", "ganzoo", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(env or {})},
            capture_output=True,
            text=True,
            timeout=120,
        )

    return run


def on_a_terminal(words, cwd, columns=80) -> tuple[int, list[str]]:
    """The exit code of `python -m ganzoo WORDS` on a terminal, and the lines that it leaves there."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo", *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    said = b""
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:  # nobody holds the other side any more
            break
        if not part:
            break
        said += part
    os.close(master)
    lines = said.decode().replace("\r\n", "\n").split("\n")
    return process.wait(timeout=60), [line.rpartition("\r")[2].rstrip() for line in lines]


# ---- one word for all -----------------------------------------------------------------------------


@pytest.mark.parametrize("words", [["--help"], ["--modle", "dcgan"], ["--model", "dcgna"]])
def test_a_command_by_one_word_is_the_program_of_its_own(ganzoo, run_command, words):
    one, other = ganzoo("train", *words), run_command("train", *words)
    assert (one.returncode, one.stdout, one.stderr) == (other.returncode, other.stdout, other.stderr)
    assert one.stdout or one.stderr.startswith("ganzoo-train: ")


def test_help_names_every_command_and_is_quick(ganzoo):
    began = time.monotonic()
    done = ganzoo("--help")
    assert time.monotonic() - began < 3 and done.returncode == 0 and done.stderr == ""
    for name, does in COMMANDS.items():
        assert re.search(rf"^  {name} +{does}$", done.stdout, re.MULTILINE)
    setup = (ROOT / "setup.cfg").read_text(encoding="utf-8")
    assert set(re.findall(r"^ +ganzoo-(\w+) = ", setup, re.MULTILINE)) == set(PROGRAMS)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["trian"], "ganzoo: unknown command 'trian': did you mean 'train'? known are "),
        (["smaple", "dcgan/paintings"], "stray word 'dcgan/paintings'"),
        (["--model", "dcgan"], "ganzoo: --model comes after a command: write ganzoo train --model dcgan"),
        (["--num", "3", "sample"], "write ganzoo sample --num 3"),
        ([], "ganzoo: say what to do, e.g. ganzoo train --model dcgan"),
        (["list", "recipse"], "ganzoo list: unknown part of the list 'recipse': did you mean 'recipes'?"),
        (["list", "--jsn"], "ganzoo list: unknown flag --jsn: did you mean --json?"),
        (["completion", "bsh"], "ganzoo completion: unknown shell 'bsh': did you mean 'bash'?"),
        (["completion"], "ganzoo completion: SHELL is missing"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_and_ends_with_2(ganzoo, words, said):
    done = ganzoo(*words)
    assert done.returncode == 2 and done.stdout == ""
    assert said in done.stderr and len(done.stderr.splitlines()) == 1


def test_version_names_what_a_report_should(ganzoo):
    done = ganzoo("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"ganzoo \S+, keras 3\S+, tensorflow 2\S+, numpy \S+, python 3\S+\n", done.stdout)


# ---- the list -------------------------------------------------------------------------------------


def test_the_list_shows_all_there_is_in_80_columns(ganzoo):
    done = ganzoo("list", env={"COLUMNS": "80"})
    assert done.returncode == 0 and done.stderr == ""
    assert max(map(len, done.stdout.splitlines())) <= 80
    for name in (*list_recipes(), *list_weights(), *(entry["name"] for entry in catalogue.models())):
        assert f"\n  {name}\n" in done.stdout
    assert "1,072 crops of 134 paintings" in done.stdout and "arXiv 1511.06434" in done.stdout
    for part in PARTS:
        assert ganzoo("list", part, env={"COLUMNS": "80"}).stdout.strip() in done.stdout


def test_the_list_as_json_is_the_catalogue(ganzoo):
    assert json.loads(ganzoo("list", "--json").stdout) == {name: entries() for name, entries in PARTS.items()}


def test_the_list_waits_for_no_large_package():
    code = "import sys; from ganzoo.catalogue import PARTS; [part() for part in PARTS.values()]; "
    code += "print([name for name in ('tensorflow', 'keras', 'numpy', 'PIL') if name in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "[]\n"


@pytest.mark.parametrize("recipe", list_recipes())
def test_what_is_said_of_a_recipe_was_measured_and_stands_in_its_source(recipe):
    about = read_about(recipe)
    assert set(about) <= {"cost", "score", "source", "weights"}
    assert "about" not in read_recipe(recipe)
    if "weights" in about:
        assert about == {"weights": about["weights"]} and about["weights"] in list_weights()
        return
    said = " ".join(about.get(key, "") for key in ("cost", "score"))
    numbers = re.findall(r"\d[\d,.]*\d|\d", said)
    source = (ROOT / about["source"]).read_text(encoding="utf-8") if numbers else ""
    assert [number for number in numbers if number not in source] == []


def test_every_recipe_begins_with_a_sentence():
    for entry in catalogue.recipes():
        assert 20 < len(entry["line"]) < 120 and "\n" not in entry["line"], entry["name"]
    assert first_sentence("# One of\n# two lines. And more.\n#\nx = 1\n") == "One of two lines"
    assert first_sentence("loss = 1\n") == ""


# ---- completion -----------------------------------------------------------------------------------

ASK = """
source <({python} -m ganzoo completion bash)
ask() {{
    COMP_LINE="$1"; COMP_POINT=${{#1}}; COMP_TYPE=9
    read -ra COMP_WORDS <<<"$1"; [[ "$1" == *" " ]] && COMP_WORDS+=("")
    COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()
    _python_argcomplete "${{COMP_WORDS[0]}}" "${{COMP_WORDS[$COMP_CWORD]}}" ""
    echo "${{COMPREPLY[*]}}"
}}
"""


def test_bash_completes_commands_flags_and_values(tmp_path):
    for name, module in (("ganzoo", "ganzoo"), ("ganzoo-train", "ganzoo.cli.train")):
        program = tmp_path / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -m {module} "$@"\n')
        program.chmod(0o755)
    (tmp_path / "runs/mine-1").mkdir(parents=True)
    (tmp_path / "runs/mine-1/config.toml").touch()
    expected = {
        "ganzoo ": " ".join(COMMANDS),
        "ganzoo tr": "train",
        "ganzoo --v": "--version",
        "ganzoo train --mo": "--model",
        "ganzoo train --model d": "dcgan",
        "ganzoo-train --config painting_dcgan_": "painting_dcgan_small_data",
        "ganzoo train --set model.widt": "model.width=",
        "ganzoo sample dc": "dcgan/paintings",
        "ganzoo evaluate runs/mi": "runs/mine-1",
        "ganzoo export dcgan/paintings --format on": "onnx",
        "ganzoo list w": "weights",
        "ganzoo train --images ": "",
    }
    script = ASK.format(python=sys.executable) + "".join(f"ask '{line}'\n" for line in expected)
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stderr == ""
    answers = [line.strip() for line in done.stdout.splitlines()]
    assert dict(zip(expected, answers, strict=True)) == expected


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_have_a_script(ganzoo, shell):
    done = ganzoo("completion", shell)
    assert done.returncode == 0 and all(f"ganzoo-{name}" in done.stdout for name in PROGRAMS)


# ---- what stands on a terminal --------------------------------------------------------------------


def test_on_a_terminal_a_run_ends_in_words_elsewhere_in_json(ganzoo, tmp_path):
    code, lines = on_a_terminal(["train", *SHORT], tmp_path)
    said = "\n".join(lines)
    assert code == 0 and "{" not in said
    assert max(map(len, lines)) <= 80, lines
    assert "1,072 crops of 134 paintings" in said and "d_real, d_fake: shares of" in said
    assert "40 images = 48 in whole steps = 3 steps of 16" in said
    summary = json.loads((tmp_path / "r/summary.json").read_text())
    assert summary["images_seen"] == summary["this_process"]["images_seen"] == 48
    assert re.search(r"^done: 48 images in \d+ s$", said, re.MULTILINE)

    done = ganzoo("train", "--run_dir", "r", "--images", "80")
    summary = json.loads(done.stdout.splitlines()[-1])
    assert summary["images_seen"] == 80 and summary["this_process"]["images_seen"] == 32
    assert summary["seconds"] >= summary["this_process"]["seconds"]
    assert re.search(
        r"^done: 80 images in \d+ s, of which 32 images in \d+ s by this process$", done.stdout, re.M
    )

    code, lines = on_a_terminal(["train", "--run_dir", "r", "--images", "96", "--json"], tmp_path)
    assert code == 0 and json.loads(next(line for line in lines if line[:1] == "{"))["images_seen"] == 96
    assert "{" not in ganzoo("train", "--run_dir", "r", "--images", "112", "--nojson").stdout
