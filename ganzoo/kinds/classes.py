"""Classes of a data set: are they fit for training, are they those of the model?"""

from collections.abc import Sequence
from dataclasses import replace

from ganzoo.base.errors import DataError, UsageError

OTHER = "other"  # what rare classes are folded into
MOST_LISTED = 30  # names of classes in a sentence


def check_classes(store) -> None:
    """Raises DataError unless a `data.Store` is labelled with two or more classes of two or more pictures."""
    import numpy as np

    labels, names = np.asarray(store.labels), store.class_names
    if not np.issubdtype(labels.dtype, np.integer):
        raise DataError(f"the labels are of type {labels.dtype}, but classes are whole numbers from 0")
    if labels.size and not 0 <= labels.min() <= labels.max() < len(names):
        raise DataError(
            f"the labels reach from {labels.min()} to {labels.max()}, but the data names "
            f"{len(names)} classes: expected 0 to {len(names) - 1}"
        )
    copies, folded = store.copies, store.report.get("folded", {})
    counts = np.bincount(labels, minlength=len(names))
    if len(names) < 2:
        if folded:
            raise DataError(
                f"all pictures are of one class ({', '.join(names)}): data.min_per_class or data.top_classes "
                f"folds the others into it ({_listed(folded)}), and a conditional model needs at least 2 "
                f"classes; {_cure(folded, copies)}"
            )
        raise DataError(
            f"all pictures are of one class ({', '.join(names)}), and a conditional model needs at least 2; "
            "put the pictures of each class into a folder of their own and give --set data.label=folder, "
            "name another column of the table (--set data.label=COLUMN), or train the dcgan"
        )
    rare = [f"{name} ({count})" for name, count in zip(names, counts, strict=True) if count < 2]
    if rare:
        pictures = {name: int(n) // copies for name, n in zip(names, counts, strict=True) if name != OTHER}
        raise DataError(
            f"too few pictures of {', '.join(rare)} in this split: nothing can be learned about a class "
            f"from less than 2; {_cure(pictures | folded, copies)}"
        )


def refuse_unlabelled(model: str) -> None:
    """Raises DataError: `model` is trained on labels and there are none."""
    raise DataError(
        f"the data has no labels, which the {model} is trained on: put the pictures of each class into a "
        "folder of their own, give a table (--set data.labels_csv=FILE --set data.label=COLUMN), a label "
        "array in the .npz, or train a model without classes, such as the dcgan"
    )


def _listed(counts: dict[str, int]) -> str:
    shown = [f"{name}: {count}" for name, count in list(counts.items())[:8]]
    return ", ".join([*shown, f"and {len(counts) - 8} more"] if len(counts) > 8 else shown)


def _cure(counts: dict[str, int], copies: int) -> str:
    """What to set so that two or more classes of two or more rows each are left, if that is possible."""
    found = _enough(counts, copies)
    if found is None:
        return (
            "no data.min_per_class can mend it: add pictures, take the small classes out, or train the dcgan"
        )
    least, top = found
    return (
        f"give --set data.min_per_class={least} --set data.top_classes={top} (a folder made by "
        f"ganzoo-prepare is prepared again with --min_per_class {least} --top_classes {top})"
    )


def _enough(counts: dict[str, int], copies: int) -> tuple[int, int] | None:
    """The values of `min_per_class` and `top_classes` (one of them 0) that fold the fewest classes."""
    ordered = sorted(counts.values(), reverse=True)
    ways = [(least, 0, sum(n >= least for n in ordered)) for least in (0, *sorted(set(ordered)))]
    ways += [(0, top, top) for top in range(len(ordered) - 1, 0, -1)]
    for least, top, kept in ways:
        rest = sum(ordered[kept:])
        sizes = [n * copies for n in (*ordered[:kept], *([rest] if rest else []))]
        if len(sizes) >= 2 and min(sizes) >= 2:
            return least, top
    return None


def with_classes_of(family, store):
    """A conditional family with its classes taken from a labelled store, as far as they are not given.

    Raises:
        DataError: if the labels are unfit, or names are given and are not the data's.
        UsageError: if another number of classes is given.
    """
    import numpy as np

    check_classes(store)
    num = len(store.class_names)
    label = family.label
    if label.names is None and label.num_classes not in (None, num):
        raise UsageError(
            f"num_classes is {label.num_classes}, but the data has {num} classes "
            f"({', '.join(store.class_names)}); leave num_classes out"
        )
    store = in_classes_of(family, store, numbers_will_do=True)
    counts = label.counts or tuple(np.bincount(store.labels, minlength=num).tolist())
    return replace(family, num_classes=num, class_names=tuple(store.class_names), class_counts=counts)


def in_classes_of(family, store, numbers_will_do: bool = False):
    """The store with its labels as a conditional family numbers them: matched by name, never by number.

    Args:
        family: one without classes, or whose classes have no names, leaves the labels as they are.
        store: a `data.Store`; one without labels is returned as it is.
        numbers_will_do: classes that the data calls by their numbers, 0, 1, ..., take the family's names:
            the data is the one that it was fitted to.

    Raises:
        DataError: if these are not the same classes; both lists are named.
    """
    import numpy as np

    label = family.label
    if label is None or store.labels is None or label.num_classes is None:
        return store
    ours, theirs = label.names, tuple(store.class_names)
    if ours is None:
        if len(theirs) != label.num_classes:
            raise DataError(
                f"the model has {label.num_classes} classes without names and the data {len(theirs)} "
                f"({listed(theirs)}); give data with the classes that the model was trained on"
            )
        return store
    if ours == theirs:
        return store
    if numbers_will_do and theirs == tuple(map(str, range(len(ours)))):
        return store.with_labels(store.labels, ours)
    if set(ours) != set(theirs):
        raise DataError(
            f"the model's classes are {listed(ours)}, but the data's are {listed(theirs)}; "
            "give data with the same classes (their order does not matter), or without labels"
        )
    number = np.asarray([ours.index(name) for name in theirs], np.int32)
    return store.with_labels(number[np.asarray(store.labels)], ours)


def listed(names: Sequence[str]) -> str:
    """Names of classes for a sentence; of very many the first."""
    rest = f", ... ({len(names):,} in all)" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + rest
