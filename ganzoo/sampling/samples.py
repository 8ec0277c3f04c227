"""What one looks at of a GAN: pictures by the running average of its generator."""

from collections.abc import Iterator

import keras
import numpy as np
import tensorflow as tf

from ganzoo.base.errors import UsageError
from ganzoo.sampling import requests
from ganzoo.sampling.sampler import Sampler
from ganzoo.step.draws import Draws
from ganzoo.step.replicas import outside


class Sampling:
    """The part of `ganzoo.gan.GAN` that makes pictures; it reads the model and changes nothing in it."""

    _sampler: Sampler | None = None

    @property
    def ema_generator(self) -> keras.Model:
        """The generator with averaged weights and fitting statistics: a plain Keras model.

        It is a copy, brought up to date each time this is read. Raises UsageError for a family whose
        pictures are not made by one network called "generator"; `sample` makes them.
        """
        if "generator" not in self.generators:
            raise UsageError(
                f"this model has no single generator but {', '.join(self.generators)}; "
                "gan.sample(...) and gan.stream(...) make its pictures"
            )
        seen = int(self.images_seen.numpy())
        return self.family.to_export(
            self._followed().networks["generator"], self.family.schedule.stage(seen), seen
        )

    def averaged_generators(self) -> dict[str, keras.Model]:
        """All generators by name, with averaged weights: copies, brought up to date by this call."""
        return self._followed().networks

    def _followed(self) -> Sampler:
        if self._sampler is None:
            self._sampler = outside(lambda: Sampler(self.family, seed=0))
        self._sampler.follow([variable.numpy() for variable in self._sampled_variables()])
        return self._sampler

    def _sampled_variables(self) -> list[keras.Variable]:
        if not (self.compiled and self.objective.ema_decay > 0):
            return self._made_by()
        by_id = {id(v): a for v, a in zip(self.g_variables, self.ema_weights, strict=True)}
        return [by_id.get(id(v), v) for v in self._made_by()]

    def _made_by(self) -> list[keras.Variable]:
        """The variables of all generators."""
        return [v for network in self.generators.values() for v in network.variables]

    def sample(
        self,
        num: int,
        seed: int = 0,
        labels=None,
        level: int | None = None,
        truncation: float | None = None,
        **given,
    ) -> np.ndarray:
        """Pictures by the averaged generator, the same ones for the same seed.

        Args:
            num: how many.
            seed: which ones; picture i does not depend on `num`.
            labels: of a conditional family, one class for all or one each, numbers or names;
                default random ones.
            level: of a family that grows, the side to make pictures at before they are enlarged.
            truncation: as for `latents`.
            **given: other inputs by name, out of `family.inputs`: one for all or one each. What is left
                out is drawn at random.

        Returns:
            float32 `(num, height, width, channels)` in [-1, 1]; of a family that makes no pictures, `num`
            values of its kind of output.

        Raises:
            UsageError: for an input that the family does not take, or one left out that cannot be drawn.
        """
        latents = self.latents(num, seed, truncation)
        return self.sample_from(latents, level=level, **self.inputs(num, seed, labels=labels, **given))

    def latents(self, num: int, seed: int = 0, truncation: float | None = None) -> np.ndarray:
        """The latents of `sample(num, seed)`, float32 `(num, latent_dim)`; row i does not depend on `num`.

        Args:
            num: how many.
            seed: which ones.
            truncation: values beyond it are drawn anew: the smaller, the more typical and the less varied
                the pictures (Brock et al. 2018, section 3.1). A family on a hypersphere refuses it.
        """
        requests.check_number(num)
        draws = Draws(seed)
        latents = self.family.latents(draws, num)
        if latents is None:
            return np.zeros((num, 0), np.float32)
        if truncation is not None:
            latents = self.family.truncated(latents, draws, truncation)
        return latents.numpy()

    def inputs(self, num: int, seed: int = 0, labels=None, **given) -> dict[str, np.ndarray]:
        """What `sample(num, seed, ...)` gives the generator besides latents: arrays `(num, ...)` by name.

        Without classes or other inputs there are none. Raises as `sample` does.
        """
        return requests.fill(self.family, num, seed, {"label": labels} | given)

    def sample_from(self, latents, labels=None, level: int | None = None, **given) -> np.ndarray:
        """Pictures by the averaged generator for given latents.

        Args:
            latents: `(num, latent_dim)`, as `gan.latents(num, seed)` draws them.
            labels, level, given: as for `sample`; what is left out is that of seed 0.

        Returns:
            float32 `(num, height, width, channels)` in [-1, 1].
        """
        return self._followed().images(*self._asked(latents, labels, level, given))

    def stream(self, latents, labels=None, level: int | None = None, **given) -> Iterator[np.ndarray]:
        """The pictures of `sample_from`, a few at a time: any number of them in bounded memory.

        A picture's bits depend on its latent and label alone, not on the others'; those of `sample_from`
        may differ in the last ones.
        """
        return self._followed().stream(*self._asked(latents, labels, level, given))

    def pictures_of(self, num: int, labels=None, **given):
        """A function of latents `(num, latent_dim)`, a tensor, to pictures that can be differentiated.

        Returns the function and the inputs it makes them of, arrays `(num, ...)` by name.
        """
        latents = np.zeros((num, self.family.latent_dim))
        _, inputs, stage, seen = self._asked(latents, labels, None, given)
        call, seen = self._followed().call(stage), tf.constant(seen, tf.int64)
        batch = {name: tf.constant(value) for name, value in inputs.items()}
        return lambda latents: call(latents, batch, seen), inputs

    def _asked(self, latents, labels, level, given) -> tuple[np.ndarray, dict, int, int]:
        """What the sampler makes pictures of: latents, inputs, stage, images seen."""
        latents = self._checked_latents(latents)
        num, seen = len(latents), int(self.images_seen.numpy())
        inputs = self.inputs(num, labels=labels, **given)
        stage = self.family.schedule.stage(seen) if level is None else self.family.schedule.stage_of(level)
        return latents, inputs, stage, seen

    def _checked_latents(self, latents) -> np.ndarray:
        given = np.asarray(latents, np.float32)
        if given.ndim != 2 or given.shape[1] != self.family.latent_dim or not len(given):
            raise UsageError(
                f"the latents have the shape {given.shape}; this model takes (num, {self.family.latent_dim})"
            )
        if not np.isfinite(given).all():
            raise UsageError("the latents hold numbers that are not finite")
        return given

    def sample_grid(self, classes="all", columns: int = 8, seed: int = 0, **given) -> np.ndarray:
        """Rows of pictures, for a conditional family a row for each class, all from the same latents.

        Args:
            classes: "all", or names or numbers of classes; without classes there are `columns` rows.
            columns: pictures in a row.
            seed: which ones.
            **given: other inputs, as for `sample`.

        Returns:
            float32 `(rows, columns, height, width, channels)` in [-1, 1].
        """
        label = self.family.label
        if label is None:
            images = self.sample(columns * columns, seed, **given)
            return images.reshape(columns, columns, *images.shape[1:])
        classes = range(label.known()) if isinstance(classes, str) and classes == "all" else classes
        classes = [classes] if isinstance(classes, str | int) else list(classes)
        return np.stack([self.sample(columns, seed, labels=one, **given) for one in classes])

    @property
    def fingerprint(self) -> str:
        """Eight hexadecimal digits of the weights that `sample` uses: other weights, other digits."""
        return f"{self._followed().fingerprint:08x}"

    def sampled_state(self) -> dict[str, keras.Variable]:
        """The part of the state that `sample` reads, and when it was: a generator to keep."""
        variables = [*self._sampled_variables(), self.step, self.images_seen]
        return {f"sampled/{i:03d}/{v.name}": v for i, v in enumerate(variables)}
