"""The command as a user types it, in a process of its own: exit codes, sentences, no tracebacks."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from ganzoo.cli.answers import ANSWERS, MEANINGS, answer
from tests.conftest import ROOT

TINY = ["--set", "model.image_size=16", "--set", "model.width=4", "--set", "train.batch_size=8"]


def check_sentence(done, code, *words):
    """The command ended with `code` and one helpful line on standard error."""
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1 and lines[0].startswith("ganzoo-train: "), done.stderr
    for word in words:
        assert word in lines[0]


def test_help_lists_the_commands_own_flags_and_ends_with_0(run_command):
    began = time.monotonic()
    done = run_command("train", "--help")
    assert done.returncode == 0 and done.stderr == ""
    for flag in ("--model", "--config", "--data", "--run_dir", "--set", "--images", "--seed", "--device"):
        assert flag in done.stdout
    assert "--logtostderr" not in done.stdout and "--alsologtostderr" not in done.stdout
    assert time.monotonic() - began < 10  # not a benchmark: TensorFlow alone would take part of this


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--modle", "dcgan"], ["--modle", "--model"]),
        (["--model=dcgan", "data"], ["'data'", "--data"]),
        (["--model", "dcgna"], ["'dcgna'", "'dcgan'"]),
        ([], ["--model"]),
        (["--config", "paintin_dcgan"], ["'painting_dcgan'"]),
        (["--config", "nowhere/x.toml"], ["nowhere/x.toml"]),
        (["--model", "dcgan", "--set", "model.widht=32"], ["'widht'", "'width'"]),
        (["--model", "dcgan", "--set", "model.image_size=48"], ["48"]),
        (["--model", "dcgan", "--set", "model.image_size=0"], ["image_size is 0"]),
        (["--model", "dcgan", "--set", "train.batch_size=x"], ["'x'", "whole number"]),
        (["--model", "dcgan", "--images", "many"], ["many", "write 100000, 1e5, 100k"]),
        (["--model", "dcgan", "--images", "5", "--set", "train.images=6"], ["--images", "train.images"]),
        (["--model", "dcgan", "--images", "0"], ["train.images is 0"]),
        (["--model", "dcgan", "--data", "painting"], ["'painting'", "'paintings'"]),
        (["--model", "dcgan", "--device", "tpux"], ["tpux"]),
    ],
)
def test_usage_errors_end_with_2_and_one_sentence(run_command, tmp_path, words, expected):
    check_sentence(run_command("train", *words), 2, *expected)
    assert not (tmp_path / "runs").exists()


def test_a_config_for_another_model_contradicts(run_command, tmp_path):
    (tmp_path / "mine.toml").write_text('[model]\nname = "dcgan"\n')
    check_sentence(run_command("train", "--config", "mine.toml", "--model", "nothing"), 2, "'nothing'")
    (tmp_path / "broken.toml").write_text("[model\n")
    check_sentence(run_command("train", "--config", "broken.toml"), 2, "not valid TOML")
    (tmp_path / "typo.toml").write_text('[model]\nname = "dcgan"\n[train]\nbatchsize = 3\n')
    check_sentence(run_command("train", "--config", "typo.toml"), 2, "'batchsize'", "'batch_size'")


def test_data_that_is_not_there_ends_with_1(run_command, tmp_path):
    check_sentence(
        run_command("train", "--model", "dcgan", "--data", "./nowhere"), 1, "nowhere", "does not exist"
    )
    (tmp_path / "empty").mkdir()
    check_sentence(run_command("train", "--model", "dcgan", "--data", "./empty"), 1, "empty")
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_something_else_is_left_alone(run_command, tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("x")
    done = run_command("train", "--model", "dcgan", "--run_dir", "thesis")
    check_sentence(done, 2, "thesis", "chapter1.tex")
    assert [p.name for p in (tmp_path / "thesis").iterdir()] == ["chapter1.tex"]
    (tmp_path / "file").write_text("x")
    check_sentence(run_command("train", "--model", "dcgan", "--run_dir", "file"), 2, "file")


def test_an_unwritable_place_is_said(run_command):
    done = run_command("train", "--model", "dcgan", *TINY, "--run_dir", "/proc/nowhere/run")
    check_sentence(done, 1, "/proc/nowhere/run")


def test_train_finish_and_come_back(run_command, tmp_path):
    words = ["--model", "dcgan", *TINY, "--images", "64", "--run_dir", "r"]
    done = run_command("train", *words)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for word in ("parameters", "pictures", "paintings", "CPU", "64 images", "r/samples", "done"):
        assert word in done.stdout, word
    again = run_command("train", *words)
    assert again.returncode == 0 and "finished" in again.stdout
    check_sentence(run_command("train", *words, "--seed", "4"), 2, "train.seed", "0 before, 4 now")
    more = run_command("train", "--run_dir", "r", "--images", "96")
    assert more.returncode == 0 and "going on from 64 images" in more.stdout
    assert json.loads((tmp_path / "r" / "summary.json").read_text())["images_seen"] == 96


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_the_run_with_everything_written(tmp_path, number, code):
    words = [
        sys.executable,
        "-m",
        "ganzoo.cli.train",
        "--model",
        "dcgan",
        *TINY,
        "--run_dir",
        "r",
        "--images",
        "2e6",
    ]
    words[-1] = "2000000"
    process = subprocess.Popen(
        words, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True
    )
    first_grid = tmp_path / "r" / "samples" / "images-000000000000.png"
    deadline = time.monotonic() + 90
    while not first_grid.exists() and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(2)
    process.send_signal(number)
    output, _ = process.communicate(timeout=60)
    assert process.returncode == code
    assert "go on with: ganzoo-train --run_dir r" in output
    summary = json.loads((tmp_path / "r" / "summary.json").read_text())
    assert not summary["finished"] and summary["exit_code"] == code
    assert re.search(r"images-\d{12}\.npz", " ".join(os.listdir(tmp_path / "r" / "checkpoints")))
    assert (tmp_path / "r" / "training.gif").exists() and (tmp_path / "r" / "loss.png").exists()


FOREIGN = {
    "train": {
        "--image_size 32": "--set model.image_size=32",
        "--image-size=32": "--set model.image_size=32",
        "--imsize 32": "--set model.image_size=32",
        "--batch_size 16": "--set train.batch_size=16",
        "--batch 16": "--set train.batch_size=16",
        "--epochs 5": "epochs times pictures.*--images NUMBER",
        "--num_epochs=5": "--images NUMBER",
        "--steps 100": "steps times batch size.*--images NUMBER",
        "--lr 1e-4": "--set train.learning_rate=1e-4",
        "--learning_rate 1e-4": "--set train.learning_rate=1e-4",
        "--beta1 0": "--set train.beta_1=0",
        "--resume runs/x": "--run_dir runs/x, the folder of the run",
        "--checkpoint runs/x": "--run_dir runs/x",
        "--gpu 1": "--device gpu:1",
        "--gpus": "--device gpu:0",
        "--cpu": "--device cpu",
        "--pretrained x": "write --weights x",
        "--dataset pics": "write --data pics",
        "--dataroot pics": "write --data pics",
        "--output x": "--run_dir x",
        "--name x": "--run_dir x",
        "--log_dir x": "--run_dir x",
        "--workers 4": "leave it out",
        "--fp16": "--precision mixed_float16",
        "--z_dim 64": "--set model.latent_dim=64",
        "--n_critic 5": "--set train.d_steps=5",
        "--loss hinge": "--set loss=hinge",
        "--flip": "--set data.flip=true",
        "--wandb": "tensorboard",
        "--save_every 5": "--checkpoint_every 5",
        "--eval-every 5": "write --eval_every 5",
        "--minuts 5": "did you mean --minutes",
        "dcgan": "--model dcgan",
    },
    "compare": {
        "--epochs 5": "--images NUMBER",
        "--lr 1": r"--set train\.learning_rate=1",
        "--gpus 1": "--devices",
    },
    "evaluate": {
        **{
            "--dataset x": "--data x",
            "--weights x": "ganzoo-evaluate x",
            "--image_size 3": "the run was trained",
        },
        **{
            "--n_samples 9": "--num 9",
            "--gpu 0": "--device gpu:0",
            "--output x": "evaluations",
            "--lr 1": "leave",
        },
    },
    "sample": {
        "--output x": "--out x",
        "--n_samples 9": "--num 9",
        "--resume x": "ganzoo-sample x",
        "--gpu 0": "GPU",
    },
    "export": {
        "--output x": "--out x",
        "--weights x": "ganzoo-export x",
        "--batch_size 1": "the run was trained",
    },
    "explore": {"--checkpont x": "--checkpoint", "--model x": "ganzoo-explore x", "--device cpu": "GPU"},
    "prepare": {
        **{"--image_size 32": "--size 32", "--output x": "--out x", "--dataset x": "ganzoo-prepare x --out"},
        **{"--num_workers 3": "--workers 3", "--lr 1": "for training", "--labels_file x": "--labels_csv x"},
    },
}


@pytest.mark.parametrize(
    ("name", "words", "line"), [(name, *each) for name, lines in FOREIGN.items() for each in lines.items()]
)
def test_other_projects_flags_are_answered_with_the_line_to_type(name, words, line, capsys):
    from docs.generate.pages import command

    assert command(name)(words.split()) == 2
    said = capsys.readouterr().err
    assert re.search(line, said) and len(said.splitlines()) == 1, said


@pytest.mark.parametrize("name", ANSWERS)
def test_no_answer_names_a_flag_that_is_not_there(name):
    from docs.generate.pages import command

    there = command(name.removeprefix("ganzoo-")).flags
    for meaning, words in MEANINGS.items():
        for word in words.split():
            told = answer(name, list(there), word, "3") or ""
            for flag in re.findall(r"--(\w+)", told):
                assert flag in there or "ganzoo-train" in told, (meaning, told)


@pytest.mark.parametrize("name", [each.removeprefix("ganzoo-") for each in ANSWERS])
def test_every_flag_for_a_whole_number_takes_what_people_write(name):
    from docs.generate.pages import command

    there = command(name).flags
    for flag in (each for each in there if there[each].flag_type() == "int"):
        assert [there[flag].parser.parse(text) for text in ("1e3", "1k", "1,000", "1_000")] == [1000] * 4
        with pytest.raises(ValueError, match="write 100000, 1e5"):
            there[flag].parser.parse("many")
        with pytest.raises(ValueError, match="at most"):
            there[flag].parser.parse("1e30")
