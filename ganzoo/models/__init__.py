"""The zoo: one file per family; importing it registers it."""

from ganzoo.models import cgan, dcgan, progan, vae, vanilla  # noqa: F401
