"""The zoo: one file per family; importing it registers it."""

from ganzoo.models import cgan, dcgan, vanilla  # noqa: F401
