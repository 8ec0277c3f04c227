"""ganzoo-explore: what a wish makes and how to make it again, and the address."""

import dataclasses
import io
import re
import shlex
import socket

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo import weights
from ganzoo.base.errors import RunError, UsageError
from ganzoo.cli import explore as cli
from ganzoo.cli import sample
from ganzoo.cli.app import command
from ganzoo.cli.sample_request import given_words
from ganzoo.config import resolve
from ganzoo.explore import page, server
from ganzoo.explore.explorer import Explorer, Wish
from ganzoo.family import FAMILIES
from ganzoo.gan import GAN
from ganzoo.sampling import latent_files
from ganzoo.training import runs
from tests.conftest import untrained
from tests.step.step_families import Translation

NAMES = ["18th century", "it's <b>bold</b>", "{{20th}} ${century}"]
ON_THE_WAY = Wish(seed=3, truncation=0.5, label=1, end=9, share=0.25)


def explorer(folder, model, **arguments):
    """An explorer of a run that has seen nothing of 1,000 images."""
    run = untrained(folder, model, {"image_size": 16, "width": 4, **arguments})
    return Explorer(str(run), runs.read_config(run), ganzoo.load(run))


@pytest.fixture(scope="module")
def cgan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "a run"
    return explorer(folder, "cgan", num_classes=3, class_names=NAMES)


@pytest.fixture(scope="module")
def grey(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "grey"
    return explorer(folder, "progan", latent_dim=8, channels=1, start_size=16)


def sampled(line: str) -> int:
    """Runs a line of ganzoo-sample in this process."""
    name, *words = shlex.split(line)
    return command(name, sample.ABOUT, sample.define_flags(), sample.main, ("RUN|WEIGHTS",), words)


# ---- a wish and its picture ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "model, wish",
    [
        ("cgan", Wish(seed=5, truncation=0.3)),
        ("cgan", ON_THE_WAY),
        ("grey", Wish(seed=1, share=0.5, end=2)),
    ],
)
def test_the_command_makes_the_same_file(request, tmp_path, monkeypatch, model, wish):
    monkeypatch.chdir(tmp_path)
    made = request.getfixturevalue(model).make(wish)
    if "--latents" in made.command:
        (tmp_path / f"{made.name}.json").write_text(made.recipe, encoding="utf-8")
    scale = made.enlargement
    assert sampled(f"{made.command} --scale={scale}") == 0
    assert (tmp_path / "again.png").read_bytes() == made.png(scale)
    with Image.open(io.BytesIO(made.png(scale))) as large, Image.open(io.BytesIO(made.png())) as small:
        assert large.size == (1024, 1024) and small.size == (16, 16)
        assert (np.asarray(large)[::64, ::64] == np.asarray(small)).all()
        assert (np.asarray(small)[..., :1] == made.pixels[..., :1]).all()


def test_each_part_of_a_wish_counts(cgan):
    wish = ON_THE_WAY
    pixels = cgan.make(wish).pixels
    assert (cgan.make(wish).pixels == pixels).all() and pixels.dtype == np.uint8
    for other in ({"seed": 4}, {"truncation": None}, {"label": 2}, {"end": 8}, {"share": 0.3}):
        assert (cgan.make(dataclasses.replace(wish, **other)).pixels != pixels).any(), other


def test_the_way_leads_from_one_seed_to_the_other(cgan):
    ends = [cgan.make(Wish(seed=seed, label=0)).pixels for seed in (3, 9)]
    for share, end in zip((0.0, 1.0), ends, strict=True):
        assert (cgan.make(Wish(seed=3, label=0, end=9, share=share)).pixels == end).all()


def test_truncated_latents_are_within(cgan):
    assert np.abs(cgan.make(Wish(truncation=0.3)).latents.values).max() <= np.float32(0.3)


def test_a_recipe_is_read_as_latents(cgan, tmp_path):
    made = cgan.make(ON_THE_WAY)
    (tmp_path / "a.json").write_text(made.recipe, encoding="utf-8")
    kept = latent_files.read(tmp_path / "a.json")
    assert (kept.values == made.latents.values).all() and kept.inputs["label"].tolist() == [1]
    said = {"images_seen": 0, "seed": 3, "truncation": 0.5, "classes": [NAMES[1]]}
    assert said.items() <= kept.about.items() and kept.about["between"] == {"end": 9, "share": 0.25}
    assert kept.about["model"] == "cgan" and kept.about["command"] == made.command.replace(
        shlex.quote(cgan.word), "RUN"
    )
    assert cgan.word not in made.recipe and cgan.word not in made.name  # it is for other machines, too


