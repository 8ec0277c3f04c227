"""What a run of a family with a density notes besides: the bound, bits per dimension, active latents."""

import numpy as np

from ganzoo.listeners import Listener

ACTIVE = 0.01  # variance over pictures of a latent's mean, above which it says something of them
PICTURES = 512  # of the data, by which latents are counted
COLUMNS = ("elbo", "bits_per_dimension", "active_units")


def active_units(means: np.ndarray) -> int:
    """How many latents say something of the pictures, by their means `(num, latent_dim)`.

    Burda et al. 2016 (arXiv 1509.00519), section 5.2: those whose mean varies from picture to picture
    with a variance above 0.01.
    """
    return int((np.var(means, axis=0) > ACTIVE).sum())


class Posterior(Listener):
    """Adds `elbo`, `bits_per_dimension` and `active_units` to the log; says when the posterior collapses.

    `elbo` is -(distortion + kl) of the same line, whatever the weights of both: the three always add up.
    """

    columns = COLUMNS

    def __init__(self, session):
        self.session, self._said = session, False
        images = session.store.images
        self._pictures = np.asarray(images[:: max(1, len(images) // PICTURES)][:PICTURES])

    def measure(self, row):
        gan = self.session.gan
        row["elbo"] = -(row["distortion"] + row["kl"])
        row["bits_per_dimension"] = gan.family.bits_per_dimension(row["elbo"])
        row["active_units"] = active_units(gan.encode(self._pictures)[0])

    def written(self, row):
        collapsed, latent_dim = row["active_units"] == 0, self.session.gan.family.latent_dim
        if collapsed and not self._said:
            self.session.progress.note(
                f"warning at {row['images_seen']:,} images: the posterior has collapsed: 0 of {latent_dim} "
                "latents are active, so the decoder makes its pictures without them; a longer training, a "
                "smaller weights.kl at first or a smaller latent_dim may help"
            )
        self._said = collapsed
