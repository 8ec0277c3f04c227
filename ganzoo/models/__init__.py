"""The zoo: one file per family; importing it registers it."""

from ganzoo.models import dcgan  # noqa: F401
