"""`onnx`: for onnxruntime and the many programs that read ONNX. Needs the extra `onnx`."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from ganzoo.base.lazy import LazyModule
from ganzoo.export.formats import FORMATS, Format

onnx, onnxruntime, tf2onnx = (LazyModule(name) for name in ("onnx", "onnxruntime", "tf2onnx"))

OPSET = 17  # of 2022: old enough for most readers, and all that our layers become is in it


@FORMATS.register("onnx")
@dataclass(frozen=True)
class Onnx(Format):
    """One file with names for its inputs and output; what they mean is in its documentation string."""

    suffix: ClassVar[str] = ".onnx"
    needs: ClassVar[tuple[str, ...]] = ("tf2onnx", "onnx", "onnxruntime")

    def write(self, subject, path: Path) -> None:
        proto, _ = tf2onnx.convert.from_function(
            subject.function, input_signature=subject.specs(None), opset=OPSET
        )
        proto.doc_string = subject.described()
        proto.producer_name = "ganzoo"
        for port in (*proto.graph.input, *proto.graph.output):
            port.type.tensor_type.shape.dim[0].dim_param = "batch"
        for line in (*subject.signature.inputs, subject.signature.output):
            proto.metadata_props.add(key=line.name, value=str(line))
        onnx.checker.check_model(proto)
        path.write_bytes(proto.SerializeToString())

    def pictures(self, subject, path: Path):
        session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        return session.run([subject.signature.output.name], subject.inputs)[0]

    def notes(self, subject, path: Path) -> Iterator[str]:
        names = ", ".join(f'"{port.name}": {port.name}' for port in subject.signature.inputs)
        yield f'run it with: onnxruntime.InferenceSession({str(path)!r}).run(["images"], {{{names}}})'
