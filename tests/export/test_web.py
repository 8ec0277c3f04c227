"""The page: what stands in it without a browser, and what it does in a headless Chromium, from disk."""

import time

import numpy as np
import pytest
from PIL import Image

import ganzoo
from ganzoo import export
from ganzoo.base.errors import RunError
from ganzoo.export import web
from ganzoo.export.web import graph
from ganzoo.pictures.layout import to_uint8
from tests.conftest import requests_of, untrained
from tests.export.test_export import RUNS

HALF, EXACT = 2e-2, 1e-4  # largest differences in [-1, 1] with half-precision and with exact weights
TITLE = "This painting </title> does not exist"


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """The page of a family's untrained run, its network as a dict, and the run; made once."""
    folder, made = tmp_path_factory.mktemp("pages"), {}

    def page(model: str, half: bool = True):
        if (model, half) not in made:
            run = (
                folder / model if (folder / model).exists() else untrained(folder / model, model, RUNS[model])
            )
            done = export.export(run, "web", folder / f"{model}-{half}.html", title=TITLE, half=half)
            made[model, half] = done.path, web.model_of(done.path), run
        return made[model, half]

    return page


def asked(run, num: int = 3):
    """Latents, a label for each (0 without classes) and the run's pictures."""
    gan = ganzoo.load(run)
    classes = gan.family.num_classes
    labels = [i % classes if classes else 0 for i in range(num)]
    latents = gan.family.latents(ganzoo.step.draws.Draws(7), num).numpy()
    return latents, labels, gan.sample(num, seed=7, labels=labels if classes else None)


# ---- without a browser --------------------------------------------------------------------------


def test_what_is_constant_is_worked_out_beforehand(exported):
    _, model, _ = exported("cgan")
    operations = [node["op"] for node in model["topology"]["node"]]
    assert "DepthToSpace" in operations and not {"Einsum", "Rsqrt", "NoOp"} & set(operations)
    assert operations.count("Const") == len(model["weightSpecs"]) == len(graph.weights_of(model))


def test_only_matrices_and_kernels_are_halved(exported):
    for spec in exported("cgan")[1]["weightSpecs"]:
        is_half = "quantization" in spec
        assert is_half == (len(spec["shape"]) > 1 and spec["dtype"] == "float32")
    assert not [spec for spec in exported("cgan", half=False)[1]["weightSpecs"] if "quantization" in spec]


def test_no_word_of_the_users_ends_an_element(exported):
    text = exported("cgan")[0].read_text()  # a class is called </script>
    assert text.count("</script>") == 4 and text.count("</title>") == 1
    assert "This painting &lt;/title&gt; does not exist" in text and "sourceMappingURL" not in text


def test_an_operation_that_the_browser_does_not_know_is_named(exported):
    _, model, _ = exported("cgan")
    library = web._part(web.LIBRARY)
    graph.check_operations(model, library)
    with pytest.raises(RunError, match="it does not know DepthToSpace"):
        graph.check_operations(model, library.replace('tfOpName:"DepthToSpace"', ""))


# ---- in a browser -------------------------------------------------------------------------------


def opened(browser, path, fragment: str = "") -> None:
    """Opens the page from disk, anew, and waits for its first picture."""
    browser.get("about:blank")
    browser.get(f"{path.as_uri()}{fragment}")
    browser.execute_async_script("ganzoo.ready.then(arguments[0])")


def awaited(browser, script: str, *arguments):
    """The value of a promise in the page."""
    return browser.execute_async_script(f"({script}).then(arguments[arguments.length - 1])", *arguments)


def shown(browser) -> list[int]:
    """The pixels on the canvas, after every picture asked for has been made."""
    return browser.execute_async_script(
        """const done = arguments[0], canvas = document.getElementById("picture");
        const read = () => done(Array.from(
          canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data));
        ganzoo.idle().then(read);"""
    )


