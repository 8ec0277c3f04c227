"""ganzoo: a zoo of GANs for Keras 3 and TensorFlow.

    import ganzoo
    run = ganzoo.train("dcgan", data="folder")    # as the command does it, by the quick recipe
    gan = ganzoo.build("dcgan")                   # a Keras model, by the paper's settings
    gan.fit(dataset_of_image_batches)
    images = gan.sample(16, seed=1)

TensorFlow is imported when a model is built, not before.
"""

from ganzoo.base import surroundings
from ganzoo.base.lazy import late_names
from ganzoo.base.version import __version__ as __version__
from ganzoo.config import list_recipes
from ganzoo.step.registration import register_with_keras
from ganzoo.weights import list_weights
from ganzoo.zoo import build, list_models

surroundings.fit()

__all__ = ["GAN", "build", "list_models", "list_recipes", "list_weights", "load", "train"]


register_with_keras()


def load(run, checkpoint="best"):
    """The trained model of a run directory or of weights; see `ganzoo.training.trained.load`."""
    from ganzoo.training.trained import load as load_trained

    return load_trained(run, checkpoint)


__getattr__ = late_names(__name__, {"GAN": "gan", "train": "running"})
