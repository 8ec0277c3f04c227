"""Files of safetensors: what a hostile or damaged one cannot do, its checksum being right."""

import json
import struct

import numpy as np
import pytest

from ganzoo.base.errors import RunError
from ganzoo.disk.sums import sha256_of
from ganzoo.disk.tensors import read_tensors, write_tensors


def read(path):
    return read_tensors(path, sha256_of(path))


def written(path, header, data: bytes):
    """A file with any header, in JSON or as it is."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def one(shape=(4,), dtype="F32", offsets=(0, 16)):
    return {"a": {"dtype": dtype, "shape": shape, "data_offsets": offsets}}


def test_what_is_written_is_read_bit_by_bit(tmp_path):
    rng = np.random.default_rng(0)
    arrays = {
        "a/b": rng.normal(size=(2, 3)).astype(np.float16),
        "nan": np.array([np.nan, -0.0, np.inf, 1e-45], np.float32),
        "number": np.array(7),
        "fortran": np.asfortranarray(rng.normal(size=(3, 2))),
        "turned": rng.normal(size=(2, 3, 4)).transpose(2, 0, 1),
        "none": np.zeros((2, 0), np.int32),
    }
    write_tensors(tmp_path / "x", arrays, {"model": "é"})
    found = read(tmp_path / "x")
    assert set(found) == set(arrays)
    for name, array in arrays.items():
        assert found[name].dtype == array.dtype and found[name].shape == array.shape
        assert found[name].tobytes() == array.tobytes() and found[name].flags.writeable


def test_another_checksum_is_refused(tmp_path):
    write_tensors(tmp_path / "x", {"a": np.ones(3)}, {})
    with pytest.raises(RunError, match="its checksum does not match"):
        read_tensors(tmp_path / "x", "0" * 64)


@pytest.mark.parametrize("shape", [(1 << 40,), (1 << 62, 1 << 62), (3,), (0,), (2, 3), (-4,), (1.5,)])
def test_a_header_that_promises_other_sizes_is_refused(tmp_path, shape):
    with pytest.raises(RunError, match="cannot be read"):
        read(written(tmp_path / "x", one(shape), bytes(16)))


@pytest.mark.parametrize("offsets", [(0, 17), (1, 17), (4, 20), (0, 1 << 62), (16, 0), (-16, 0)])
def test_arrays_lie_within_the_file(tmp_path, offsets):
    with pytest.raises(RunError, match="cannot be read"):
        read(written(tmp_path / "x", one(offsets=offsets), bytes(16)))


def test_arrays_do_not_share_bytes(tmp_path):
    """A bomb otherwise: a thousand arrays of the same megabyte."""
    with pytest.raises(RunError, match="cannot be read"):
        read(written(tmp_path / "x", one() | {"b": one()["a"]}, bytes(16)))


@pytest.mark.parametrize("dtype", ["C64", "BF16", "F8_E4M3", "O", "V4", ""])
def test_other_types_than_numbers_are_refused(tmp_path, dtype):
    size = {"C64": 2, "BF16": 8, "F8_E4M3": 16}.get(dtype, 4)
    with pytest.raises(RunError, match=r"cannot be read|not a file of plain arrays"):
        read(written(tmp_path / "x", one((size,), dtype), bytes(16)))


@pytest.mark.parametrize(
    "data", [b"", b"\1", bytes(8), b"\xff" * 8, b"\xff" * 64, struct.pack("<Q", 1 << 40) + bytes(64)]
)
def test_what_is_no_such_file_is_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(RunError, match="cannot be read"):
        read(tmp_path / "x")


def test_a_header_nested_without_end_is_refused(tmp_path):
    with pytest.raises(RunError, match="cannot be read"):
        read(written(tmp_path / "x", b'{"a":' + b"[" * 100_000, b""))


def test_600_damaged_files(tmp_path):
    """Whatever the damage, with a checksum that fits it: an answer or a RunError, nothing else."""
    write_tensors(tmp_path / "x", {"a": np.arange(30.0), "b": np.ones((2, 3), np.int32)}, {"model": "dcgan"})
    whole, rng, refused = (tmp_path / "x").read_bytes(), np.random.default_rng(0), 0
    head = len(whole) - 30 * 8 - 6 * 4  # the numbers themselves may be any
    for _ in range(600):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            data[int(rng.integers(head))] = int(rng.integers(256))
        end = int(rng.integers(len(data))) if rng.random() < 0.3 else len(data)
        (tmp_path / "y").write_bytes(data[:end])
        try:
            read(tmp_path / "y")
        except RunError:
            refused += 1
    assert refused > 500
