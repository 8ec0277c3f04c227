"""Files: written whole or not at all, read only where they are ordinary, replaced only by what wrote them.

Imports nothing of ganzoo but `ganzoo.base`.
"""
