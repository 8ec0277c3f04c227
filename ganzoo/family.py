"""What an architecture has to say. A family is a frozen dataclass whose fields are its arguments.

The base class of training (`ganzoo.gan.GAN`) decides *when* things happen; a family says *what*:
its networks, what they make in a step, which discriminator tells what from what, and what else
the generators minimise. Its fields double as the keys of a recipe's `[model]` table and as the
keywords of `ganzoo.build`.

Most families have one generator and one discriminator: they inherit `ganzoo.two_player.TwoPlayer`,
which asks for less.
"""

import dataclasses
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from ganzoo.base.arguments import make, plain
from ganzoo.base.errors import UsageError
from ganzoo.base.lazy import tf
from ganzoo.base.ranges import check, ranged
from ganzoo.base.registry import Registry
from ganzoo.kinds.classes import refuse_unlabelled, with_classes_of
from ganzoo.kinds.kind import Kind
from ganzoo.kinds.label import Label
from ganzoo.kinds.picture import Picture
from ganzoo.objective import Objective
from ganzoo.step.contests import Contest, Judged, Verdict
from ganzoo.step.draws import Draws
from ganzoo.step.growth import Schedule

FAMILIES: "Registry[type[Family]]" = Registry("model")
LARGE = 65_536  # units or channels of a layer, sides of a picture: beyond that no memory is enough

# Arguments of a family with classes: how many, what they are called, how many pictures of each there are.
CLASSES = ("num_classes", "class_names", "class_counts")
TAKEN = {"ema", "spectral", "g_optimizer", "d_optimizer", "progress", "buffers", "metrics", "sampled"}

Seeds = Callable[[str], int]  # from a network's name to the seed of its initial weights


