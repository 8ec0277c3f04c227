"""Labels from tables as people have them, and classes from folders: matched, or said, never lost."""

import os
import re

import numpy as np
import pytest
from PIL import Image

from ganzoo.base.errors import DataError, GanzooError, UsageError
from ganzoo.cli import prepare as command
from ganzoo.data import DataConfig, load, manifest, prepare, with_classes
from ganzoo.kinds.classes import check_classes


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def pictures(folder, names):
    for number, name in enumerate(names):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(number).integers(0, 256, (20, 20, 3), dtype=np.uint8)
        Image.fromarray(noise).save(path, "PNG")
    return folder


FILES = [f"train/p{number}.png" for number in range(6)]
CLASSES = ["cat", "dog", "cat", "owl", "dog", "cat"]


@pytest.fixture
def source(tmp_path):
    return pictures(tmp_path / "pictures", FILES)


def labelled(source, tmp_path, content, label="kind"):
    """Labels of the prepared files by the table's content, and what was told."""
    table = tmp_path / "table.csv"
    table.write_bytes(content if isinstance(content, bytes) else content.encode())
    store = prepare(
        str(source), tmp_path / "out", size=16, progress=False, workers=1, label=label, labels_csv=str(table)
    )
    lines = manifest.read(tmp_path / "out" / "manifest.csv")
    return {line["path"]: line["label"] for line in lines}, store.report["told"], store


def table_of(names, head="filename,kind", separator=","):
    lines = [head, *(f"{name},{kind}" for name, kind in zip(names, CLASSES, strict=False))]
    return "\n".join(lines).replace(",", separator) + "\n"


EXPECTED = dict(zip(FILES, CLASSES, strict=True))


@pytest.mark.parametrize(
    ("spelled", "says"),
    [
        (lambda name: name, None),
        (lambda name: name.partition("/")[2], None),
        (lambda name: f"data/{name}", "fit by their last parts"),
        (lambda name: f"./{name}", "fit by their last parts"),
        (lambda name: f"/home/me/data/{name}", "fit by their last parts"),
        (lambda name: name.replace("/", "\\"), "fit by their last parts"),
        (lambda name: f"data\\{name}".replace("/", "\\"), "fit by their last parts"),
        (lambda name: name.upper(), "whatever their letters' case"),
        (lambda name: name.partition("/")[2].upper(), "whatever their letters' case"),
        (lambda name: name.removesuffix(".png"), "without their endings"),
        (lambda name: name.partition("/")[2].removesuffix(".png"), "without their endings"),
        (lambda name: name.replace(".png", ".JPG"), "without their endings"),
        (lambda name: name.replace("train", "all_of_them"), "by name alone"),
    ],
)
def test_names_that_are_spelled_otherwise(source, tmp_path, spelled, says):
    labels, told, _ = labelled(source, tmp_path, table_of(map(spelled, FILES)))
    assert labels == EXPECTED
    assert (told == []) if says is None else (len(told) == 1 and says in told[0])


@pytest.mark.parametrize(
    ("head", "says"),
    [
        ("Filename,kind", None),
        ("image_id,kind", None),
        ("Image Path,kind", None),
        ("file_name,kind", None),
        ("where,kind", "file names are taken from its column 'where'"),
    ],
)
def test_columns_of_names(source, tmp_path, head, says):
    labels, told, _ = labelled(source, tmp_path, table_of(FILES, head))
    assert labels == EXPECTED
    assert (told == []) if says is None else says in told[0]


def test_the_column_is_the_one_that_names_files(source, tmp_path):
    lines = ["kind,id,where", *(f"{kind},{i},{name}" for i, (name, kind) in enumerate(EXPECTED.items()))]
    labels, told, _ = labelled(source, tmp_path, "\n".join(lines))
    assert labels == EXPECTED and "its column 'where'" in told[0]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (table_of(FILES, separator=";"), "semicolons"),
        (table_of(FILES, separator="\t"), "tabs"),
        (table_of(FILES, separator="|"), "upright strokes"),
        ("sep=;\r\n" + table_of(FILES, separator=";").replace("\n", "\r\n"), "semicolons"),
        (table_of(FILES).encode("utf-16"), "read as UTF-16"),
        (table_of(FILES, separator="\t").encode("utf-16"), "read as UTF-16, separated by tabs"),
        (table_of(FILES).encode("utf-16-le"), "read as UTF-16"),
        (table_of(FILES).encode("utf-16-be"), "read as UTF-16"),
        (b"\xef\xbb\xbf" + table_of(FILES).replace("\n", "\r\n").encode(), None),
    ],
    ids=["semicolons", "tabs", "strokes", "excel", "utf16", "utf16_tabs", "utf16le", "utf16be", "bom_crlf"],
)
def test_forms_of_tables(source, tmp_path, content, says):
    labels, told, _ = labelled(source, tmp_path, content)
    assert labels == EXPECTED
    assert (told == []) if says is None else (len(told) == 1 and says in told[0])