@pytest.mark.parametrize(
    "wish, says",
    [
        (Wish(seed=None), "the seed is empty; give a whole number from 0 to 4294967295"),
        (Wish(seed=-1), "the seed is -1"),
        (Wish(end=2**32), "the second seed is 4294967296"),
        (Wish(share=1.5), "the share of the way is 1.5"),
        (Wish(truncation=0.0), "truncation is 0.0"),
        (Wish(label=3), "outside the model's classes, 0 to 2"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(cgan, wish, says):
    with pytest.raises(UsageError, match=re.escape(says)):
        cgan.make(wish)


def test_only_what_a_model_has_is_offered(cgan, grey):
    assert (cgan.classes, cgan.truncates) == (NAMES, True) and (grey.classes, grey.truncates) == ([], False)


def test_names_of_classes_are_no_markup(cgan):
    made = cgan.make(Wish(label=1))
    for part in (page.figure(made), page.sentence(made), page.downloads(made), page.listing(made)):
        assert "<b>" not in part
    assert made.name == "cgan-0-class-it-s-b-bold-b-" and "&lt;b&gt;" in page.sentence(made)


# ---- the address --------------------------------------------------------------------------------


def test_a_port_in_use_names_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(RunError, match=f"port {port} is in use; .* is free: --port ") as told:
            server.listening("127.0.0.1", port)
    free = int(str(told.value).split()[-1])
    with server.listening("127.0.0.1", free) as taken:
        assert free > port and server.is_own(taken)


@pytest.mark.parametrize(
    "host, port, says",
    [
        ("127.0.0.1", 0, "ports are numbered from 1 to 65535"),
        ("192.0.2.1", 7860, "--host 192.0.2.1 is not an address of this machine"),
        ("no host", 7860, "--host no host is not known here"),
    ],
)
def test_addresses_that_cannot_be(host, port, says):
    with pytest.raises(UsageError, match=says):
        server.listening(host, port)


def test_urls_are_for_this_machine():
    assert server.url("0.0.0.0", 80) == server.url("127.0.0.1", 80) == "http://127.0.0.1:80/"
    assert server.url("::1", 80) == "http://[::1]:80/" and server.url("box", 80) == "http://box:80/"


# ---- the command --------------------------------------------------------------------------------


def explored(*words) -> int:
    words = list(map(str, words))
    return command("ganzoo-explore", cli.ABOUT, cli.define_flags(), cli.main, ("RUN|WEIGHTS",), words)


@pytest.fixture
def with_gradio(monkeypatch):
    """As if Gradio were installed; nothing is served."""
    monkeypatch.setattr("importlib.util.find_spec", lambda name: True)
    monkeypatch.setattr(page, "app", lambda explorer: None)
    monkeypatch.setattr(server, "serve", lambda *given: None)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


def test_how_far_a_run_is_and_who_reaches_the_page(with_gradio, cgan, capsys):
    port = free_port()
    assert explored(cgan.word, "--port", port) == 0
    told = capsys.readouterr()
    assert "this run has seen 0 of 1,000 images" in told.out and not told.err
    assert f"the page is at http://127.0.0.1:{port}/ (Ctrl-C ends it)" in told.out
    assert explored(cgan.word, "--port", port, "--host", "0.0.0.0") == 0
    assert "--host 0.0.0.0 lets anybody on the network use the page" in capsys.readouterr().err


@pytest.mark.parametrize(
    "words, code, says",
    [
        (["nowhere"], 1, "nowhere is not a run"),
        (["dcgan/nothing"], 2, "unknown weights 'dcgan/nothing'"),
        (["{run}", "--checkpoint", "7"], 1, "keeps no checkpoint 7; give 'best', 'last' or images seen"),
        (["{run}", "--prot", "80"], 2, "did you mean --port?"),
        (["{run}", "--port", "0"], 2, "ports are numbered"),
    ],
)
def test_what_goes_wrong_is_a_sentence(with_gradio, cgan, capsys, words, code, says):
    assert explored(*(word.format(run=cgan.word) for word in words)) == code
    assert says in capsys.readouterr().err


def test_without_gradio_the_command_to_install_it(monkeypatch, cgan, capsys):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert explored(cgan.word) == 2
    assert "the page needs gradio; install with: pip install 'gradio" in capsys.readouterr().err


def test_a_model_is_given_what_it_takes(tmp_path, monkeypatch):
    """A picture to translate: from the command line, then another one by the page."""
    rng = np.random.default_rng(0)
    for name in ("one", "two"):
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(tmp_path / f"{name}.png")
    monkeypatch.setitem(FAMILIES._entries, "tiny_translation", Translation)
    gan = GAN(Translation())
    gan.compile()
    config = resolve({"model": {"name": "tiny_translation"}})
    given = given_words(config, [f"source={tmp_path / 'one.png'}"])
    monkeypatch.setattr(weights, "find", lambda word: tmp_path)
    made = Explorer("run", config, gan, given).make(Wish())
    other = Explorer("run", config, gan, given).make(Wish(given={"source": str(tmp_path / "two.png")}))
    assert (made.pixels != other.pixels).any()
    assert f"--given=source={tmp_path / 'one.png'}" in made.command
    assert str(tmp_path) not in made.command_anywhere and "--given=source=FILE" in made.command_anywhere
    assert str(tmp_path) not in made.recipe
    with pytest.raises(UsageError, match="makes nothing of nothing; give source"):
        given_words(config, [])


# ---- a sheet to choose from, a film -------------------------------------------------------------


def test_a_sheet_holds_the_pictures_of_the_next_seeds_enlarged(cgan):
    found = cgan.sheet(Wish(seed=5, label=1, truncation=0.5, share=0.3))
    assert [seed for seed, _ in found] == list(range(5, 17))
    alone = cgan.make(Wish(seed=7, label=1, truncation=0.5)).pixels
    assert found[2][1].shape == (256, 256, 3) and (found[2][1][::16, ::16] == alone).all()
    assert [seed for seed, _ in cgan.sheet(Wish(seed=2**32 - 2))] == [2**32 - 2, 2**32 - 1]


def test_the_film_of_a_way_begins_at_the_seed_and_has_no_end(cgan):
    wish = Wish(seed=3, end=9, label=1)
    with Image.open(io.BytesIO(cgan.film(wish))) as film:
        assert film.n_frames == 60 and film.size == (256, 256) and film.info["loop"] == 0
        first = np.asarray(film.convert("RGB")).astype(int)[::16, ::16]
    assert np.abs(first - cgan.make(wish).pixels).mean() < 12  # 256 colours
    with pytest.raises(UsageError, match="the second seed is empty"):
        cgan.film(Wish(end=None))
