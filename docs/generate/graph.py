"""A Keras functional network as boxes and arrows: layers with kernels, and what follows them folded in.

A box is an input, a layer with a kernel, or a place where ways meet or part. Normalisation,
activation, reshaping and pooling behind a layer are listed within its box. A layer that is
called more than once, as those of a network that grows, is one box.
"""

import math
import re
from dataclasses import dataclass, field

import keras

NORMS = (keras.layers.BatchNormalization, keras.layers.GroupNormalization)
SHORT = {"BatchNormalization": "BatchNorm", "AveragePooling2D": "average pooling"}


@dataclass
class Box:
    """A box of a drawing: what it is, what follows within it, shapes without the batch, parameters."""

    title: str
    kind: str  # input, layer or merge
    shape: tuple[int, ...]
    parameters: int
    follows: list[str] = field(default_factory=list)
    final: tuple[int, ...] = ()


def boxes_of(network: keras.Model) -> tuple[dict[str, Box], list[tuple[str, str]]]:
    """The boxes by name, inputs first, and the arrows between them."""
    consumers: dict[int, int] = {}
    for _, node in calls(network):
        for tensor in node.arguments.keras_tensors:
            consumers[id(tensor)] = consumers.get(id(tensor), 0) + 1
    boxes: dict[str, Box] = {}
    arrows: list[tuple[str, str]] = []
    home: dict[int, tuple[str, int]] = {}  # of a tensor: its box, and how many steps within it
    for operation, node in calls(network):
        given, (made,) = node.arguments.keras_tensors, node.output_tensors
        shape = tuple(made.shape[1:])
        # What stands alone behind one tensor is a part of that tensor's box.
        if len(given) == 1 and consumers[id(given[0])] == 1 and not has_kernel(operation):
            name, steps = home[id(given[0])]
            home[id(made)] = (name, steps + 1)
            if steps == len(boxes[name].follows):  # not yet told by an earlier call of the same layer
                boxes[name].follows.append(words(operation))
                boxes[name].parameters += parameters(operation)
                boxes[name].final = shape
            continue
        name = operation.name
        home[id(made)] = (name, 0)
        if name not in boxes:
            kind = "layer" if has_kernel(operation) else "merge" if given else "input"
            title = name if kind == "input" else heading(operation)
            boxes[name] = Box(title, kind, shape, parameters(operation), final=shape)
        for tensor in given:
            arrow = (home[id(tensor)][0], name)
            if arrow not in arrows:
                arrows.append(arrow)
    for box in boxes.values():
        box.follows = [word for word in box.follows if word]
    return boxes, arrows


def calls(network: keras.Model):
    """(operation, node) of every call in the network, producers before consumers."""
    done, found = set(), []

    def visit(tensor):
        history = tensor._keras_history
        node = history.operation._inbound_nodes[history.node_index]
        if id(node) not in done:
            done.add(id(node))
            for each in node.arguments.keras_tensors:
                visit(each)
            found.append((history.operation, node))

    for tensor in network.outputs:
        visit(tensor)
    return found


def parameters(operation) -> int:
    """Numbers that are trained or kept in a layer."""
    return sum(math.prod(variable.shape) for variable in getattr(operation, "weights", ()))


def has_kernel(operation) -> bool:
    """Whether a layer gets a box of its own: it has weights that are not a normalisation's."""
    return bool(getattr(operation, "weights", ())) and not isinstance(operation, NORMS)


def heading(operation) -> str:
    """A layer's own name, its class, the size of its kernel and its stride, where it has any."""
    name = type(operation).__name__.removeprefix("Equalized")
    # Keras makes up names out of the class's: conv2d_transpose_3.
    if letters(operation.name) != letters(type(operation).__name__):
        name = f"{operation.name}: {name}"
    size, strides = getattr(operation, "kernel_size", None), getattr(operation, "strides", (1, 1))
    if isinstance(size, tuple):
        name += f" {size[0]}x{size[1]}"
    if isinstance(strides, tuple) and max(strides) > 1:
        name += f", stride {max(strides)}"
    return name


def letters(name: str) -> str:
    """A name without case, digits and underscores."""
    return re.sub("[^a-z]", "", name.lower())


def words(operation) -> str:
    """What is said of a layer within another's box; nothing of one that changes nothing."""
    if isinstance(operation, keras.layers.Activation):
        name = operation.activation.__name__
        return "" if name == "linear" else name
    if getattr(operation, "rate", None):
        return f"{type(operation).__name__} {operation.rate:g}"
    name = type(operation).__name__
    return SHORT.get(name, name)