@dataclass(frozen=True)
class Family:
    """The interface of a family: override `columns`, `generators`, `make`, `show` and what differs below.

    A step happens like this, once for each batch but the generators' update, which follows the last:

        made = make(...)                        recorded: the generators' one pass
        contests(...)                           the discriminators move
        remember(...)                           buffers move
        contests(...), terms(...)               the generators move, through the recorded pass
    """

    paper: ClassVar[str] = ""  # where it was published, for `ganzoo list`
    objective: ClassVar[Objective] = Objective()  # the family's own way of being trained
    norm: ClassVar[str] = "none"  # how discriminators are normalised; "batch" rules out gradient penalties
    latent_dim: int = ranged(100, least=1, most=LARGE)

    def __post_init__(self):
        check(self)

    # ---- what it takes and gives -----------------------------------------------------------

    @property
    def columns(self) -> dict[str, Kind]:
        """What the batches hold that it trains on, e.g. {"image": Picture(64, 64, 3), "label": Label(10)}."""
        raise TypeError(f"{type(self).__name__} must say what a batch holds: define columns")

    @property
    def inputs(self) -> dict[str, Kind]:
        """What a sample is given besides latents: all columns but "image", unless a family differs."""
        return {name: kind for name, kind in self.columns.items() if name != "image"}

    @property
    def output(self) -> Kind:
        """What `show` makes: the kind of the column "image", unless a family differs."""
        return self.columns["image"]

    @property
    def label(self) -> Label | None:
        """The classes that a sample may be asked for; None without classes."""
        return self.inputs.get("label")

    @property
    def batch_spec(self) -> dict[str, tuple[int, ...]]:
        """The keys and per-example shapes of the batches it trains on, e.g. {"image": (64, 64, 3)}."""
        return {name: kind.shape for name, kind in self.columns.items()}

    @property
    def task(self) -> str:
        """From what to what it makes, classes and latents apart: models of one task can be compared."""
        given = [kind.word for kind in self.inputs.values() if not kind.can_be_drawn]
        return f"{self.output.word}s{' from a ' if given else ''}{' and a '.join(given)}"

    @property
    def has_opponent(self) -> bool:
        """Whether it has discriminators: without, all of an objective that is about them says nothing."""
        return type(self).discriminators is not Family.discriminators

    @property
    def can_be_drawn(self) -> bool:
        """Whether samples can be made without being given anything."""
        return all(kind.can_be_drawn for kind in self.inputs.values())

    # ---- the networks -------------------------------------------------------------------

    def generators(self, seeds: Seeds) -> dict:
        """New networks that make things, `keras.Model`s by name: `{"generator": model(seeds("generator"))}`.

        All that is not a discriminator is one: mapping networks, encoders, translators.
        """
        raise TypeError(f"{type(self).__name__} must define generators(seeds)")

    def discriminators(self, seeds: Seeds) -> dict:
        """New networks that judge, by name; none for a family without an opponent."""
        return {}

    def buffers(self) -> dict:
        """Numbers that are no weights and that a resumed run needs, by name: their initial values, arrays."""
        return {}

    # ---- a step -----------------------------------------------------------------------------

    def make(self, networks: dict, latents, batch: dict, draws: Draws, training: bool) -> dict:
        """Everything that is made in a step, once, by name: pictures, codes, cycles, means and variances.

        Args:
            networks: all of them by name.
            latents: (batch, latent_dim), or None where `latent_dim` is 0.
            batch: the data, by `columns`.
            draws: further random numbers.
        """
        raise TypeError(f"{type(self).__name__} must define make(networks, latents, batch, draws, training)")

    def contests(self, batch: dict, made: dict, buffers: dict, draws: Draws) -> list[Contest]:
        """Which discriminator tells which real examples from which generated ones."""
        return []

    def judge(self, networks: dict, discriminator: str, example: dict, training: bool) -> Judged:
        """Calls a discriminator on an example, real or generated."""
        raise TypeError(f"{type(self).__name__} must define judge(...) for {discriminator!r}")

    def terms(self, batch: dict, made: dict, verdicts: list[Verdict]) -> dict[str, Callable]:
        """What the generators minimise besides the contests: functions without arguments to scalars.

        Their names are the keys of `objective.weights`; one of weight 0 is not called. `verdicts` are
        those of `contests`, in their order.
        """
        return {}

    def remember(self, buffers: dict, batch: dict, made: dict, draws: Draws) -> dict:
        """New values of buffers after a discriminator update, the same ones on every replica."""
        return {}

    def warm(self, networks: dict, latents, given: dict, draws: Draws) -> None:
        """One pass in training mode as samples are made, for the statistics of normalisation.

        It is that of `make`, unless a family makes more in a step than it makes of latents and inputs.
        """
        self.make(networks, latents, given, draws, training=True)

    def show(self, networks: dict, latents, given: dict, stage: int, images_seen):
        """What is looked at, of the kind `output`, in whatever stage.

        `networks` are the generators with averaged weights; `given` is what is asked for, by `inputs`.
        """
        raise TypeError(f"{type(self).__name__} must define show(networks, latents, given, stage, seen)")

    # ---- latents and conditions ------------------------------------------------------------

    def latents(self, draws: Draws, num: int):
        """Latents for `num` pictures, (num, latent_dim); standard normal unless a family differs.

        None where `latent_dim` is 0.
        """
        if not self.latent_dim:
            return None
        return draws.normal("latents", [num, self.latent_dim])

    def check_truncation(self, truncation: float) -> None:
        """Raises UsageError if latents cannot be truncated so; who overrides `latents` overrides it, too."""
        if not 0.0 < truncation < math.inf:
            raise UsageError(
                f"truncation is {truncation}, but values are kept up to a number above 0, e.g. 1"
            )

    def truncated(self, latents, draws: Draws, truncation: float):
        """Latents whose values beyond +-truncation are drawn anew (Brock et al. 2018, section 3.1).

        Drawing again until a value is within is drawing once from the normal distribution cut off there.
        """
        self.check_truncation(truncation)
        low = 0.5 * math.erfc(truncation / math.sqrt(2.0))  # the share of values below
        shares = draws.uniform("truncated latents", latents.shape, low, 1.0 - low)
        fresh = tf.clip_by_value(tf.math.ndtri(shares), -truncation, truncation)
        return tf.where(tf.abs(latents) > truncation, fresh, latents)

    def draw_inputs(self, draws: Draws, num: int) -> dict:
        """All inputs, drawn at random. Raises UsageError for one that nothing can make up."""
        return {name: kind.draw(draws, name, num) for name, kind in self.inputs.items()}

    # ---- what changes while it trains ---------------------------------------------------

    schedule: ClassVar[Schedule] = Schedule()  # its stages, a function of images seen

    def batch_at(self, batch: dict, stage: int, images_seen) -> dict:
        """A batch as both players are given it in a stage, after `images_seen` images (a tensor)."""
        return batch

    def entered(self, gan, stage: int) -> None:
        """Called once, between two steps, when `gan` begins a stage other than the first."""

    def listeners(self, session) -> list:
        """Records of its own that a run keeps besides, see `ganzoo.listeners`."""
        return []

    # ---- the data -----------------------------------------------------------------------

    @property
    def from_data(self) -> tuple[str, ...]:
        """Arguments that `fit_to_data` fills in where they are None: those of the classes, if any."""
        return CLASSES if self.label else ()

    def fit_to_data(self, store) -> "Family":
        """The family with the arguments `from_data` taken from a `ganzoo.data.Store`.

        Raises DataError if it cannot be trained on such data.
        """
        if not self.label:
            return self
        if store.labels is None:
            refuse_unlabelled(FAMILIES.name_of(self))
        return with_classes_of(self, store)

    def check_batch(self, batch: dict) -> dict:
        """A batch as the data gives it, checked by the kinds of its columns; part of the input pipeline."""
        return {**batch, **{name: kind.check_batch(name, batch[name]) for name, kind in self.columns.items()}}


def picture_shape(family: Family) -> tuple[int, int]:
    """Side and channels of the pictures that a family makes. Raises UsageError if those are not square."""
    kind = family.output
    if not isinstance(kind, Picture) or kind.height != kind.width:
        raise UsageError(
            f"this model learns examples of shape {kind.shape}, but pictures are square: "
            "(side, side, channels); train it in Python with gan.fit(dataset)"
        )
    return kind.height, kind.channels


def check_names(generators: dict, discriminators: dict) -> None:
    """Raises UsageError unless networks have names of their own, by which a state keeps them."""
    for name in [*generators, *discriminators]:
        if not name.isidentifier() or name in TAKEN or (name in generators and name in discriminators):
            raise UsageError(
                f"{name!r} is no name for a network: it is no identifier, or another network or part of the "
                "state has it; give each generator and discriminator one of its own"
            )
    if not generators:
        raise UsageError("a family has at least one generator; generators(seeds) returned none")


def objective_for(family: Family, changes: dict[str, Any], where: str) -> Objective:
    """The family's own objective with some fields changed."""
    default = family.objective
    untouched = {
        f.name: getattr(default, f.name) for f in dataclasses.fields(default) if f.name not in changes
    }
    loss = changes.get("loss")
    if isinstance(loss, dict) and "name" not in loss:  # arguments of the family's own loss
        changes = {**changes, "loss": {**plain(default)["loss"], **loss}}
    if isinstance(changes.get("weights"), dict):  # some of the family's own
        changes = {**changes, "weights": {**default.weights, **changes["weights"]}}
    objective = make(Objective, {**untouched, **changes}, where)
    objective.check_fits(family)
    return objective
