"""`python -m FOLDER` lists a folder of programs; `python -m FOLDER NAME [ARGUMENTS]` runs one of them."""

import ast
import difflib
import pkgutil
import runpy
import sys
from pathlib import Path


def names(package: str) -> list[str]:
    """The programs of a package of this checkout, in order: its modules that do something when run."""
    folder = Path(__file__).parent.parent / package
    found = (module.name for module in pkgutil.iter_modules([str(folder)]) if module.name != "__main__")
    return sorted(name for name in found if "\nif __name__ ==" in (folder / f"{name}.py").read_text())


def about(package: str, name: str) -> str:
    """The first line of a program's documentation; nothing is imported for it."""
    path = Path(__file__).parent.parent / package / f"{name}.py"
    return ast.get_docstring(ast.parse(path.read_text())).splitlines()[0]


def main(package: str, words: list[str]) -> int:
    """Lists, or hands over to the program that `words` begin with; returns the exit code."""
    known = names(package)
    if not words or words[0] in ("-h", "--help"):
        print(f"{sys.modules[package].__doc__}\n")
        width = max(map(len, known))
        for name in known:
            print(f"  {name:{width}}  {about(package, name)}")
        print("\nEach takes --help.")
        return 0
    name = words[0].replace("-", "_")
    if name not in known:
        near = difflib.get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]!r}?" if near else f"; known are {', '.join(known)}"
        print(f"{package} has no {words[0]!r}{hint}", file=sys.stderr)
        return 2
    sys.argv = [f"python -m {package} {name}", *words[1:]]
    runpy.run_module(f"{package}.{name}", run_name="__main__", alter_sys=False)
    return 0
