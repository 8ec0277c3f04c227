"""Classes: are a data set's fit for training, and which ones does somebody ask for?"""

from collections.abc import Sequence

from ganzoo.data.labels import OTHER
from ganzoo.errors import DataError, UsageError, unknown
from ganzoo.lazy import tf


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
