"""Classes: are a data set's fit for training, and which ones does somebody ask for?"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

from ganzoo.base.errors import DataError, UsageError, unknown
from ganzoo.base.lazy import tf

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


def needs_labels(family) -> bool:
    """Whether a family is told the class of each picture."""
    return "label" in family.batch_spec


def refuse_unlabelled(model: str, other: str) -> None:
    """Raises DataError: `model` is trained on labels and there are none; `other` says what needs none."""
    raise DataError(
        f"the data has no labels, which {model} is trained on: put the pictures of each class into a folder "
        "of their own, give a table (--set data.labels_csv=FILE --set data.label=COLUMN), a label array in "
        f"the .npz, or {other}"
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


def check_counts(counts: Sequence[int] | None, num_classes: int | None) -> None:
    """Raises UsageError unless a family's `class_counts` are one number for each class."""
    if counts is None:
        return
    if len(counts) != num_classes or min(counts) < 0 or not 0 < sum(counts) < 2**31:
        raise UsageError(
            f"class_counts holds {len(counts)} numbers, {sum(counts)} in sum, for num_classes = "
            f"{num_classes}; give one from 0 on for each class, not all 0, or leave it out"
        )


def with_classes_of(family, store):
    """A conditional family with its classes taken from a labelled store, as far as they are not given.

    Raises:
        DataError: if the labels are unfit, or names are given and are not the data's.
        UsageError: if another number of classes is given.
    """
    import numpy as np

    check_classes(store)
    num = len(store.class_names)
    if family.class_names is None and family.num_classes not in (None, num):
        raise UsageError(
            f"num_classes is {family.num_classes}, but the data has {num} classes "
            f"({', '.join(store.class_names)}); leave num_classes out"
        )
    store = in_classes_of(family, store, numbers_will_do=True)
    counts = family.class_counts or tuple(np.bincount(store.labels, minlength=num).tolist())
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

    ours, theirs = family.class_names, tuple(store.class_names)
    if "label" not in family.batch_spec or store.labels is None or family.num_classes is None:
        return store
    if ours is None:
        if len(theirs) != family.num_classes:
            raise DataError(
                f"the model has {family.num_classes} classes without names and the data {len(theirs)} "
                f"({listed(theirs)}); give data with the classes that the model was trained on"
            )
        return store
    if ours == theirs:
        return store
    if numbers_will_do and theirs == tuple(map(str, range(len(ours)))):
        return replace(store, class_names=ours)
    if set(ours) != set(theirs):
        raise DataError(
            f"the model's classes are {listed(ours)}, but the data's are {listed(theirs)}; "
            "give data with the same classes (their order does not matter), or without labels"
        )
    number = np.asarray([ours.index(name) for name in theirs], np.int32)
    return replace(store, labels=number[np.asarray(store.labels)], class_names=ours)


def listed(names: Sequence[str]) -> str:
    """Names of classes for a sentence; of very many the first."""
    rest = f", ... ({len(names):,} in all)" if len(names) > MOST_LISTED else ""
    return ", ".join(names[:MOST_LISTED]) + rest


def drawn_like(labels, num: int, seed: int):
    """Classes to ask a model for, int32 `(num,)`, drawn at random in the proportions of `labels`.

    They are drawn one by one, as the classes of real pictures fall: a perfect conditional generator then
    scores what a perfect unconditional one does. Exact proportions would let it score better than real
    pictures, whose classes vary from one set to the next.
    """
    import numpy as np

    draw = np.random.default_rng([seed, 4])
    return np.asarray(labels, np.int32)[draw.integers(0, len(labels), num)]


def drawn_classes(draws, num: int, num_classes: int, counts: Sequence[int] | None):
    """Random classes of a `Draws`, int32 `(num,)`: in the proportions of `counts`, all alike without them."""
    if counts is None:
        return draws.integers("labels", [num], num_classes)
    edges = tf.constant(list(itertools.accumulate(counts)), tf.int32)
    return tf.searchsorted(edges, draws.integers("labels", [num], sum(counts)), side="right")


def refuse_labels_outside(batch: dict, num_classes: int) -> dict:
    """The batch, with a check in the input pipeline that its labels are whole numbers in the range."""
    label = batch["label"]
    if not label.dtype.is_integer:
        raise DataError(
            f"the data's labels are {label.dtype.name}, but classes are whole numbers from 0 "
            f"to {num_classes - 1}; cast them to int32"
        )
    # An embedding looked up outside its table is an error on a CPU and silently 0 on a GPU.
    inside = tf.debugging.Assert(
        tf.reduce_all((label >= 0) & (label < num_classes)),
        [f"a label is outside the model's {num_classes} classes, 0 to {num_classes - 1}:", label],
    )
    with tf.control_dependencies([inside] if inside is not None else []):
        return {**batch, "label": tf.cast(label, tf.int32)}


def class_numbers(asked, num: int, num_classes: int, names: Sequence[str] | None):
    """The class numbers, int32 `(num,)`, that names or numbers ask for, one for all or one each.

    Raises:
        UsageError: for an unknown name (the nearest is named), a number outside, a float, a wrong count.
    """
    import numpy as np

    each = [asked] if isinstance(asked, str) or np.ndim(asked) == 0 else list(asked)
    if len(each) not in (1, num):
        raise UsageError(f"{len(each)} labels are given for {num} pictures; give one for all or one for each")
    numbers = [_number(label, num_classes, names) for label in each]
    return np.broadcast_to(np.asarray(numbers, np.int32), (num,))


def _number(label, num_classes: int, names: Sequence[str] | None) -> int:
    import numpy as np

    if isinstance(label, str):
        if names is None:
            raise UsageError(
                f"this model's classes have no names, so {label!r} says nothing; "
                f"give a number from 0 to {num_classes - 1}"
            )
        if label not in names:
            raise unknown("class", label, names)
        return names.index(label)
    if isinstance(label, bool | np.bool_) or not isinstance(label, int | np.integer):
        raise UsageError(
            f"the label {label!r} is a {type(label).__name__}, but classes are asked for by name "
            f"or by a whole number from 0 to {num_classes - 1}"
        )
    if not 0 <= label < num_classes:
        raise UsageError(f"the label {label} is outside the model's classes, 0 to {num_classes - 1}")
    return int(label)
