"""Are arrays pictures and labels? What is meant is taken, what only may be is refused with its cure."""

from pathlib import Path

from ganzoo.base.errors import DataError


def label_list(path: Path, name: str, labels) -> list:
    """Labels as whole numbers or texts, out of whatever array says so without doubt. Raises DataError."""
    import numpy as np

    if labels.ndim == 2 and labels.shape[1] == 1:
        labels = labels[:, 0]
    if labels.ndim == 2 and labels.shape[1] > 1 and np.issubdtype(labels.dtype, np.number):
        raise DataError(
            f"{path} holds {name} of shape {labels.shape}: expected one label for each picture; if each row "
            f"has a single 1, save {name}.argmax(axis=1)"
        )
    if labels.ndim != 1:
        raise DataError(f"{path} holds {name} of shape {labels.shape}: expected one label for each picture")
    if labels.dtype.kind == "S":
        return [label.decode("utf-8", "replace") for label in labels.tolist()]
    if labels.dtype.kind == "f":
        if not (np.isfinite(labels).all() and (labels == np.rint(labels)).all()):
            raise DataError(
                f"{path} holds {name} of type {labels.dtype} that are no whole numbers (the first is "
                f"{labels[labels != np.rint(labels)][0]:g}): expected a class for each picture, as a whole "
                "number or a name"
            )
        return [int(label) for label in labels.tolist()]
    if labels.dtype.kind in "iubU":
        return labels.tolist()
    raise DataError(f"{path} holds {name} of type {labels.dtype}: expected whole numbers or names")


def checked_images(path: Path, images):
    """Pictures uint8 `(num, height, width, 1 or 3)`. Raises DataError that says how to bring them there."""
    import numpy as np

    shape = images.shape
    if images.dtype != np.uint8:
        raise DataError(
            f"{path} holds pictures of type {images.dtype}: expected uint8 (0 to 255), {_to_uint8(images)}"
        )
    if images.ndim == 3 and shape[-1] in (1, 3, 4) and min(shape[:2]) > 4:
        raise DataError(
            f"{path} holds an array of shape {shape}, which is one picture: expected (num, height, width, "
            "1 or 3); save image[None] if it is meant as the only one, but to learn takes hundreds"
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise DataError(
            f"{path} holds an array of shape {shape}: expected (num, height, width, 1 or 3), not empty"
            f"{_to_shape(shape)}"
        )
    return images


def _to_uint8(images) -> str:
    """How to bring pictures of another type to bytes, by the values they have."""
    import numpy as np

    if images.dtype.kind not in "fiub" or not images.size:
        return "save image.astype('uint8')"
    low, high = float(np.nanmin(images)), float(np.nanmax(images))
    seen = f"they reach from {low:g} to {high:g}, so save "
    if images.dtype.kind == "b":
        return "save image.astype('uint8') * 255"
    if images.dtype.kind == "f" and low >= 0 and high <= 1:
        return f"{seen}(image * 255).round().astype('uint8')"
    if images.dtype.kind == "f" and low >= -1 and high <= 1:
        return f"{seen}((image + 1) * 127.5).round().astype('uint8')"
    if low >= 0 and high <= 255:
        return (
            f"{seen}image.round().astype('uint8')"
            if images.dtype.kind == "f"
            else f"{seen}image.astype('uint8')"
        )
    return f"{seen}((image - {low:g}) * (255 / {high - low:g})).round().astype('uint8')"


def _to_shape(shape: tuple[int, ...]) -> str:
    if len(shape) == 4 and shape[1] in (1, 3) and 0 not in shape:
        return "; these have their channels first, save image.transpose(0, 2, 3, 1)"
    if len(shape) == 4 and shape[-1] == 4:
        return "; these have an alpha channel, save image[..., :3]"
    if len(shape) == 4 and shape[-1] == 2:
        return "; these have an alpha channel, save image[..., :1]"
    if len(shape) == 5 and 1 in shape:
        return "; save image.squeeze()"
    for channels in (1, 3):
        side = round((shape[-1] / channels) ** 0.5)
        if len(shape) == 2 and side > 1 and side * side * channels == shape[-1]:
            channels_first = f"image.reshape(-1, {channels}, {side}, {side}).transpose(0, 2, 3, 1)"
            return f"; if each row is a picture of {side}x{side}, save {channels_first}"
    return ""
