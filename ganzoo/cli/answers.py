"""Flags of other projects: what a user typed there, and the line to type here.

A word is looked for, in this order, among the command's own flags (with another kind of dash), among the
keys of a recipe (`--batch_size 64` is `--set train.batch_size=64`) and in the table of what every program
has but names in its own way.
"""

import difflib
from collections.abc import Sequence

from ganzoo.base.peers import REASONS, exact_key, key_of, line, plain_word
from ganzoo.settings import known_paths

# What is meant, and what it is called elsewhere.
MEANINGS = {
    "out": """
        output output_dir outdir out_dir outf outputs result_dir results_dir results save_dir savedir
        save_path save logdir log_dir logs log_path checkpoint_dir checkpoints_dir ckpt_dir model_dir
        work_dir workdir name exp_name experiment experiment_name exp expname run_name run_id project dest
        destination out run_dir target
    """,
    "run": """
        resume resume_from resume_path resume_checkpoint continue continue_train continue_from restart ckpt
        ckpt_path checkpoint checkpoint_path load load_dir load_path load_model load_from model_path
        network_pkl network pkl netg generator run run_dir restore model model_file snapshot
    """,
    "weights": "weights pretrained pretrained_model init_weights init_from weights_path finetune transfer",
    "device": """
        gpu gpus gpu_id gpu_ids cuda device_id device_ids ngpu num_gpus n_gpu accelerator use_gpu cpu no_cuda
        use_cuda devices device tpu
    """,
    "strategy": "distributed ddp multi_gpu multigpu world_size nodes num_nodes local_rank data_parallel",
    "workers": "workers num_workers nw n_workers j threads num_threads data_workers jobs num_jobs",
    "num": """
        num num_samples n_samples n_sample num_images n_images count number samples n nsamples num_imgs
        num_sample amount images
    """,
    "truncation": "psi trunc truncation_psi truncation_threshold",
    "tracking": "wandb tensorboard use_wandb use_tensorboard tb wandb_project log_interval print_freq",
    "config": "cfg config_file config_path recipe conf yaml options opt config",
    "model": "arch architecture gan_type model_name gan model_type type method family",
    "seeds": "seeds runs repeats num_runs num_seeds n_runs trials",
    "format": "ext extension file_format output_format type to",
    "port": "server_port p",
}  # fmt: skip
_MEANT: dict[str, list[str]] = {}
for _meaning, _words in MEANINGS.items():
    for _word in _words.split():
        _MEANT.setdefault(_word, []).append(_meaning)