def test_what_windows_wrote(source, tmp_path):
    content = table_of(FILES).replace("owl", "hibou moyen-duc d'été").encode("cp1252")
    labels, told, store = labelled(source, tmp_path, content)
    assert labels[FILES[3]] == "hibou moyen-duc d'été" and "Windows-1252 (it is not UTF-8)" in told[0]
    assert "hibou moyen-duc d'été" in store.class_names


def test_a_label_column_in_other_letters(source, tmp_path):
    assert labelled(source, tmp_path, table_of(FILES, "filename,Kind"))[0] == EXPECTED
    with pytest.raises(UsageError, match=r"no column 'knd': did you mean 'kind'\? it has filename, kind"):
        labelled(source, tmp_path, table_of(FILES), label="knd")


def test_missing_rows_are_counted_aloud(tmp_path, capsys):
    names = [f"{number}.png" for number in range(12)]
    source = pictures(tmp_path / "pictures", names)
    rows = [f"{name},{'ab'[i % 2]}" for i, name in enumerate(names)]
    content = "\n".join(["filename,kind", *rows[:7], "gone.png,a", "lost.png,b"])
    _, told, store = labelled(source, tmp_path, content)
    assert store.class_names == ("a", "b", "unlabelled") and store.report["classes"]["unlabelled"] == 5
    assert any("2 of 9 names are of no file, the first is 'gone.png'" in line for line in told)
    assert any("5 of 12 files have no row and no label of their own" in line for line in told)
    assert [line for line in command.summary(store.report, "out") if "5 of 12 files have no row" in line]
    capsys.readouterr()
    config = DataConfig(source=str(source), label="kind", labels_csv=str(tmp_path / "table.csv"))
    load(config, 16)
    assert "data: " in (said := capsys.readouterr().out) and "5 of 12 files have no row" in said


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (table_of(["x.png", "y.png"]), r"column 'filename' has 'x\.png', a file is called 'train/p0\.png'"),
        ("filename,kind\n", r"no row that names a file: expected a column of names like 'train/p0\.png'"),
        ("", "is empty"),
        (table_of(["test/p0.png"], "first,kind"), "names none|taken from"),
    ],
)  # fmt: skip
def test_a_table_of_something_else(source, tmp_path, content, says):
    if "first" in content:  # one name fits one file, but for its folder: taken, and said
        assert "by name alone" in " ".join(labelled(source, tmp_path, content)[1])
        return
    with pytest.raises(DataError, match=says):
        labelled(source, tmp_path, content)


def test_what_is_ambiguous_is_not_guessed(tmp_path):
    source = pictures(tmp_path / "pictures", ["a/x.png", "b/x.png", "c/Y.png", "c/y.png", "d/z.png"])
    content = "filename,kind\ndata/a/x.png,cat\nelse/q/x.png,dog\nc/Y.PNG,owl\nz,emu\n"
    labels, told, _ = labelled(source, tmp_path, content)
    assert labels == {"a/x.png": "cat", "b/x.png": "", "c/Y.png": "", "c/y.png": "", "d/z.png": "emu"}
    assert any("3 of 5 files have no row" in line for line in told)


def test_rows_of_another_part_of_the_data_set(tmp_path):
    source = pictures(tmp_path / "pictures", ["train/1.png", "test/1.png"])
    labels, *_ = labelled(source, tmp_path, "filename,kind\ntrain/1.png,cat\ntest/1.png,dog\n")
    assert labels == {"train/1.png": "cat", "test/1.png": "dog"}


# ---- folders as classes ---------------------------------------------------------------------------


def classes_of(tmp_path, counts):
    names = [f"{name}/{number}.png" for name, count in counts.items() for number in range(count)]
    return pictures(tmp_path / "classes", names)


def learnt(config):
    """What training a conditional model does before its first step."""
    said = []
    config = with_classes(config, said.append)
    store = load(config, 16, progress=False)
    check_classes(store)
    return store, said


QUICK = dict(label="century", min_per_class=10, crop="random:8")  # of the quick cgan


def test_class_folders_are_found_without_asking(tmp_path):
    source = str(classes_of(tmp_path, {"cats": 5, "dogs": 4, "owls": 1}))
    for recipe in (QUICK, {}):
        settings = recipe or {"crop": "random:2"}
        store, said = learnt(DataConfig(source=source, **settings))
        assert store.class_names == ("cats", "dogs", "owls")
        assert "the folders of" in said[0] and "cats (5), dogs (4), owls (1)" in said[0]
    assert "data.min_per_class is taken as 0" in learnt(DataConfig(source=source, **QUICK))[1][1]


def test_what_somebody_chose_is_left_alone(tmp_path):
    source = str(classes_of(tmp_path, {"cats": 5, "dogs": 4}))
    for label in ("folder", "style"):
        config = DataConfig(source=source, label=label, min_per_class=10)
        assert with_classes(config, pytest.fail) == config
    (tmp_path / "classes" / "all_data_info.csv").write_text("new_filename,date\n0.png,1850\n")
    config = DataConfig(source=source, **QUICK)
    assert with_classes(config, pytest.fail) == config
    assert with_classes(DataConfig(label="century"), pytest.fail) == DataConfig(label="century")


