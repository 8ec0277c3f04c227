"""What a run says to the person who started it, before the first step and after the last."""

from collections.abc import Callable
from typing import Any

from ganzoo.base.version import __version__
from ganzoo.data.sources import counted
from ganzoo.step.precision import FLOAT32
from ganzoo.training.beginning import Began
from ganzoo.training.status import clock

NUMBERS = (
    "  numbers  d_loss, g_loss: what discriminator and generator minimise;",
    "           d_real, d_fake: shares of real and of generated pictures that the",
    "           discriminator recognises, 0.5 where it guesses",
)


def _listed(gan) -> str:
    """The networks and how large each is."""
    sizes = [f"{name} {network.count_params():,}" for name, network in gan.networks.items()]
    return " and ".join([", ".join(sizes[:-1]), sizes[-1]] if sizes[1:] else sizes) + " parameters"


def _pictures(config, store) -> str:
    """How many there are, e.g. "1,072 crops of 134 paintings"."""
    return counted(len(store), store.copies, config.data.source)


def _steps(config, rhythm) -> str:
    """The whole steps that a budget of images is rounded up to, where all are of one size."""
    if len(set(config.family.schedule.all_batch_sizes(config.train.batch_size))) > 1:
        return ""
    steps, images = -(-config.train.images // rhythm.step), config.train.images
    whole = f"{steps * rhythm.step:,} in whole steps = " if images % rhythm.step else ""
    return f"{whole}{steps:,} steps of {rhythm.step} = "


def introduce(note: Callable[[str], None], session) -> None:
    """What is about to happen: model, data, devices, budget, and where pictures land."""
    config, rhythm, store, gan = session.config, session.rhythm, session.store, session.gan
    shape = "x".join(map(str, config.family.output.shape))
    rejected, found = store.report.get("rejected"), store.report.get("found")
    precision = config.train.precision
    note(f"ganzoo {__version__} trains {config.model} in {session.paths.root}")
    note(
        f"  model    {_listed(gan)}; {config.family.output.word}s {shape}"
        + (f"; {precision}" if precision != FLOAT32 else "")
    )
    note(
        f"  data     {' and '.join(config.data.sources)}: {_pictures(config, store)}"
        + (f" in {len(store.class_names)} classes" if store.class_names and config.family.label else "")
        + (f"; {rejected} of {found} files rejected" if rejected else "")
    )
    if began := session.position.began:
        note(f"  begins   with {Began(**began)}")
    note(f"  device   {session.team.describe()}")
    schedule, images = config.family.schedule, config.train.images
    note(
        f"  budget   {images:,} images = {_steps(config, rhythm)}{images / rhythm.epoch:,.1f} epochs"
        + (f", or {config.train.minutes:g} minutes if they are over first" if config.train.minutes else "")
    )
    for sentence in standing_still(config):
        note(f"  warning  {sentence}")
    if growth := schedule.announce(images, config.train.batch_size):
        note(f"  growth   {growth}")
    often = f"{rhythm.grid:,} images{', at first more often' if rhythm.early else ''}"
    note(f"  look at  {session.paths.samples}: a new grid every {often}")
    if {"d_real", "d_fake"} <= set(session.shown):
        for line in NUMBERS:
            note(line)
    if session.position.images_seen:
        note(f"  going on from {session.position.images_seen:,} images (step {session.position.step:,})")


def standing_still(config) -> list[str]:
    """Sentences about a part of the budget in which nothing would change."""
    images, objective = config.train.images, config.objective
    if not 0 < objective.decay_until < images:
        return []
    return [
        f"the learning rates have fallen to 0 at {objective.decay_until:,} images: the "
        f"{images - objective.decay_until:,} after that change no weight; --images {objective.decay_until} "
        f"ends there, and a new run with --set train.decay_until={images} falls more slowly"
    ]


def say_goodbye(note: Callable[[str], None], session, summary: dict[str, Any]) -> None:
    """How it ended and what to do next: the summary's numbers, in words."""
    root, seen = session.paths.root, summary["images_seen"]
    if summary["finished"]:
        note(f"done: {seen:,} images in {_time(summary)}")
    else:
        budget = session.config.train.images
        note(f"stopped at {seen:,} of {budget:,} images after {_time(summary)}, everything is written")
    note(f"  speed    {summary['images_per_second']:,.0f} images/s, peak memory {_memory(summary)}")
    if summary["best"]:
        best = summary["best"]
        note(f"  best     {best['metric']} {best['value']:.4g} at {best['images_seen']:,} images")
    note(f"  look at  {root / 'training.gif'}: how it went")
    note(f"           {root / 'samples'}: every grid")
    if summary["finished"]:
        note(f"  go on    ganzoo-sample {root} --num 64 --out samples.png")
    else:
        note(f"  go on with: ganzoo-train --run_dir {root}")


def _time(summary: dict[str, Any]) -> str:
    """How long the run was trained, and this process's share of it where there were several."""
    own = summary["this_process"]
    if own["images_seen"] == summary["images_seen"]:
        return clock(summary["seconds"])
    return (
        f"{clock(summary['seconds'])}, of which {own['images_seen']:,} images in "
        f"{clock(own['seconds'])} by this process"
    )


def _memory(summary: dict[str, Any]) -> str:
    return f"{summary['peak_memory_mib']:,} MiB"