def by_browser(browser, latents, labels, shape):
    script = "ganzoo.generate(arguments[0], arguments[1]).then((values) => Array.from(values))"
    rows = [awaited(browser, script, row.tolist(), label) for row, label in zip(latents, labels, strict=True)]
    return np.asarray(rows, np.float32).reshape(len(rows), *shape)


@pytest.mark.parametrize("model, half, limit", [("cgan", True, HALF), ("progan", False, EXACT)])
def test_the_page_makes_the_runs_pictures(browser, exported, model, half, limit):
    path, _, run = exported(model, half)
    opened(browser, path)
    latents, labels, expected = asked(run)
    found = by_browser(browser, latents, labels, expected.shape[1:])
    np.testing.assert_allclose(found, expected, atol=limit)
    assert np.abs(found[0] - found[1]).max() > 10 * limit  # it is not the same picture each time


NO_WEBGL = """for (const kind of [HTMLCanvasElement, OffscreenCanvas]) {
  const before = kind.prototype.getContext;
  kind.prototype.getContext = function (name, ...rest) {
    return name.includes("webgl") ? null : before.call(this, name, ...rest);
  };
}"""


def test_without_webgl_it_runs_on_the_cpu(browser, exported):
    path, _, run = exported("cgan")
    script = browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": NO_WEBGL})
    try:
        opened(browser, path)
    finally:
        browser.execute_cdp_cmd("Page.removeScriptToEvaluateOnNewDocument", script)
    assert browser.execute_script("return ganzoo.backend()") == "cpu"
    latents, labels, expected = asked(run)
    np.testing.assert_allclose(by_browser(browser, latents, labels, expected.shape[1:]), expected, atol=HALF)


def test_others_are_drawn_and_a_seed_brings_them_back(browser, exported):
    opened(browser, exported("cgan")[0], "#seed=5&class=1")
    first = shown(browser)
    browser.find_element("id", "another").click()
    assert shown(browser) != first and "seed=5&" not in browser.current_url
    browser.execute_script(
        'const seed = document.getElementById("seed"); seed.value = 5; '
        'seed.dispatchEvent(new Event("change"));'
    )
    assert shown(browser) == first
    browser.find_element("css selector", "#class option:last-child").click()
    assert shown(browser) != first
    assert "class </script>" in browser.find_element("id", "says").text


def test_a_picture_of_the_sheet_is_chosen_and_found_again_by_its_address(browser, exported):
    opened(browser, exported("cgan")[0], "#seed=5&class=1")
    first = shown(browser)
    buttons = browser.find_elements("css selector", "#sheet button")
    assert len(buttons) == 12 and buttons[0].get_attribute("aria-pressed") == "true"
    buttons[7].click()
    eighth = shown(browser)
    assert eighth != first and "seed=5&picture=8&class=1" in browser.current_url
    assert "picture 8 of seed 5" in browser.find_element("id", "says").text
    opened(browser, exported("cgan")[0], "#seed=5&picture=8&class=1")
    assert shown(browser) == eighth


def test_a_seed_means_what_it_means_to_ganzoo_sample(browser, exported):
    path, _, run = exported("cgan")
    opened(browser, path)
    gan = ganzoo.load(run)
    for seed in (0, 12345, 2**32 - 1):
        rows = browser.execute_script(
            "return Array.from({length: 12}, (_, i) => ganzoo.latents(arguments[0], i))", seed
        )
        np.testing.assert_allclose(rows, gan.latents(12, seed), atol=1e-6)
        labels = browser.execute_script(
            "return Array.from({length: 12}, (_, i) => ganzoo.classOf(arguments[0], i))", seed
        )
        assert labels == gan.inputs(12, seed)["label"].tolist()


