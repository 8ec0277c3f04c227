"""The packages: all below ganzoo/, and the recipes, which lie beside it. All else is in setup.cfg."""

from setuptools import find_packages, setup

setup(packages=[*find_packages(include=["ganzoo", "ganzoo.*"]), "ganzoo.zoo_configs"])
