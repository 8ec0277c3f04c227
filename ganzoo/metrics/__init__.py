"""Evaluation: how good, how varied, how honest a set of generated pictures is.

    from ganzoo.metrics import evaluate
    print(evaluate(real, fake))              # uint8 (num, height, width, channels)

Every measure is a plain function on features `(num, dim)` or on pictures as well. A score is
comparable with another only in the same feature space, at the same N and with the same resize;
the report carries all three.
"""

from ganzoo.metrics.classifier import Classifier, train_classifier
from ganzoo.metrics.conditional import class_agreement, per_class_distance
from ganzoo.metrics.diversity import birthday, ms_ssim
from ganzoo.metrics.evaluate import evaluate
from ganzoo.metrics.extract import extract, stream
from ganzoo.metrics.frechet import Moments, frechet_distance, frechet_infinity
from ganzoo.metrics.kernel import kernel_distance
from ganzoo.metrics.measures import DEFAULT, MEASURES
from ganzoo.metrics.memorisation import memorisation, neighbour_sheet
from ganzoo.metrics.modes import count_modes, different_bins, stacked_labels, toy_modes
from ganzoo.metrics.neighbours import nearest, precision_recall
from ganzoo.metrics.report import Report, Row
from ganzoo.metrics.sliced import sliced_wasserstein, sliced_wasserstein_patches, sliced_wasserstein_test
from ganzoo.metrics.spaces import SPACES, FeatureSpace, feature_space, model_space
from ganzoo.metrics.subsets import Sample, sample_of
from ganzoo.pictures.layout import to_uint8

__all__ = [
    "DEFAULT",
    "MEASURES",
    "SPACES",
    "Classifier",
    "FeatureSpace",
    "FrechetDistance",
    "KernelDistance",
    "Moments",
    "Report",
    "Row",
    "Sample",
    "birthday",
    "class_agreement",
    "count_modes",
    "different_bins",
    "evaluate",
    "extract",
    "feature_space",
    "frechet_distance",
    "frechet_infinity",
    "kernel_distance",
    "memorisation",
    "model_space",
    "ms_ssim",
    "nearest",
    "neighbour_sheet",
    "per_class_distance",
    "precision_recall",
    "sample_of",
    "sliced_wasserstein",
    "sliced_wasserstein_patches",
    "sliced_wasserstein_test",
    "stacked_labels",
    "stream",
    "to_uint8",
    "toy_modes",
    "train_classifier",
]


def __getattr__(name: str):
    """The Keras metrics, whose file imports Keras, at their first use."""
    if name in ("FrechetDistance", "KernelDistance"):
        from ganzoo.metrics import keras_metrics

        return getattr(keras_metrics, name)
    raise AttributeError(f"module 'ganzoo.metrics' has no attribute {name!r}")
