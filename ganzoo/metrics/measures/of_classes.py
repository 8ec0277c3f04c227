"""Measures of classes: which are reached, and whether the one asked for is shown."""

import numpy as np

from ganzoo.base.errors import UsageError
from ganzoo.metrics.conditional import PerClass, class_agreement, per_class_distance
from ganzoo.metrics.measures.register import LABELS, MEASURES, joined, needs
from ganzoo.metrics.modes import count_modes, stacked_labels
from ganzoo.metrics.report import Row
from ganzoo.metrics.subsets import Evaluation, Round


@MEASURES.register("modes")
@needs(LABELS)
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
@needs(LABELS)
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
            note=f"floor: the classifier on unseen reals; worst class "
            f"{evaluation.called(worst)}: {found.per_class[worst]:.3f}",
        )
    ]


@MEASURES.register("per_class")
@needs(LABELS)
def per_class(evaluation: Evaluation) -> list[Row]:
    needed_labels(evaluation, "the per-class distance")
    if evaluation.real.labels is None:
        raise UsageError("the per-class distance needs labels=... of the real pictures")
    found, floors = zip(*map(class_distances, evaluation.rounds), strict=True)
    classes = {label for each in found for label in each.per_class}
    by_class = {
        label: np.mean([each.per_class[label] for each in found if label in each.per_class])
        for label in classes
    }
    worst = max(by_class, key=by_class.get)
    note = f"mean over {len(classes)} classes, worst {evaluation.called(worst)}: {by_class[worst]:.4g}"
    if left_out := {label for each in found for label in each.left_out} - classes:
        note += f"; {len(left_out)} classes have too few samples"
    value, floor = (float(np.mean([each.mean for each in side])) for side in (found, floors))
    return [
        Row(
            f"class FD-{evaluation.space.name}",
            value,
            **evaluation.of_rounds,
            floor=floor,
            ratio=value / floor if floor else None,
            repeats=len(classes),
            note=joined(note, evaluation.drawn_note),
        )
    ]


def class_distances(each: Round) -> tuple[PerClass, PerClass]:
    """The distance within every class of the fakes and of the other reals, at one number in both."""
    sides = (each.half, each.other, each.fake)
    classes = 1 + max(int(side.labels.max()) for side in sides)
    fewest = np.min([np.bincount(side.labels, minlength=classes) for side in sides], axis=0)
    return tuple(
        per_class_distance(
            each.half.features,
            each.half.labels,
            side.features,
            side.labels,
            most=dict(enumerate(fewest.tolist())),
        )
        for side in (each.fake, each.other)
    )


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