@pytest.mark.parametrize("crop", ["center", "random:8"])
@pytest.mark.parametrize("how", ["raw", "prepared"])
@pytest.mark.parametrize("counts", [(5, 4, 1), (5, 5, 5), (9, 1, 1), (3, 1), (2, 2, 2, 1)])
def test_following_the_messages_ends_in_a_training(tmp_path, crop, how, counts):
    """Each message names settings or flags; doing what it says leads to classes that can be learned."""
    source = str(classes_of(tmp_path, dict(zip("abcde", counts, strict=False))))
    settings = QUICK | {"crop": crop, "label": "folder"}
    done = set()
    for attempt in range(4):
        try:
            chosen = source
            if how == "prepared":
                chosen = tmp_path / f"out{attempt}"
                prepare(source, chosen, size=16, progress=False, workers=1, **settings)
            store, _ = learnt(DataConfig(source=str(chosen), **settings))
            break
        except GanzooError as error:
            message = str(error)
            assert message not in done, f"in circles: {message}"
            done.add(message)
            if "add pictures" in message:
                assert crop == "center" and counts == (3, 1) and "min_per_class" in message
                return
            if not attempt:
                assert "min_per_class" in message and "a: " in message
            for key in ("min_per_class", "top_classes"):
                settings[key] = int(re.search(rf"--set data\.{key}=(\d+)", message)[1])
                assert f"--{key} {settings[key]}" in message
    assert len(store.class_names) >= 2 and attempt <= 2


def test_a_prepared_folder_for_a_quick_recipe(tmp_path):
    source = str(classes_of(tmp_path, {"cats": 5, "dogs": 4}))
    prepare(source, tmp_path / "out", size=16, progress=False, workers=1, label="folder")
    config = DataConfig(source=str(tmp_path / "out"), **QUICK)
    with pytest.raises(
        UsageError, match=r"crop = 'center', not 'random:8': .*--set data\.crop=center"
    ) as told:
        learnt(config)
    assert "prepare again with --crop random:8" in str(told.value)
    store, _ = learnt(DataConfig(source=str(tmp_path / "out"), **QUICK | {"crop": "center"}))
    assert store.class_names == ("cats", "dogs")


def test_all_that_differs_is_said_at_once(tmp_path):
    source = str(classes_of(tmp_path, {"cats": 5, "dogs": 4}))
    prepare(source, tmp_path / "out", size=16, progress=False, workers=1, label="folder")
    with pytest.raises(UsageError) as told:
        load(DataConfig(source=str(tmp_path / "out"), label="style", upscale=True), 16, progress=False)
    assert "label = 'folder', not 'style', upscale = False, not True" in str(told.value)
    assert "--label style --upscale" in str(told.value)
    assert "--set data.label=folder --set data.upscale=false" in str(told.value)


def test_a_label_without_a_table_names_the_table_that_is_there(source):
    (source / "info.csv").write_text("filename,style\n")
    with pytest.raises(UsageError, match=r"--labels_csv \S*info\.csv.*--set data\.labels_csv=\S*info\.csv"):
        load(DataConfig(source=str(source), label="style"), 16, progress=False)


def test_a_folder_named_in_latin_1(tmp_path):
    name = os.fsdecode(b"caf\xe9")
    source = pictures(
        tmp_path / "classes", [f"{name}/{i}.png" for i in range(3)] + [f"tea/{i}.png" for i in (4, 5)]
    )
    store, said = learnt(DataConfig(source=str(source)))
    assert store.class_names == ("café", "tea") and "café (3), tea (2)" in said[0]
    for name in store.class_names:
        name.encode("utf-8")
    lines = manifest.read(next((tmp_path / "cache" / "ganzoo").glob("*/manifest.csv")))
    assert lines[0]["path"] == "caf\\udce9/0.png" and lines[0]["label"] == "café"


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"PK\3\4 [Content_Types].xml", "a workbook"),
        (b'{"images": []}', "JSON, no CSV"),
        (b"\xef\xbb\xbf[1]", "JSON"),
    ],
)
def test_a_table_that_is_no_csv(source, tmp_path, data, says):
    with pytest.raises(DataError, match=says):
        labelled(source, tmp_path, data)


def test_what_is_printed_can_be_printed(tmp_path, capsys):
    name = os.fsdecode(b"caf\xe9\x1b[31m")
    source = pictures(tmp_path / name, [f"{kind}\x1b[2J/{i}.png" for i in range(3) for kind in ("a", "b")])
    (source / f".{name}").mkdir()
    said = []
    load(with_classes(DataConfig(source=str(source)), said.append), 16)
    for text in [*said, capsys.readouterr().out]:
        assert text and text.replace("\n", "").isprintable()
        text.encode("utf-8")
