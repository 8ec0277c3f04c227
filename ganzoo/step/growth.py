"""When a progressively grown network grows: a pure function of images seen.

Karras et al. 2018, "Progressive growing of GANs", arXiv 1710.10196, section 2 and appendix
A.1: the first size is trained for `stable_images`; then each next one is faded in over
`fade_images` and trained for `stable_images`; the last one until the budget ends.

    stage     0        1          2        3          4      ...
              4x4      8x8        8x8      16x16      16x16
              stable   fading in  stable   fading in  stable

Nothing here knows a network or has a state: whoever resumes at the same number of images
is at the same place.
"""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field

from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf


class Schedule:
    """How a family changes while it trains: not at all, one stage from first to last."""

    num_stages = 1  # a training step is traced once for each
    to_begin_whole = ""  # how a family that grows is told not to

    def stage(self, images_seen: int) -> int:
        """The stage that the next step is trained in."""
        return 0

    def stage_of(self, level: int) -> int:
        """The stage in which pictures of side `level` are made. Raises UsageError if there is none."""
        raise UsageError("this model makes pictures of one size; leave level out")

    def batch_size(self, images_seen: int, default: int) -> int:
        """Pictures of the next batch; `default` is the recipe's."""
        return default

    def all_batch_sizes(self, default: int) -> tuple[int, ...]:
        """Every number of pictures that a batch may hold."""
        return (default,)

    def check(self, batch_size: int, d_steps: int) -> None:
        """Raises UsageError if stages cannot be trained in steps of `d_steps` batches."""

    def describe(self, images_seen: int) -> str:
        """Where it stands, for the progress line."""
        return ""

    def announce(self, budget: int, batch_size: int) -> str:
        """What will happen, for the start of a run of `budget` images."""
        return ""

    def work(self, start: int, end: int) -> float:
        """How much there is to do between two numbers of images seen, in any unit."""
        return float(end - start)


@dataclass(frozen=True)
class Growth(Schedule):
    """The schedule of progressive growing.

    Attributes:
        start_size: side of the first pictures, a power of two from 4.
        image_size: side of the last pictures, a power of two, not below `start_size`.
        stable_images: images seen at each size, its fade not counted.
        fade_images: images seen while a size is faded in; 0 switches at once.
        batch_sizes: pictures per batch for each size, or empty.
        costs: what one image of each size costs, in any unit, or empty.
    """

    start_size: int
    image_size: int
    stable_images: int
    fade_images: int
    batch_sizes: Mapping[int, int] = field(default_factory=dict)
    costs: Mapping[int, float] = field(default_factory=dict)

    def __post_init__(self):
        for name, least in (("stable_images", 1), ("fade_images", 0)):
            if getattr(self, name) < least:
                raise UsageError(
                    f"{name} is {getattr(self, name)}, but must be at least {least}: the schedule would be "
                    "shorter than one level"
                )
        missing = [size for size in self.sizes if size not in self.batch_sizes]
        strange = [size for size in self.batch_sizes if size not in self.sizes]
        if self.batch_sizes and (missing or strange):
            wrong = f"has nothing for {_sides(missing)}" if missing else f"has {_sides(strange)}"
            raise UsageError(
                f"batch_sizes {wrong}, but this model grows through {_sides(self.sizes)}; "
                "give a number for each of these, or no table at all"
            )
        for size, num in self.batch_sizes.items():
            if num < 1:
                raise UsageError(f"batch_sizes has {num} for {size}, but a batch has at least 1 picture")

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sides of the pictures, in order, e.g. (4, 8, 16)."""
        return tuple(size for size in sizes_to(self.image_size) if size >= self.start_size)

    @property
    def to_begin_whole(self) -> str:
        return f"train it at one size: --set model.start_size={self.image_size}"

    @property
    def num_stages(self) -> int:
        return 2 * len(self.sizes) - 1

    def stage(self, images_seen):
        past_first = images_seen - self.stable_images
        if past_first < 0:
            return 0
        level, into = divmod(past_first, self.fade_images + self.stable_images)
        return min(2 * level + (1 if into < self.fade_images else 2), self.num_stages - 1)

    def stage_of(self, level):
        if level not in self.sizes:
            raise UsageError(
                f"level is {level!r}, but this model grows through {', '.join(map(str, self.sizes))}; "
                "give one of these sides"
            )
        return 2 * self.sizes.index(level)

    def size(self, stage: int) -> int:
        """The side of the pictures in a stage."""
        return self.sizes[(stage + 1) // 2]

    def is_fading(self, stage: int) -> bool:
        """Whether a size is faded in during a stage."""
        return stage % 2 == 1

    def begins(self, stage: int) -> int:
        """Images seen when a stage begins."""
        before = stage // 2 * (self.fade_images + self.stable_images)
        return before + self.stable_images if self.is_fading(stage) else before

    def fade(self, stage: int, images_seen):
        """How far the new size has come in a fading stage: float32 from 0 to 1.

        Args:
            stage: the stage that the graph is for.
            images_seen: an int or an int64 tensor.
        """
        into = tf.cast(images_seen - self.begins(stage), tf.float32)
        return tf.clip_by_value(into / max(1, self.fade_images), 0.0, 1.0)

    # ---- what a step holds and costs ----------------------------------------------------------

    def batch_size(self, images_seen, default):
        return self.batch_sizes.get(self.size(self.stage(images_seen)), default)

    def all_batch_sizes(self, default):
        return tuple(self.batch_sizes.get(size, default) for size in self.sizes)

    def check(self, batch_size, d_steps):
        for size, num in zip(self.sizes[:-1], self.all_batch_sizes(batch_size), strict=False):
            if num * d_steps > self.stable_images:
                raise UsageError(
                    f"stable_images is {self.stable_images}, shorter than one step of {num * d_steps} "
                    f"images at {size}x{size}, which could be skipped; "
                    "give a longer schedule or smaller batches"
                )

    def work(self, start, end):
        edges = [*map(self.begins, range(self.num_stages)), max(start, end)]
        edges[-1] = max(edges[-2:])
        return sum(
            self.costs.get(self.size(stage), 1.0) * max(0, min(end, last) - max(start, first))
            for stage, (first, last) in enumerate(itertools.pairwise(edges))
        )

    # ---- in words ---------------------------------------------------------------------------

    def describe(self, images_seen):
        stage = self.stage(images_seen)
        size = self.size(stage)
        if not self.is_fading(stage):
            return f"{size}x{size}"
        return f"{size}x{size} fading in {(images_seen - self.begins(stage)) / self.fade_images:.0%}"

    def announce(self, budget, batch_size):
        if len(self.sizes) == 1:
            return ""
        rhythm = f"{self.stable_images:,} images each, {self.fade_images:,} to fade in"
        batches = self.all_batch_sizes(batch_size)
        shown = f"batch {', '.join(map(str, batches)) if len(set(batches)) > 1 else batches[0]}"
        full = self.begins(self.num_stages - 1)
        text = f"{', '.join(map(str, self.sizes))} pixels; {rhythm}; {shown}; full size from {full:,} images"
        if budget < full:
            text += f", which this budget does not reach: it ends at {self.describe(budget)}"
        return text


def sizes_to(size: int) -> list[int]:
    """4, 8, ... up to `size`."""
    return [2**level for level in range(2, size.bit_length())]


def _sides(sizes) -> str:
    return ", ".join(f"{size}x{size}" for size in sizes)
