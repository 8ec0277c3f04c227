"""The network as TensorFlow.js reads it: a frozen graph as JSON, and its weights as one run of bytes.

The layout is that of TensorFlow.js's graph models: `topology` is a TensorFlow GraphDef in
protobuf's JSON form, whose constants are named but empty; `weightSpecs` says which bytes of
the weights fill them.
"""

import base64
import re

import numpy as np
import tensorflow as tf
from google.protobuf import json_format

# Not in TensorFlow's public names, but what its guides freeze graphs by; tests/export/test_web.py runs it.
from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

from ganzoo.base.errors import RunError
from ganzoo.weights import halved


def graph_model(subject, half: bool) -> dict:
    """The generator for one picture at a time: `topology`, `weightSpecs`, `weights` (base64), `output`.

    Args:
        subject: what is exported.
        half: whether matrices and kernels are stored in half precision; vectors never are.
    """
    traced = tf.function(lambda *inputs: subject.network(list(inputs), training=False))
    frozen = convert_variables_to_constants_v2(traced.get_concrete_function(*subject.specs(1)))
    output = frozen.outputs[0].name.split(":")[0]
    graph, constants = folded(frozen.graph.as_graph_def(), output)
    specs, parts = [], []
    for name, value in constants.items():
        spec = {"name": name, "shape": list(value.shape), "dtype": value.dtype.name}
        stored = halved(value) if half else value
        if stored.dtype != value.dtype:
            spec["quantization"] = {"dtype": stored.dtype.name, "original_dtype": value.dtype.name}
        specs.append(spec)
        parts.append(np.ascontiguousarray(stored).astype(stored.dtype.newbyteorder("<")).tobytes())
    return {
        "topology": json_format.MessageToDict(graph),
        "weightSpecs": specs,
        "weights": base64.b64encode(b"".join(parts)).decode("ascii"),
        "output": output,
    }


def folded(graph, output: str):
    """The part of a GraphDef that `output` depends on, with all that is constant worked out.

    Returns a GraphDef whose constants are empty, and their values by name.
    """
    nodes = {node.name: node for node in graph.node}
    order, fixed = _order(nodes, output), set()
    for name in order:
        inputs = _inputs(nodes[name])
        if nodes[name].op == "Const" or (inputs and all(each in fixed for each in inputs)):
            fixed.add(name)
    kept = [name for name in order if name not in fixed]
    needed = dict.fromkeys(each for name in kept for each in _inputs(nodes[name]) if each in fixed)
    with tf.Graph().as_default() as whole:
        tf.graph_util.import_graph_def(graph, name="")
        with tf.compat.v1.Session(graph=whole) as session:
            values = session.run([f"{name}:0" for name in needed])
    constants = {name: np.asarray(value) for name, value in zip(needed, values, strict=True)}
    small = tf.compat.v1.GraphDef(versions=graph.versions)
    for name, value in constants.items():
        node = small.node.add(name=name, op="Const")
        node.attr["dtype"].type = tf.as_dtype(value.dtype).as_datatype_enum
    for name in kept:
        node = small.node.add()
        node.CopyFrom(nodes[name])
        data = [each for each in node.input if not each.startswith("^")]
        del node.input[:]
        node.input.extend(data)
    return small, constants


def _order(nodes: dict, output: str) -> list[str]:
    """Names of the nodes that `output` depends on, each after its inputs."""
    order, waiting = {}, [output]
    while waiting:
        missing = [each for each in _inputs(nodes[waiting[-1]]) if each not in order]
        if missing:
            waiting += missing
        else:
            order[waiting.pop()] = None
    return list(order)


def _inputs(node) -> list[str]:
    return [each.split(":")[0] for each in node.input if not each.startswith("^")]


def check_operations(model: dict, library: str) -> None:
    """Raises RunError if the graph has an operation that the TensorFlow.js of `library` cannot run."""
    known = set(re.findall(r'tfOpName:"(\w+)"', library))
    strange = sorted({node["op"] for node in model["topology"]["node"]} - known)
    if strange:
        raise RunError(f"TensorFlow.js cannot run this model: it does not know {', '.join(strange)}")


def run(model: dict, inputs: dict[str, np.ndarray]) -> np.ndarray:
    """Runs a graph model by TensorFlow, one row after the other: what a browser would make of it."""
    graph = json_format.ParseDict(model["topology"], tf.compat.v1.GraphDef())
    values = weights_of(model)
    for node in graph.node:
        if node.op == "Const":
            node.attr["value"].tensor.CopyFrom(tf.make_tensor_proto(values[node.name]))
    with tf.Graph().as_default() as whole:
        tf.graph_util.import_graph_def(graph, name="")
        with tf.compat.v1.Session(graph=whole) as session:
            rows = [
                session.run(
                    f"{model['output']}:0",
                    {f"{name}:0": value[i : i + 1] for name, value in inputs.items()},
                )
                for i in range(len(inputs["latents"]))
            ]
    return np.concatenate(rows)


def weights_of(model: dict) -> dict[str, np.ndarray]:
    """The constants of a graph model, in the precision that they are calculated with."""
    octets, start, values = base64.b64decode(model["weights"]), 0, {}
    for spec in model["weightSpecs"]:
        stored = np.dtype(spec.get("quantization", spec)["dtype"]).newbyteorder("<")
        count = int(np.prod(spec["shape"]))
        flat = np.frombuffer(octets, stored, count, start)
        values[spec["name"]] = flat.astype(spec["dtype"]).reshape(spec["shape"])
        start += count * stored.itemsize
    return values
