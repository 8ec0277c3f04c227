"""Measures of classes: which are reached, and whether the one asked for is shown."""

import numpy as np

from ganzoo.errors import UsageError
from ganzoo.metrics.conditional import class_agreement, per_class_distance
from ganzoo.metrics.measures.named import MEASURES
from ganzoo.metrics.modes import count_modes, stacked_labels
from ganzoo.metrics.report import Row
from ganzoo.metrics.sample import Evaluation


@MEASURES.register("modes")
def modes(evaluation: Evaluation) -> list[Row]:
    classifier = needed_classifier(evaluation, "counting modes")
    predicted = classifier.predict(evaluation.fake.images)
    shares = np.bincount(evaluation.real.labels, minlength=classifier.num_classes)
    found = count_modes(predicted, classifier.num_classes, shares)
    note = f"by a classifier of accuracy {classifier.accuracy:.3f} on pictures it never saw"
    return [
        Row("modes", found.modes, "higher", len(predicted), floor=int((shares > 0).sum()), note=note),
        Row("KL of modes", found.kl, "lower", len(predicted), note=note),
    ]


@MEASURES.register("stacked_modes")
def stacked(evaluation: Evaluation) -> list[Row]:
    """StackedMNIST: the classifier is one of single digits, the pictures have a digit in every channel."""
    classifier = needed_classifier(evaluation, "counting stacked modes")
    predicted = stacked_labels(classifier.predict_stacked(evaluation.fake.images))
    found = count_modes(predicted, classifier.num_classes ** evaluation.fake.images.shape[-1])
    note = f"of {found.num_modes}, by a digit classifier of accuracy {classifier.accuracy:.3f}"
    return [
        Row("stacked modes", found.modes, "higher", len(predicted), note=note),
        Row("KL of stacked modes", found.kl, "lower", len(predicted), note=note),
    ]


@MEASURES.register("agreement")
def agreement(evaluation: Evaluation) -> list[Row]:
    classifier = needed_classifier(evaluation, "class agreement")
    predicted = classifier.predict(evaluation.fake.images)
    found = class_agreement(predicted, needed_labels(evaluation, "class agreement")[: len(predicted)])
    worst = min(found.per_class, key=found.per_class.get)
    return [
        Row(
            "class agreement",
            found.share,
            "higher",
            num=len(predicted),
            floor=classifier.accuracy,
            note=f"floor: the classifier on unseen reals; worst class {worst}: {found.per_class[worst]:.3f}",
        )
    ]


@MEASURES.register("per_class")
def per_class(evaluation: Evaluation) -> list[Row]:
    fake_labels = needed_labels(evaluation, "the per-class distance")
    if evaluation.real.labels is None:
        raise UsageError("the per-class distance needs labels=... of the real pictures")
    found = per_class_distance(
        evaluation.real.features, evaluation.real.labels, evaluation.fake.features, fake_labels
    )
    worst = max(found.per_class, key=found.per_class.get)
    note = f"mean over {len(found.per_class)} classes, worst {worst}: {found.per_class[worst]:.4g}"
    if found.left_out:
        note += f"; {len(found.left_out)} classes have too few samples"
    floor = per_class_distance(
        evaluation.half.features, evaluation.half.labels, evaluation.other.features, evaluation.other.labels
    )
    if not evaluation.full_floor:
        note += f"; floor at N = {len(evaluation.half)} in all, too small a number to divide by"
    return [
        Row(
            f"class FD-{evaluation.space.name}",
            found.mean,
            num=len(fake_labels),
            floor=floor.mean,
            num_floor=len(evaluation.half),
            ratio=found.mean / floor.mean if floor.mean and evaluation.full_floor else None,
            repeats=len(found.per_class),
            note=note,
        )
    ]


def needed_classifier(evaluation: Evaluation, what: str):
    if evaluation.classifier is None:
        raise UsageError(f"{what} needs labels=... of the real pictures, to train a classifier on")
    return evaluation.classifier


def needed_labels(evaluation: Evaluation, what: str) -> np.ndarray:
    if evaluation.fake.labels is None:
        raise UsageError(
            f"{what} needs fake_labels=..., the labels that the generated pictures were asked for"
        )
    return evaluation.fake.labels
