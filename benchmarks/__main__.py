"""`python -m benchmarks` lists the suite; `python -m benchmarks NAME [ARGUMENTS]` runs one of it."""

import ast
import difflib
import pkgutil
import runpy
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
PARTS = {"__main__", "alternate", "torch_dcgan"}  # what the others are made of


def names() -> list[str]:
    """The benchmarks, in order."""
    return sorted({module.name for module in pkgutil.iter_modules([str(FOLDER)])} - PARTS)


def about(name: str) -> str:
    """The first line of its documentation; nothing is imported for it."""
    return ast.get_docstring(ast.parse((FOLDER / f"{name}.py").read_text())).splitlines()[0]


def main() -> int:
    """Lists, or hands over to the benchmark."""
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__ + "\n")
        width = max(map(len, names()))
        for name in names():
            print(f"  {name:{width}}  {about(name)}")
        print("\nEach takes --help. Leave the machine alone while one measures.")
        return 0
    name = sys.argv[1].replace("-", "_")
    if name not in names():
        near = difflib.get_close_matches(name, names(), n=1)
        hint = f": did you mean {near[0]!r}?" if near else f"; known are {', '.join(names())}"
        print(f"unknown benchmark {sys.argv[1]!r}{hint}", file=sys.stderr)
        return 2
    sys.argv = [f"python -m benchmarks {name}", *sys.argv[2:]]
    runpy.run_module(f"benchmarks.{name}", run_name="__main__", alter_sys=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
