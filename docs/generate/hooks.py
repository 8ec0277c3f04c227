"""What MkDocs calls while it builds the site: nothing on a page may be fetched from elsewhere."""

import re

from mkdocs.utils import get_relative_url

SHIM = re.compile(r"https://unpkg\.com/iframe-worker/shim")


def on_post_page(output: str, page, config) -> str:
    """The page with the offline search's script from the site itself (docs/javascripts, MIT)."""
    return SHIM.sub(get_relative_url("javascripts/iframe-worker.js", page.url), output)


def on_post_template(output: str, template_name: str, config) -> str:
    """The same for pages without a place in the tree, such as 404.html."""
    return SHIM.sub("javascripts/iframe-worker.js", output)
