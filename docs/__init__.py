"""The documentation: `mkdocs build --strict` makes the site, `python -m docs.generate` parts of it."""
