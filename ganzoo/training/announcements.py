"""What a run says to the person who started it, before the first step and after the last."""

from collections.abc import Callable
from typing import Any

from ganzoo.base.version import __version__
from ganzoo.step.precision import FLOAT32
from ganzoo.training.status import clock


def _listed(gan) -> str:
    """The networks and how large each is."""
    sizes = [f"{name} {network.count_params():,}" for name, network in gan.networks.items()]
    return " and ".join([", ".join(sizes[:-1]), sizes[-1]] if sizes[1:] else sizes) + " parameters"


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
        f"  data     {' and '.join(config.data.sources)}: {len(store):,} pictures"
        + (f" in {len(store.class_names)} classes" if store.class_names else "")
        + (f"; {rejected} of {found} files rejected" if rejected else "")
    )
    note(f"  device   {session.team.describe()}")
    schedule, images = config.family.schedule, config.train.images
    steps = f"{-(-images // rhythm.step):,} steps of {rhythm.step} = "
    steps = steps if len(set(schedule.all_batch_sizes(config.train.batch_size))) == 1 else ""
    note(
        f"  budget   {images:,} images = {steps}{images / rhythm.epoch:,.1f} epochs"
        + (f", or {config.train.minutes:g} minutes if they are over first" if config.train.minutes else "")
    )
    for sentence in standing_still(config):
        note(f"  warning  {sentence}")
    if growth := schedule.announce(images, config.train.batch_size):
        note(f"  growth   {growth}")
    note(f"  look at  {session.paths.samples}: a new grid every {rhythm.grid:,} images")
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
    """How it ended and what to do next."""
    root, seen = session.paths.root, summary["images_seen"]
    if summary["finished"]:
        note(
            f"done: {seen:,} images in {clock(summary['seconds'])}, "
            f"{summary['images_per_second']:,.0f} images/s, peak memory {summary['peak_memory_mib']:,} MiB"
        )
        note(f"  {root / 'training.gif'} shows how it went, {session.paths.samples} every grid")
    else:
        note(
            f"stopped at {seen:,} of {session.config.train.images:,} images, everything is written; "
            f"peak memory {summary['peak_memory_mib']:,} MiB"
        )
        note(f"  go on with: ganzoo-train --run_dir {root}")
