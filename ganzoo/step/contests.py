"""What discriminators are asked in a step, and what they answer: contests and judgements.

An *example* is all that a discriminator is shown of one thing: the picture and whatever it is
judged by (its label, its caption, the map it was made from). A contest pits real examples against
generated ones; a family lists its contests in plain code, see `ganzoo.family.Family.contests`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ganzoo.base.errors import UsageError, unknown

Example = Mapping[str, Any]  # name -> tensor (batch, ...)


@dataclass(frozen=True)
class Contest:
    """One discriminator, the real examples and the generated ones that it tells apart.

    Attributes:
        discriminator: its name in `Family.discriminators`.
        real: what it should believe.
        fake: what it should not, and what the generators want it to believe.
        wrong: real things that it should not believe either, such as a picture with another's
            caption (Reed et al. 2016, arXiv 1605.05396, GAN-CLS); only it learns from them.
        remembered: generated examples that it learns from in place of `fake`, such as older
            ones out of a pool (Shrivastava et al. 2017, arXiv 1612.07828, section 2.3).
    """

    discriminator: str
    real: Example
    fake: Example
    wrong: Example | None = None
    remembered: Example | None = None

    @property
    def pictures(self) -> list[str]:
        """The names of what augmentation and noise change: what is generated, and every other picture."""
        others = [n for n, v in self.fake.items() if v.dtype.is_floating and len(v.shape) == 4]
        return list(dict.fromkeys([*self.made, *others]))

    @property
    def made(self) -> list[str]:
        """The names of what is generated in the fake example; the rest is shared with the real one."""
        return [name for name, value in self.fake.items() if value is not self.real.get(name)]


def check_contests(contests: list[Contest], discriminators: Mapping[str, Any]) -> None:
    """Raises UsageError unless contests name the discriminators that there are, each at least once."""
    for contest in contests:
        if contest.discriminator not in discriminators:
            raise unknown("discriminator of a contest", contest.discriminator, discriminators)
        if not contest.real or not contest.fake:
            which = "real" if not contest.real else "generated"
            raise UsageError(
                f"the contest of {contest.discriminator} has no {which} example; give both what it judges"
            )
        missing = [name for name in contest.fake if name not in contest.real]
        if missing:
            raise UsageError(
                f"the contest of {contest.discriminator} has a generated {missing[0]!r} but no real one; "
                f"the real example has {', '.join(contest.real)}"
            )
    idle = [name for name in discriminators if name not in {each.discriminator for each in contests}]
    if idle:
        raise UsageError(
            f"nobody trains the discriminator {idle[0]!r}: no contest names it; add one, or leave it out"
        )


def name_within(contest: Contest, contests: list[Contest]) -> Callable[[str], str]:
    """What the draws of a contest are called: as they are where it is the only one, else apart."""
    if len(contests) == 1:
        return lambda name: name
    number = next(i for i, each in enumerate(contests) if each is contest)
    return lambda name: f"{number} {contest.discriminator} {name}"


@dataclass(frozen=True)
class Judged:
    """What a discriminator says of examples.

    Attributes:
        logits: tensors of any shape whose first axis is the batch, e.g. (batch, 1), or a patch
            discriminator's (batch, height, width, 1), one for each scale.
        features: what it saw on the way, for terms that compare features.
    """

    logits: tuple
    features: tuple = ()


class Verdict:
    """What a contest's discriminator says of its two examples, each judged when somebody asks, and once."""

    def __init__(self, judge_real: Callable[[], Judged], judge_fake: Callable[[], Judged]):
        self._judge = {"real": judge_real, "fake": judge_fake}
        self._said: dict[str, Judged] = {}

    # Not functools.cached_property: before Python 3.12 its lock is shared by all instances, and replicas are
    # traced in threads that wait for each other within such a call.
    def _of(self, which: str) -> Judged:
        if which not in self._said:
            self._said[which] = self._judge[which]()
        return self._said[which]

    @property
    def real(self) -> Judged:
        """Of the real example; constants to the generators."""
        return self._of("real")

    @property
    def fake(self) -> Judged:
        """Of the generated example, the fresh one."""
        return self._of("fake")
