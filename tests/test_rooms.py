"""Who may import whom: rooms stand in an order, a room imports those before it, and no circle closes.

A late import (within a function, or by `LazyModule`) counts as any other: it hides a circle, it opens none.
"""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import ganzoo

PACKAGE = Path(ganzoo.__file__).parent
# From what stands on nothing to what stands on all. Rooms of one line do not import each other.
ORDER = (
    ("base",),
    ("disk",),
    ("pictures",),
    ("kinds",),
    ("step",),
    ("losses", "nn"),
    ("objective",),
    ("listeners",),
    ("family",),
    ("two_player", "saving", "density"),
    ("data",),
    ("metrics",),
    ("sampling",),
    ("models", "gan"),
    ("config",),
    ("settings", "weights"),
    ("training", "bounds"),
    ("evaluation", "export", "explore", "zoo", "running"),
    ("compare", "catalogue", "loose_pictures"),
    ("",),  # ganzoo itself: the names of the first example
    ("cli",),
    ("__main__",),
)
PLACE = {room: place for place, rooms in enumerate(ORDER) for room in rooms}
SOURCES = {
    ".".join(("ganzoo", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in PACKAGE.rglob("*.py")
}


def imported(module: str) -> set[str]:
    """The modules of ganzoo that one names in an import, wherever in its text."""
    found = set()
    for node in ast.walk(ast.parse(SOURCES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        elif isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.Call) and getattr(node.func, "id", "") == "LazyModule":
            found |= {word.value for word in node.args if isinstance(word, ast.Constant)}
    names = {name for name in found if name in SOURCES and name != module}
    # `from ganzoo.data import tables` asks for the module: the room is named on the way.
    return {name for name in names if not any(other.startswith(f"{name}.") for other in names)}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


GRAPH = {module: imported(module) for module in SOURCES}


def test_every_module_has_a_room_with_a_place_in_the_order():
    assert {room(module) for module in SOURCES} == set(PLACE)


@pytest.mark.parametrize("module", sorted(SOURCES))
def test_a_room_imports_those_before_it(module):
    for other in GRAPH[module]:
        if room(other) != room(module):
            assert PLACE[room(other)] < PLACE[room(module)], f"{module} imports {other}"


def test_no_circle_closes():
    """Modules that import nothing that is left are taken away until none is left."""
    left = {module: set(names) for module, names in GRAPH.items()}
    while free := {module for module, names in left.items() if not names}:
        left = {module: names - free for module, names in left.items() if module not in free}
    assert not left


def test_importing_the_package_imports_no_large_one():
    large = "tensorflow", "keras", "numpy", "PIL", "matplotlib"
    code = f"import sys, ganzoo, ganzoo.models; print([m for m in {large} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("face", ["losses", "nn", "sampling", "pictures", "step", "base"])
def test_a_face_has_what_it_promises(face):
    module = __import__(f"ganzoo.{face}", fromlist=["face"])
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError):
        module.nothing_of_that_name  # noqa: B018
