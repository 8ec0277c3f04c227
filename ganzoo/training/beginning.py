"""What a new run begins with instead of random numbers: trained networks, to be tuned to other pictures.

The generator is the one that is sampled, the averaged one; the discriminator comes along where it was kept
(without one, a new one has to catch up with a trained generator first). Optimizers, clocks and
buffers begin anew. Wang et al. 2018 ("Transferring GANs", arXiv 1805.01677) measure what that is worth.
"""

from dataclasses import dataclass
from typing import Any

from ganzoo.base.errors import UsageError
from ganzoo.base.paths import expanded
from ganzoo.config import NOTHING, Config, differences
from ganzoo.training.trained import Trained, find
from ganzoo.weights.places import public_name


@dataclass(frozen=True)
class Began:
    """What a run has begun with.

    Attributes:
        weights: its public name.
        generator: the fingerprint of the weights that are sampled.
        images_seen: by them, before this run.
        discriminator: whether it came along.
    """

    weights: str
    generator: str
    images_seen: int
    discriminator: bool

    def __str__(self) -> str:
        judge = "with its discriminator" if self.discriminator else "the discriminator is a new one"
        return f"{self.weights} after {self.images_seen:,} images, generator {self.generator}; {judge}"


def located(word: str) -> str:
    """The same weights by an absolute path, or by their name, so that a run can be begun from anywhere."""
    return word if word == NOTHING or not expanded(word).exists() else str(expanded(word).resolve())


def check(config: Config) -> None:
    """Raises a GanzooError if a run cannot begin with what it shall; nothing is loaded."""
    word = config.train.begin_with
    if word == NOTHING:
        if config.objective.freeze_d:
            raise UsageError(
                f"train.freeze_d is {config.objective.freeze_d}, but layers that nothing was learned by are "
                "not worth keeping; give --weights, too, or leave it out"
            )
        return
    trained = find(word)
    trained.check("best")
    theirs, schedule = trained.config, config.family.schedule
    if theirs.model != config.model:
        raise UsageError(
            f"the weights {word} are of a {theirs.model}, but a {config.model} is to be trained; "
            f"leave the model out, which takes theirs, or say --model {theirs.model}"
        )
    if schedule.num_stages > 1:
        raise UsageError(
            f"this {config.model} begins small and grows, so weights of its full size have no place at its "
            f"beginning; {schedule.to_begin_whole}"
        )


def tables_of(word: str) -> dict[str, Any]:
    """The recipe that weights were trained by, for a run that begins with them; classes are the data's."""
    config = find(word).config
    tables = config.tables()
    model = {name: value for name, value in tables["model"].items() if name not in config.family.from_data}
    train = {**tables["train"], "begin_with": located(word), "freeze_d": 0}
    return {**tables, "model": model, "train": train}


def take(gan, config: Config) -> Began:
    """Gives a new GAN the trained networks that its config names; call it under the strategy's scope.

    Raises UsageError, what differs in it, if they are of another shape.
    """
    trained = find(config.train.begin_with)
    source = trained.load()
    judged = trained.has_discriminators() and bool(gan.discriminators)
    pairs = _matched(gan.generators, source.averaged_generators(), trained, config)
    if judged:
        pairs += _matched(gan.discriminators, source.discriminators, trained, config)
    for variable, value in pairs:
        variable.assign(value)
    for average, variable in zip(gan.ema_weights, gan.g_variables, strict=True):
        average.assign(variable)
    seen = int(source.images_seen.numpy())
    return Began(public_name(config.train.begin_with, trained.config), source.fingerprint, seen, judged)


def _matched(own: dict, theirs: dict, trained: Trained, config: Config) -> list[tuple]:
    """Each weight of networks and its trained value: by place, or, of larger networks, by name."""
    pairs = []
    for name, network in own.items():
        values = theirs[name].weights
        if len(values) != len(network.weights):
            by_path = {each.path: each for each in values}
            values = [by_path.get(each.path) for each in network.weights]
        for variable, value in zip(network.weights, values, strict=True):
            if value is None or tuple(value.shape) != tuple(variable.shape):
                there = "nothing" if value is None else f"the shape {tuple(value.shape)}"
                raise UsageError(
                    f"the weights do not fit: {name}/{variable.path} has the shape {tuple(variable.shape)} "
                    f"here and {there} there{_mend(trained, config)}"
                )
            pairs.append((variable, value.numpy()))
    return pairs


def _mend(trained: Trained, config: Config) -> str:
    """Which arguments of the model differ, and how to take the weights' own."""
    tables = [{"model": each.tables()["model"]} for each in (trained.config, config)]
    own = set(config.family.from_data)
    names = [line.split(":")[0] for line in differences(*tables)]
    names = [name for name in names if name.partition(".")[2] not in own]
    if not names:
        return "; the data has other classes than theirs had" if own else ""
    flags = [f"--set {name}={tables[0]['model'][name.split('.')[1]]}" for name in names]
    return f"; theirs have {' '.join(flags)}: give these, or leave the model out, which takes all of theirs"
