"""Pictures into files: the PNG writer, folders in bounded memory, films."""

import io
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import RunError, UsageError
from ganzoo.pictures import films, picture_files
from ganzoo.pictures.layout import Style
from ganzoo.pictures.png import png


@pytest.mark.parametrize("shape", [(5, 7, 3), (1, 1, 1), (64, 64, 3), (9, 2, 1)])
def test_the_png_writer_loses_nothing(shape):
    pixels = np.random.default_rng(0).integers(0, 256, shape, np.uint8)
    with Image.open(io.BytesIO(png(pixels))) as picture:
        assert picture.mode == ("L" if shape[2] == 1 else "RGB")
        np.testing.assert_array_equal(np.asarray(picture).reshape(shape), pixels)


def test_a_folder_takes_any_number_in_bounded_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(picture_files, "WAITING", 8)

    def batches():
        rng = np.random.default_rng(0)
        for _ in range(20):
            yield rng.uniform(-1, 1, (64, 64, 64, 3)).astype(np.float32)

    tracemalloc.start()
    try:
        picture_files.save_folder(tmp_path / "out", batches(), "png", Style(), map(str, range(1281)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 30e6, peak  # all of them are 63 MB
    assert len(list((tmp_path / "out").glob("*.png"))) == 1280
    assert (tmp_path / "out" / "latents.jsonl").read_text().split() == [str(i) for i in range(1281)]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
def test_a_folder_that_is_not_finished_is_not_there(tmp_path, error):
    def batches():
        yield np.zeros((4, 8, 8, 3), np.uint8)
        raise error

    with pytest.raises(RunError if isinstance(error, OSError) else KeyboardInterrupt):
        picture_files.save_folder(tmp_path / "out", batches(), "png", Style(), map(str, range(9)))
    assert not list(tmp_path.iterdir())


def test_lanczos_enlarges_each_picture_for_itself():
    images = np.zeros((2, 8, 8, 3), np.uint8)
    images[1] = 200
    style = Style(columns=2, gap=1, scale=3, enhance="lanczos")
    sheet = style.sheet([images], 2, (8, 8, 3))
    assert sheet.shape == ((8 + 2) * 3, (2 * 9 + 1) * 3, 3) == (*style.sheet_size(2, (8, 8, 3)), 3)
    assert (
        np.all(sheet[3:-3, 3:27] == 0)
        and np.all(sheet[3:-3, 30:54] == 200)
        and np.all(sheet[:, 27:30] == 255)
    )
    ramp = np.tile(np.arange(0, 64, 8, dtype=np.uint8)[:, None, None], (1, 8, 1))
    assert len(np.unique(style.enlarged(ramp))) > 8 == len(np.unique(Style(scale=3).enlarged(ramp)))


def test_an_mp4_without_ffmpeg_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(UsageError, match=r"pip install 'imageio\[ffmpeg\]'"):
        films.check(".mp4", 10, 32, 32, 20.0)


def test_an_mp4_has_its_frames(tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg", reason="a program of 30 MB")
    frames = [np.full((19, 33, 3), 20 * i, np.uint8) for i in range(12)]  # odd sides
    films.save(tmp_path / "a.mp4", frames, 12.0)
    words = [ffmpeg.get_ffmpeg_exe(), "-i", tmp_path / "a.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(words, capture_output=True, check=True)
    assert b"34x20" in done.stderr and b"12 fps" in done.stderr
    shown = np.frombuffer(done.stdout, np.uint8).reshape(12, 20, 34, 3)
    np.testing.assert_allclose(shown.mean((1, 2, 3)), 20 * np.arange(12), atol=3)
    with pytest.raises(RunError, match="could not be written"):
        films.save(tmp_path / "nowhere" / "a.mp4", frames, 12.0)
