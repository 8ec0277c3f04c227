"""Trained weights: packed, found by name or folder, loaded exactly, refused when damaged."""

import json
import shutil

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file

import ganzoo
from ganzoo import weights
from ganzoo.base.errors import RunError, UsageError
from ganzoo.disk.sums import sha256_of
from ganzoo.export.cards import write_card
from ganzoo.export.weights_folder import pack
from tests.conftest import untrained


@pytest.fixture(scope="module", params=ganzoo.list_models())
def packed(request, tmp_path_factory):
    """An untrained run of each family, and its weights."""
    folder = tmp_path_factory.mktemp("packed")
    run = untrained(folder / "run", request.param)
    gan = ganzoo.load(run)
    return gan, pack(run, folder / "weights", about={"licence": "CC0"})


def test_weights_make_the_runs_pictures_but_for_half_precision(packed):
    gan, folder = packed
    again = ganzoo.load(folder)
    assert np.mean(np.abs(again.sample(4, seed=3) - gan.sample(4, seed=3))) < 2e-3
    for name, variable in gan.sampled_state().items():
        rounded = weights.halved(variable.numpy()).astype(variable.numpy().dtype)
        np.testing.assert_array_equal(again.sampled_state()[name].numpy(), rounded)
    built = ganzoo.build(weights.read_card(folder)["model"], weights=str(folder))
    np.testing.assert_array_equal(built.sample(4, seed=3), again.sample(4, seed=3))


def test_a_card_for_programs_and_for_people(packed):
    _, folder = packed
    card = weights.read_card(folder)
    assert card["licence"] == "CC0" and card["images_seen"] == 0 and card["parameters"] > 0
    assert "**licence**: CC0" in (folder / "CARD.md").read_text()
    assert {path.name for path in folder.iterdir()} == {
        *("CARD.md", "card.json", "config.toml", "samples.png", "weights.safetensors")
    }


def test_matrices_are_stored_in_half_precision(packed):
    _, folder = packed
    arrays = load_file(folder / "weights.safetensors")
    assert {array.dtype for array in arrays.values() if array.ndim > 1} == {np.dtype("f2")}


def test_the_file_itself_says_what_it_is(packed):
    _, folder = packed
    with safe_open(folder / "weights.safetensors", "numpy") as file:
        said = json.loads(file.metadata()["card"])
    card = weights.read_card(folder)
    assert said == {key: value for key, value in card.items() if key != "sha256"}


def test_a_folder_of_before_loads_to_the_same_bits(packed, tmp_path):
    """As ganzoo wrote them when weights were an .npz, and others have published them."""
    _, folder = packed
    before = tmp_path / "w"
    shutil.copytree(folder, before)
    np.savez(before / "weights.npz", **load_file(folder / "weights.safetensors"))
    (before / "weights.safetensors").unlink()
    card = weights.read_card(folder)
    card["sha256"] = {name: sha256_of(before / name) for name in ("weights.npz", "config.toml")}
    write_card(before, card)
    new, old = weights.read(folder), weights.read(before)
    assert set(new) == set(old)
    for name in new:
        assert new[name].dtype == old[name].dtype and new[name].tobytes() == old[name].tobytes()
    assert ganzoo.load(before).fingerprint == ganzoo.load(folder).fingerprint
    pack(before, before, overwrite=True)  # written again, as the new kind alone
    assert not (before / "weights.npz").exists() and weights.read(before).keys() == new.keys()
    data = bytearray((before / "weights.safetensors").read_bytes())
    data[-1] ^= 1
    (before / "weights.safetensors").write_bytes(data)
    with pytest.raises(RunError, match="damaged"):
        weights.read(before)


def test_other_arguments_than_the_weights_are_refused(packed):
    _, folder = packed
    model = weights.read_card(folder)["model"]
    with pytest.raises(UsageError, match="width is 5, but the weights were trained with 4"):
        ganzoo.build(model, weights=str(folder), width=5)


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError, match="unknown weights 'dcgan/nothing'"):
        ganzoo.load("dcgan/nothing")
    with pytest.raises(UsageError, match="unknown weights of dcgan"):
        ganzoo.build("dcgan", weights="nothing")
    with pytest.raises(RunError, match="not a run"):
        ganzoo.load("runs/nothing-1")


def test_what_is_there_is_not_replaced_unasked(packed, tmp_path):
    _, folder = packed
    shutil.copytree(folder, tmp_path / "w")
    with pytest.raises(UsageError, match="exists already; --overwrite replaces it"):
        pack(folder, tmp_path / "w")
    pack(folder, tmp_path / "w", overwrite=True)
    (tmp_path / "other").mkdir()
    with pytest.raises(UsageError, match="give a folder that does not exist"):
        pack(folder, tmp_path / "other", overwrite=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["other", "w"]


def test_damaged_archives_give_a_clear_error(packed, tmp_path):
    """240 of them for four families: bytes changed, cut off, added, swapped; none gets past, none crashes."""
    _, folder = packed
    work = tmp_path / "w"
    shutil.copytree(folder, work)
    rng = np.random.default_rng(0)
    names = ("weights.safetensors", "card.json", "config.toml")
    for trial in range(60):
        path = work / names[trial % 3]
        whole = path.read_bytes()
        path.write_bytes(damaged(whole, rng, trial // 3))
        if names[trial % 3] == "card.json" and same_card(path.read_bytes(), whole):
            path.write_bytes(whole)
            continue
        with pytest.raises(RunError) as caught:
            ganzoo.load(work)
        assert "cannot be read" in str(caught.value) or "damaged" in str(caught.value), caught.value
        path.write_bytes(whole)
    ganzoo.load(work)


def damaged(whole: bytes, rng, kind: int) -> bytes:
    at = int(rng.integers(1, len(whole)))  # cut before byte 0 it would be whole
    if kind % 5 == 0:
        return whole[:at]
    if kind % 5 == 1:
        return whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
    if kind % 5 == 2:
        return rng.bytes(len(whole))
    if kind % 5 == 3:
        return b""
    return whole[: at // 2] + whole[at:]


def same_card(data: bytes, whole: bytes) -> bool:
    """Whether damage left what a card is read for: checksums and images seen."""
    try:
        one, other = json.loads(data), json.loads(whole)
        return all(one[key] == other[key] for key in ("sha256", "images_seen"))
    except (ValueError, KeyError, TypeError):
        return False
