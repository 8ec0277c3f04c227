"""ganzoo: a zoo of GANs for Keras 3 and TensorFlow.

    import ganzoo
    gan = ganzoo.build("dcgan")
    gan.fit(dataset_of_image_batches)
    images = gan.sample(16, seed=1)

TensorFlow is imported when a model is built, not before.
"""

from ganzoo import surroundings
from ganzoo.registration import register_with_keras
from ganzoo.weights import list_weights
from ganzoo.zoo import build, list_models

surroundings.fit()

__version__ = "0.1.0"
__all__ = ["GAN", "build", "list_models", "list_weights", "load"]


register_with_keras()


def load(run, checkpoint="best"):
    """The trained model of a run directory or of weights; see `ganzoo.training.runs.load`."""
    from ganzoo.training.runs import load as load_run

    return load_run(run, checkpoint)


def __getattr__(name: str):
    if name == "GAN":
        from ganzoo.gan import GAN

        return GAN
    raise AttributeError(f"module 'ganzoo' has no attribute {name!r}")
