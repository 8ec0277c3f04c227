"""The page of ganzoo-explore in a headless Chromium: what its controls do, and that it asks nobody else."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from ganzoo.explore import page
from ganzoo.explore.explorer import Wish
from tests.conftest import ROOT
from tests.explore.test_explore import NAMES, explorer, free_port


@pytest.fixture(scope="module")
def cgan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("runs") / "cgan-1"
    return explorer(folder, "cgan", num_classes=3, class_names=NAMES)


@pytest.fixture(scope="module")
def address(cgan):
    """The page of a command that runs, which ends at Ctrl-C without a word."""
    pytest.importorskip("gradio")
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "ganzoo.cli.explore", cgan.word, f"--port={port}", "--nobrowser"],
        env={**os.environ, "PYTHONPATH": str(ROOT), "http_proxy": "http://192.0.2.1:9"},
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        # A shell that runs tests in the background has them ignore Ctrl-C, and so would this process.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + 300
    while True:
        try:
            opener.open(f"http://127.0.0.1:{port}/", timeout=300).close()
            break
        except OSError:  # it does not listen yet
            if process.poll() is not None or time.monotonic() > deadline:
                process.kill()
                pytest.fail(f"no page: {process.communicate()[1]}")
            time.sleep(0.1)
    yield f"http://127.0.0.1:{port}/"
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == "" and process.returncode == 0


class Page:
    """The page as its user has it."""

    def __init__(self, driver, address):
        self.driver = driver
        driver.get(address)
        self.wait(lambda: driver.find_elements("css selector", "#picture img"))

    def find(self, selector):
        return self.driver.find_element("css selector", selector)

    def wait(self, condition):
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "the page does not change"
            time.sleep(0.05)

    @property
    def picture(self) -> str:
        return self.find("#picture img").get_attribute("src")

    @property
    def says(self) -> str:
        return self.find("#said").text

    def type(self, selector, text, says):
        """Replaces what stands in a field; waits until the page says so."""
        self.find(selector).send_keys("\ue009" + "a" + "\ue000", text)
        self.wait(lambda: says in self.says)


def test_the_page(browser, address, cgan):
    opened = Page(browser, address)
    first = opened.picture
    assert opened.says == page.words(cgan.make(Wish())) and first in page.figure(cgan.make(Wish()))
    opened.find("#another").click()
    opened.wait(lambda: opened.picture != first)
    seed = int(opened.find("#seed input").get_attribute("value"))
    assert opened.picture in page.figure(cgan.make(Wish(seed=seed))) and f"--seed={seed} " in opened.find(
        "#command textarea"
    ).get_attribute("value")
    opened.type("#seed input", "0", "Seed 0,")
    assert opened.picture == first
    opened.type("#share input[type=number]", "0.5", "Seed 0 to 1 (50%)")
    assert opened.picture in page.figure(cgan.make(Wish(share=0.5)))
    opened.type("#truncation input[type=number]", "0.4", "truncation 0.4")
    links = browser.find_elements("css selector", "#links a")
    made = cgan.make(Wish(share=0.5, truncation=0.4))
    assert [link.get_attribute("download") for link in links] == [
        f"{made.name}{ending}" for ending in (".png", "-1024x1024.png", ".json")
    ]
    assert all(link.get_attribute("href") in page.downloads(made) for link in links)
    shown = opened.picture
    opened.type("#seed input", "-1", "the seed is -1; give a whole number from 0")
    assert opened.picture == shown  # it stays
    severe = [line for line in browser.get_log("browser") if line["level"] == "SEVERE"]
    assert not severe
    asked = set(re.findall(r'"url":"((?:https?|wss?)://[^/"]*/)', str(browser.get_log("performance"))))
    assert asked == {address}


def test_a_picture_is_chosen_from_a_sheet_and_a_film_is_made(browser, address, cgan):
    opened = Page(browser, address)
    opened.find("#more").click()
    opened.wait(lambda: len(browser.find_elements("css selector", "#sheet button img")) == 12)
    browser.find_elements("css selector", "#sheet button img")[4].click()
    opened.wait(lambda: opened.says.startswith("Seed 4"))
    assert opened.picture in page.figure(cgan.make(Wish(seed=4)))
    opened.find("#roll").click()
    opened.wait(lambda: browser.find_elements("css selector", "#film img"))
    link = opened.find("#film a")
    assert link.get_attribute("download") == "cgan-4-to-1.gif"
    assert browser.execute_script("return document.querySelector('#film img').naturalWidth") == 256


def test_the_page_on_a_telephone(browser, address):
    size = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    opened = Page(browser, address)
    opened.wait(lambda: browser.execute_script("return document.documentElement.scrollWidth") == 390)
    assert opened.find("#another").rect["y"] < 844  # seen without scrolling
