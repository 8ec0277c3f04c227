"""Writes every generated file of the documentation; says which changed."""

from docs.generate import DOCS, everything

for path, make in everything().items():
    text = make()
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
        print(f"{path.relative_to(DOCS.parent)} is new")
