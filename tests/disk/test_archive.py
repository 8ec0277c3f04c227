"""Archives of arrays: what a hostile or damaged one cannot do, its checksum being right."""

import io
import zipfile

import numpy as np
import pytest

from ganzoo.base.errors import RunError
from ganzoo.disk.archive import read_arrays
from ganzoo.disk.sums import sha256_of


def read(path):
    return read_arrays(path, sha256_of(path))


def member(array, shape=None, descr=None) -> bytes:
    """The bytes of an array in an archive, its header saying something else if asked to."""
    buffer = io.BytesIO()
    header = {"descr": descr or np.lib.format.dtype_to_descr(array.dtype), "fortran_order": False}
    np.lib.format.write_array_header_1_0(buffer, {**header, "shape": shape or array.shape})
    return buffer.getvalue() + array.tobytes()


def archive(path, members: dict[str, bytes], compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def test_what_numpy_writes_is_read(tmp_path):
    arrays = {"a/b": np.arange(6.0).reshape(2, 3), "c": np.array(7), "d": np.asfortranarray(np.eye(3, 2))}
    np.savez(tmp_path / "x.npz", **arrays)
    found = read(tmp_path / "x.npz")
    assert list(found) == list(arrays)
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].flags.writeable


@pytest.mark.parametrize("shape", [(1 << 40,), (1 << 62, 1 << 62), (3,), (0,), (2, 3)])
def test_a_header_that_promises_other_sizes_is_refused_before_memory_is_taken(tmp_path, shape):
    path = archive(tmp_path / "x.npz", {"a.npy": member(np.zeros(4, np.float32), shape)})
    with pytest.raises(RunError, match="should hold"):
        read(path)


def test_a_bomb_is_refused(tmp_path):
    data = member(np.zeros(1 << 20, np.float32))
    with pytest.raises(RunError, match="is compressed"):
        read(archive(tmp_path / "x.npz", {"a.npy": data}, zipfile.ZIP_DEFLATED))


def test_objects_are_never_unpickled(tmp_path):
    class Bad:
        def __reduce__(self):
            return (pytest.fail, ("code of the file was run",))

    array = np.array([Bad()], object)
    np.savez(tmp_path / "x.npz", allow_pickle=True, a=array)
    with pytest.raises(RunError, match="plain arrays"):
        read(tmp_path / "x.npz")


@pytest.mark.parametrize("descr", ["<U4", "|V4", "<M8[s]", [("x", "<f4")]])
def test_other_types_than_numbers_are_refused(tmp_path, descr):
    path = archive(tmp_path / "x.npz", {"a.npy": member(np.zeros(4, np.float32), (4,), descr)})
    with pytest.raises(RunError):
        read(path)


def test_200_damaged_archives(tmp_path):
    """Whatever the damage, with a checksum that fits it: an answer or a RunError, nothing else."""
    np.savez(tmp_path / "x.npz", a=np.arange(30.0), b=np.ones((2, 3), np.int32))
    whole, rng, refused = (tmp_path / "x.npz").read_bytes(), np.random.default_rng(0), 0
    for _ in range(200):
        data = bytearray(whole)
        for _ in range(int(rng.integers(1, 4))):
            data[int(rng.integers(len(data)))] = int(rng.integers(256))
        (tmp_path / "y.npz").write_bytes(
            data[: int(rng.integers(1, len(data) + 1))] if rng.random() < 0.3 else data
        )
        try:
            read(tmp_path / "y.npz")
        except RunError:
            refused += 1
    assert refused > 150  # zip's own CRC finds nearly all of it