def test_classes_that_are_not_alike_are_drawn_as_the_data_has_them(browser, exported):
    from ganzoo.kinds import Label
    from ganzoo.step.draws import Draws

    path, _, _ = exported("cgan")
    opened(browser, path)
    counts = [5, 1, 30]
    browser.execute_script("ganzoo.about.counts = arguments[0]", counts)
    found = browser.execute_script("return Array.from({length: 50}, (_, i) => ganzoo.classOf(3, i))")
    assert found == Label(3, counts=tuple(counts)).draw(Draws(3), "label", 50).numpy().tolist()


def test_the_walk_goes_by_arcs(browser, exported):
    from ganzoo.sampling.walks import slerp

    opened(browser, exported("cgan")[0])
    start, end = (
        np.asarray(browser.execute_script("return ganzoo.latents(3, arguments[0])", i)) for i in (0, 1)
    )
    found = browser.execute_script(
        "return ganzoo.between(arguments[0], arguments[1], 0.3)", start.tolist(), end.tolist()
    )
    np.testing.assert_allclose(found, slerp(start, end, 0.3), atol=1e-6)


def test_the_walk_moves_and_stops(browser, exported):
    opened(browser, exported("cgan")[0], "#seed=5&class=1")
    first = shown(browser)
    walk = browser.find_element("id", "walk")
    walk.click()
    for _ in range(100):
        if shown(browser) != first:
            break
        time.sleep(0.05)
    assert shown(browser) != first and walk.get_attribute("aria-pressed") == "true"
    walk.click()
    assert walk.get_attribute("aria-pressed") == "false"
    stands = shown(browser)
    time.sleep(0.3)
    assert shown(browser) == stands


def test_a_film_of_the_walk_is_saved(browser, exported):
    opened(browser, exported("cgan")[0], "#seed=5&class=1")
    browser.find_element("id", "film").click()
    for _ in range(150):
        found = [path for path in browser.downloads.glob("*-walk.*") if path.suffix in (".webm", ".mp4")]
        if found:
            break
        time.sleep(0.1)
    assert found and found[0].stat().st_size > 1000
    said = browser.find_element("id", "says").text
    assert said.count("256") == 2, said


def test_nothing_is_asked_for_and_nothing_complained_about(browser, exported):
    browser.get_log("performance"), browser.get_log("browser")
    opened(browser, exported("cgan")[0])
    browser.find_element("id", "another").click()
    shown(browser)
    asked_for = set(requests_of(browser))
    assert {url.split(":")[0] for url in asked_for} <= {"file", "data", "about"} and asked_for
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []


@pytest.mark.parametrize(
    "scale, name", [(1, "cgan-seed-5-class-1.png"), (4, "cgan-seed-5-class-1-64x64.png")]
)
def test_the_saved_png_is_the_picture_in_the_size_asked_for(browser, exported, scale, name):
    opened(browser, exported("cgan")[0], "#seed=5&class=1")
    browser.find_element("css selector", f"#size option[value='{scale}']").click()
    browser.find_element("id", "download").click()
    path = browser.downloads / name
    for _ in range(100):
        if path.exists():
            break
        time.sleep(0.1)
    latents = np.asarray([browser.execute_script("return ganzoo.latents(5)")])
    image = by_browser(browser, latents, [1], (16, 16, 3))[0]
    with Image.open(path) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    expected = to_uint8(image).astype(int).repeat(scale, axis=0).repeat(scale, axis=1)
    # It is rounded in the browser, from numbers that were JSON on their way here.
    assert pixels.shape == expected.shape and np.abs(pixels - expected).max() <= 1


def test_it_fits_a_telephone(browser, exported):
    size = {"width": 360, "height": 640, "deviceScaleFactor": 2, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        opened(browser, exported("cgan")[0])
        widths = browser.execute_script("return [document.documentElement.scrollWidth, innerWidth]")
        button = browser.find_element("id", "another").rect
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert widths == [360, 360]
    assert button["y"] + button["height"] < 640 and button["height"] >= 44  # in sight, and wide as a thumb
