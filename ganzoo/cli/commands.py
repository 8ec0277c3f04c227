"""The commands by name, `ganzoo NAME`, and what each does."""

COMMANDS = {
    "train": "train a model on pictures, or go on with a run",
    "prepare": "clean, label and cut a heap of pictures once, for good",
    "evaluate": "score the pictures of a run, each number beside its floor",
    "compare": "train several models under equal terms, and report",
    "sample": "draw pictures, walks and near copies from what was trained",
    "explore": "a local page with sliders",
    "export": "a trained generator for other programs, phones and browsers",
    "list": "models, recipes and trained weights, with cost and scores",
    "completion": "a script that lets bash, zsh or fish complete words",
}
PROGRAMS = tuple(COMMANDS)[:7]  # those that are programs of their own, too: ganzoo-NAME
