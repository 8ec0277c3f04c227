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

from collections.abc import Mapping
from dataclasses import dataclass

from ganzoo.errors import UsageError
from ganzoo.lazy import tf


@dataclass(frozen=True)
class Growth:
    """The schedule.

    Attributes:
        start_size: side of the first pictures, a power of two from 4.
        image_size: side of the last pictures, a power of two, not below `start_size`.
        stable_images: images seen at each size, its fade not counted.
        fade_images: images seen while a size is faded in; 0 switches at once.
    """

    start_size: int
    image_size: int
    stable_images: int
    fade_images: int

    def __post_init__(self):
        if self.stable_images < 1:
            raise UsageError(
                f"stable_images is {self.stable_images}, but each size has to be trained on at least 1 image"
            )
        if self.fade_images < 0:
            raise UsageError(
                f"fade_images is {self.fade_images}, but must be 0 (sizes switch at once) or more"
            )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sides of the pictures, in order, e.g. (4, 8, 16)."""
        levels = range(self.start_size.bit_length() - 1, self.image_size.bit_length())
        return tuple(2**level for level in levels)

    @property
    def num_stages(self) -> int:
        """How many stages there are; only the last one has no end."""
        return 2 * len(self.sizes) - 1

    def stage(self, images_seen: int) -> int:
        """The stage that the next image is trained in."""
        past_first = images_seen - self.stable_images
        if past_first < 0:
            return 0
        level, into = divmod(past_first, self.fade_images + self.stable_images)
        return min(2 * level + (1 if into < self.fade_images else 2), self.num_stages - 1)

    def size(self, stage: int) -> int:
        """The side of the pictures in a stage."""
        return self.sizes[(stage + 1) // 2]

    def is_fading(self, stage: int) -> bool:
        """Whether a size is faded in during a stage."""
        return stage % 2 == 1

    def begins(self, stage: int) -> int:
        """Images seen when a stage begins."""
        before = stage // 2 * (self.fade_images + self.stable_images)
        return before + (self.stable_images if self.is_fading(stage) else self.fade_images) if stage else 0

    def fade(self, stage: int, images_seen):
        """How far the new size has come in a fading stage: float32, from 0 on towards 1.

        Args:
            stage: the stage that the graph is for.
            images_seen: an int or an int64 tensor.
        """
        into = tf.cast(images_seen - self.begins(stage), tf.float32)
        return tf.clip_by_value(into / max(1, self.fade_images), 0.0, 1.0)

    def stage_of(self, size: int) -> int:
        """The stage in which a size is stable. Raises UsageError for a size that is not grown through."""
        if size not in self.sizes:
            raise UsageError(
                f"level is {size!r}, but this model grows through {', '.join(map(str, self.sizes))}; "
                "give one of these sides"
            )
        return 2 * self.sizes.index(size)

    def describe(self, images_seen: int) -> str:
        """Where growth stands, e.g. "16x16 fading in 45 %"."""
        stage = self.stage(images_seen)
        size = self.size(stage)
        if not self.is_fading(stage):
            return f"{size}x{size}"
        return f"{size}x{size} fading in {(images_seen - self.begins(stage)) / self.fade_images:.0%}"

    def spans(self, start: int, end: int) -> list[tuple[int, int]]:
        """The images between two moments as (size, images of that size), in order."""
        edges = [self.begins(stage) for stage in range(self.num_stages)]
        found: dict[int, int] = {}
        for stage, (first, last) in enumerate(zip(edges, [*edges[1:], max(end, edges[-1])], strict=True)):
            num = min(end, last) - max(start, first)
            if num > 0:
                found[self.size(stage)] = found.get(self.size(stage), 0) + num
        return list(found.items())

    # ---- batch sizes ------------------------------------------------------------------------

    def check_batch_sizes(self, batch_sizes: Mapping[int, int]) -> None:
        """Raises UsageError unless a table of batch sizes is empty or has a number for every size."""
        if not batch_sizes:
            return
        missing = [size for size in self.sizes if size not in batch_sizes]
        strange = [size for size in batch_sizes if size not in self.sizes]
        if missing or strange:
            what = f"has nothing for {_sides(missing)}" if missing else f"has {_sides(strange)}"
            raise UsageError(
                f"batch_sizes {what}, but this model grows through {_sides(self.sizes)}; "
                "give a number for each of these, or no table at all"
            )
        for size, num in batch_sizes.items():
            if num < 1:
                raise UsageError(f"batch_sizes has {num} for {size}, but a batch has at least 1 picture")

    def check_lengths(self, step_images: Mapping[int, int]) -> None:
        """Raises UsageError if a step takes more images, by size, than the stages of that size last."""
        for size in self.sizes[:-1]:
            if step_images[size] > self.stable_images:
                raise UsageError(
                    f"stable_images is {self.stable_images}, shorter than one step of {step_images[size]} "
                    f"images at {size}x{size}: the size would be skipped; give a longer schedule or "
                    "smaller batches"
                )


def _sides(sizes) -> str:
    return ", ".join(f"{size}x{size}" for size in sizes)