# What a command has for it; {v} is the value that was given.
_OF_RUN = {
    "device": "--device {device}",
    "workers": "nothing: it takes the cores that there are; leave it out",
    "strategy": "nothing: one device is enough; leave it out",
    "num": "--num {v}",
    "seeds": "--seed {v}",
}
ANSWERS = {
    "ganzoo-train": {
        "out": "--run_dir {v}",
        "run": "--run_dir {v}, the folder of the run to go on with",
        "weights": "--weights {v}",
        "device": "--device {device}; several GPUs are used by themselves, see --strategy",
        "strategy": "--strategy mirrored",
        "workers": "nothing: prepared pictures are read faster than they are needed; leave it out",
        "tracking": "nothing: log.csv and tensorboard/ in the run's folder are always written; leave it out",
        "config": "--config {v}",
        "model": "--model {v}",
    },
    "ganzoo-compare": {
        "out": "--out {v}",
        "run": "--out {v}, the folder of the comparison to go on with",
        "weights": "--weights {v}",
        "device": "--devices {device}",
        "strategy": "--devices gpu:0,gpu:1 --jobs 2",
        "workers": "--jobs {v}",
        "tracking": "nothing: OUT/runs/NAME/tensorboard is always written; leave it out",
        "config": "--recipes {v}",
        "model": "--models {v}",
        "num": "--num {v}",
        "seeds": "--seeds {v}",
    },
    "ganzoo-evaluate": {
        **_OF_RUN,
        "out": "nothing: it writes into the folder RUN/evaluations; leave it out",
        "run": "no flag for it: ganzoo-evaluate {v}",
        "weights": "no flag for it: ganzoo-evaluate {v}",
        "config": "nothing: the run has its own; leave it out",
        "model": "no flag for it: ganzoo-evaluate {v}",
    },
    "ganzoo-sample": {
        **_OF_RUN,
        "device": "nothing: it takes a GPU if there is one; CUDA_VISIBLE_DEVICES= makes it take none",
        "out": "--out {v}",
        "run": "no flag for it: ganzoo-sample {v}",
        "weights": "no flag for it: ganzoo-sample {v}",
        "config": "nothing: the run has its own; leave it out",
        "model": "no flag for it: ganzoo-sample {v}",
        "truncation": "--truncation {v}",
        "format": "--format {v}",
    },
    "ganzoo-export": {
        "out": "--out {v}",
        "run": "no flag for it: ganzoo-export {v}",
        "weights": "no flag for it: ganzoo-export {v}",
        "model": "no flag for it: ganzoo-export {v}",
        "config": "nothing: the run has its own; leave it out",
        "device": "nothing: it is checked on the CPU; leave it out",
        "format": "--format {v}",
    },
    "ganzoo-explore": {
        "run": "no flag for it: ganzoo-explore {v}",
        "weights": "no flag for it: ganzoo-explore {v}",
        "model": "no flag for it: ganzoo-explore {v}",
        "device": "nothing: it takes a GPU if there is one; CUDA_VISIBLE_DEVICES= makes it take none",
        "out": "nothing: pictures are saved from the page; leave it out",
        "port": "--port {v}",
    },
    "ganzoo-prepare": {
        "out": "--out {v}",
        "run": "nothing: the same command goes on where it was; leave it out",
        "device": "nothing: pictures are decoded by the CPU; leave it out",
        "workers": "--workers {v}",
        "config": "nothing: its settings are flags; give them one by one",
    },
}
SOURCE = "no flag for it: ganzoo-prepare {v} --out ..."
FLAGS = {  # of recipe keys that have a flag of another name
    "ganzoo-train": {"data.source": "data"},
    "ganzoo-compare": {"data.source": "data", "train.seed": "seeds", "train.eval_features": "features"},
    "ganzoo-evaluate": {"data.source": "data"},
    "ganzoo-prepare": {"model.image_size": "size"},
}


def answer(command: str, names: Sequence[str], word: str, value: str = "") -> str | None:
    """What to type instead of an unknown flag, as a part of a sentence; None if nothing is like it.

    Args:
        command: as the user typed it, e.g. "ganzoo-train".
        names: the command's own flags.
        word: the flag without its dashes, or a stray word.
        value: what followed it, or "".
    """
    word = plain_word(word)
    if word in names:
        return f"write --{word} {value}".rstrip()
    if command not in ANSWERS:  # it trains nothing and takes nothing that was trained
        close = difflib.get_close_matches(word, names, n=1)
        return f"did you mean --{close[0]}?" if close else None
    for meaning in _MEANT.get(word, ()):
        if meaning in ANSWERS[command]:
            return _told(ANSWERS[command][meaning], word, value)
    paths = known_paths()
    if key := exact_key(word, paths):
        return _of_key(command, names, key, word, value)
    if close := difflib.get_close_matches(word, names, n=1):
        return f"did you mean --{close[0]}?"
    key = key_of(word, paths)
    return _of_key(command, names, key, word, value) if key else None


def _of_key(command: str, names: Sequence[str], key: str, word: str, value: str) -> str:
    """Where a command has what is a key of a recipe."""
    setting = line(key, word, value)
    flag = FLAGS.get(command, {}).get(key, key.rpartition(".")[2])
    if flag in names:
        told = f"write --{flag} {setting.partition('=')[2]}"
    elif "set" in names:
        told = f"write --set {setting}"
    elif key == "data.source" and command == "ganzoo-prepare":
        return _told(SOURCE, word, value)
    elif command == "ganzoo-prepare":
        told = f"that is for training: ganzoo-train --set {setting}"
    else:
        return f"{key} is what the run was trained with; leave it out"
    return f"{REASONS[key]}: {told}" if key in REASONS else told


def _told(told: str, word: str, value: str) -> str:
    number = value.removeprefix("cuda:").removeprefix("gpu:")
    device = "cpu" if word in ("cpu", "no_cuda") else f"gpu:{number if number.isdigit() else 0}"
    text = told.format(v=value or "...", device=device)
    return f"write {text}" if text.startswith("--") else f"there is {text}"
