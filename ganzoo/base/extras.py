"""How to install what is optional: the extras of the package, as a line that can be pasted anywhere.

The package is installed from a clone (`pip install '.[explore]'` there); no index has it by this name, and
PyPI's `ganzoo` is another project. So a message names what is missing itself, which pip finds in any folder.
"""

import re
from importlib import metadata

DISTRIBUTION = "keras-ganzoo"


def install(extra: str) -> str:
    """The command that brings what an extra needs, e.g. "pip install 'gradio<7,>=6'"."""
    try:
        requirements = metadata.requires(DISTRIBUTION) or []
    except metadata.PackageNotFoundError:  # used from a folder, without having been installed
        requirements = []
    of_extra = re.compile(rf";\s*extra\s*==\s*['\"]{re.escape(extra)}['\"]")
    needed = [of_extra.sub("", each).strip() for each in requirements if of_extra.search(each)]
    if not needed:
        return f"pip install '.[{extra}]' in a clone of ganzoo"
    return "pip install " + " ".join(f"'{each}'" for each in needed)
