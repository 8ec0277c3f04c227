"""The training step's parts, and the words in which a family tells what is judged: contests."""

from ganzoo.step.contests import Contest, Judged, Verdict
from ganzoo.step.draws import Draws

__all__ = ["Contest", "Draws", "Judged", "Verdict"]
