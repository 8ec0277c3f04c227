"""What a message says to install is what the extra brings, and can be pasted anywhere."""

import configparser
import shlex
from importlib import metadata

import pytest
from packaging.requirements import Requirement

from ganzoo.base import extras
from tests.conftest import ROOT

SETUP = configparser.ConfigParser(comment_prefixes=("#",))
SETUP.read(ROOT / "setup.cfg")
EXTRAS = SETUP["options.extras_require"]


@pytest.mark.parametrize("extra", EXTRAS)
def test_the_line_brings_all_that_the_extra_brings(extra):
    program, verb, *found = shlex.split(extras.install(extra))
    assert (program, verb) == ("pip", "install")
    wanted = [Requirement(each) for each in EXTRAS[extra].split("\n") if each]
    assert {str(each) for each in map(Requirement, found)} == {str(each) for each in wanted}


def test_without_an_installation_it_names_the_clone(monkeypatch):
    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", missing)
    assert extras.install("explore") == "pip install '.[explore]' in a clone of ganzoo"
