"""Pictures of a run: sheets of fixed samples again and again, the real ones, the evolution as a GIF."""

import numpy as np

from ganzoo.listeners import Listener
from ganzoo.training import evolution, health, panels, run_pictures


class Grids(Listener):
    """Writes `samples/`, `reals.png` and `training.gif`; measures how far samples differ from each other."""

    columns = ("diversity",)

    def __init__(self, session, board):
        self.session, self.board = session, board
        images = session.store.images
        chosen = np.unique(np.linspace(0, len(images) - 1, panels.NUM_SAMPLES).astype(int))
        self._reals = images[chosen]
        self.health = health.Health(self._reals, session.config.objective.loss.can_be_won)
        self._samples = None, None  # images seen; pictures and how many make a row

    def begin(self):
        root = self.session.paths.root
        if not (root / "reals.png").exists():
            run_pictures.save_png(root / "reals.png", run_pictures.grid(self._reals))
        if self.session.position.images_seen == 0:
            self.draw()

    def measure(self, row):
        row["diversity"] = self.health.diversity(self._fixed_samples()[0])

    def draw(self):
        seen = self.session.position.images_seen
        sheet = run_pictures.grid(*self._fixed_samples())
        run_pictures.save_png(self.session.paths.samples / f"images-{seen:012d}.png", sheet)
        self.board.image("samples", np.asarray(sheet), seen)

    def rewind(self):
        self._samples = None, None  # of the state that is gone

    def end(self):
        self.draw()
        paths, (images, columns) = self.session.paths, self._fixed_samples()
        sheet = evolution.Sheet(len(images), columns, images.shape[1:])
        evolution.save(paths.grids(), paths.root / "training.gif", sheet)

    def _fixed_samples(self) -> tuple[np.ndarray, int]:
        """Pictures from fixed latents and inputs, and how many make a row."""
        seen, session = self.session.position.images_seen, self.session
        if self._samples[0] != seen:
            config = session.config
            made = panels.fixed_samples(session.gan, session.store, config.data, config.train.seed)
            self._samples = seen, made
        return self._samples[1]
