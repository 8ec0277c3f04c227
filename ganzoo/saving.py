"""What a GAN is made of, for files: a run's checkpoints and Keras's own `.keras`."""

import keras

from ganzoo.base.arguments import make, plain
from ganzoo.base.errors import UsageError
from ganzoo.family import FAMILIES
from ganzoo.objective import Objective
from ganzoo.step.keras_private import inner


class Saving:
    """The part of `ganzoo.gan.GAN` that says what its state is and what it was built from."""

    def state(self) -> dict[str, keras.Variable]:
        """Every variable that an exact continuation needs, by a name that never changes."""
        parts = {
            **{name: network.variables for name, network in self.networks.items()},
            "ema": self.ema_weights,
            "spectral": self.spectral_vectors if self._spectral else [],
            "g_optimizer": self.g_optimizer.variables,
            "d_optimizer": self.d_optimizer.variables,
            "progress": [self.step, self.images_seen, self.stage],
            "buffers": [v for kept in (self.buffers, *self._kept) for v in kept.values()],
            "metrics": [v for mean in self.metrics for v in mean.variables],
        }
        # Slots are named after layers, which Keras numbers anew in each process: their place says enough.
        return {
            f"{part}/{i:03d}" + ("" if part.endswith("optimizer") else f"/{v.name}"): v
            for part, variables in parts.items()
            for i, v in enumerate(variables)
        }

    def get_config(self):
        return {
            "name": self.name,
            "family": FAMILIES.name_of(self.family),
            "arguments": plain(self.family),
            "seed": self.seed,
            "precision": self.precision,
            "sync_batchnorm": self.sync_batchnorm,
        }

    @classmethod
    def from_config(cls, config):
        family = make(FAMILIES[config["family"]], config["arguments"], "the saved model")
        return cls(family, **{k: v for k, v in config.items() if k not in ("family", "arguments")})

    def get_compile_config(self):
        if not self.compiled:
            return {}
        try:
            objective = plain(self.objective)
        except KeyError as error:
            raise UsageError(
                f"this GAN cannot be saved as a .keras file: {error.args[0]}; register it, as in "
                "examples/your_own_loss.py, or save its weights alone: gan.save_weights(...)"
            ) from None
        optimizers = {"g_optimizer": inner(self.g_optimizer), "d_optimizer": inner(self.d_optimizer)}
        return {
            "objective": objective,
            **{name: keras.optimizers.serialize(optimizer) for name, optimizer in optimizers.items()},
            "steps_per_execution": int(self.steps_per_execution),
            "run_eagerly": bool(self.run_eagerly),
        }

    def compile_from_config(self, config):
        config = dict(config)
        objective = make(Objective, config.pop("objective"), "the saved model")
        for name in ("g_optimizer", "d_optimizer"):  # files of before have none: the objective's
            if name in config:
                config[name] = keras.optimizers.deserialize(config[name])
        self.compile(objective, **config)
