"""What a word means that names something trained: a run directory, a folder of weights, weights by name.

found = find("dcgan/paintings")
found.config                the recipe it was trained by
gan = found.load()          its model, compiled, with trained weights
"""

import functools
from dataclasses import dataclass
from pathlib import Path

from ganzoo import weights
from ganzoo.base.errors import RunError, UsageError
from ganzoo.base.lazy import import_tensorflow_quietly
from ganzoo.base.paths import expanded
from ganzoo.config import Config, differences
from ganzoo.training import kept, runs
from ganzoo.weights.places import of_a_stranger

BEST = kept.BEST
KERAS = ".keras"  # the ending of what Keras itself saves and loads


@dataclass(frozen=True)
class Trained:
    """A run directory or a folder of weights, asked once what it is.

    Attributes:
        folder: where it is.
        is_weights: whether it holds published weights, of one moment.
    """

    folder: Path
    is_weights: bool

    @functools.cached_property
    def config(self) -> Config:
        """Its recipe; that of weights names no place. Raises RunError without one."""
        config = runs.read_config(self.folder)
        return of_a_stranger(config) if self.is_weights else config

    def check(self, checkpoint: str | int) -> None:
        """Raises RunError if `load` would find no such checkpoint, by names alone: nothing is read."""
        if not self.is_weights:
            kept.check(self.folder, checkpoint)
        elif checkpoint not in (kept.BEST, kept.LAST):
            raise RunError(
                f"{self.folder} holds weights of one moment; leave the checkpoint {checkpoint!r} out"
            )

    def load(self, checkpoint: str | int = BEST):
        """The model, compiled, with trained weights; see `ganzoo.load`."""
        if self.is_weights:
            self.check(checkpoint)
            arrays = weights.read(self.folder)
            import_tensorflow_quietly()
            gan = runs.make_gan(self.config)
            kept.take_packed(gan, arrays)
            return gan
        config = self.config  # first: a folder without a recipe is no run, whatever else it lacks
        found = kept.choose(self.folder, checkpoint)
        _refuse_another_model(found, config)
        import_tensorflow_quietly()
        gan = runs.make_gan(config)
        kept.take(gan, found)
        return gan

    def has_discriminators(self, checkpoint: str | int = BEST) -> bool:
        """Whether `load` gives trained discriminators, not new ones beside a trained generator."""
        if self.is_weights:
            return any(name.startswith(kept.JUDGING) for name in weights.read(self.folder))
        return kept.choose(self.folder, checkpoint).path.parent.name != kept.SNAPSHOTS

    def unfinished(self, gan) -> str:
        """A sentence if a run has not come to its end; "" for a finished one and for weights."""
        if self.is_weights or runs.is_finished(self.folder, self.config):
            return ""
        return f"this run has seen {int(gan.images_seen.numpy()):,} of {self.config.train.images:,} images"


def find(word: str | Path) -> Trained:
    """What `word` means. Raises UsageError, the nearest name in it, for a name that there is not."""
    if expanded(word).suffix == KERAS:
        raise UsageError(
            f"{word} is a Keras file, no run and no folder of weights: "
            f"load it with keras.saving.load_model({str(word)!r}), after import ganzoo"
        )
    folder = weights.find(word)
    return Trained(folder, weights.is_weights(folder))


def load(word: str | Path, checkpoint: str | int = BEST):
    """The model of a run directory or of published weights, compiled, with trained weights.

    Args:
        word: the folder `ganzoo-train` wrote, a folder of weights, or a name such as "dcgan/paintings".
        checkpoint: "best" by the metric stated in the run where there is one, else the last;
            "last"; or the number of images seen at a kept checkpoint or snapshot. Weights
            hold one state, the best and the last.
    """
    return find(word).load(checkpoint)


def _refuse_another_model(found: kept.Checkpoint, config: Config) -> None:
    """Raises RunError, naming each difference, if a state was saved under other arguments of the model."""
    recipe = found.notes.get("recipe")
    before = recipe.get("model") if isinstance(recipe, dict) else None
    if not isinstance(before, dict):
        return  # of a version that did not note it
    now = {name: value for name, value in config.tables()["model"].items() if name in before}
    changed = differences({"model": before}, {"model": now})
    if changed:
        raise RunError(
            f"{found.path} was saved of another model ({'; '.join(changed)}): was config.toml edited since? "
            "Take that back, or choose a later checkpoint"
        )
