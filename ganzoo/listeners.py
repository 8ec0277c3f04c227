"""What is told of a run's moments: the protocol of everything that keeps a record of training.

A new record, such as a MIDI file every period, is a new file with a `Listener`; a family names its own
in `Family.listeners`.
"""

from typing import Any


class Listener:
    """Is told when a run begins, when a line is due, when pictures are due, when it goes back and ends.

    Only one process of a run has listeners. Override what is of interest.
    """

    def begin(self) -> None:
        """The run starts or goes on; its files can be opened."""

    def measure(self, row: dict[str, Any]) -> None:
        """A line of the log is about to be written: puts the numbers of `columns` into `row`."""

    def written(self, row: dict[str, Any]) -> None:
        """A line of the log was written."""

    def draw(self) -> None:
        """It is time for pictures."""

    def rewind(self) -> None:
        """The run has gone back to an earlier state."""

    def end(self) -> None:
        """The run ends, whole or interrupted; nothing comes after this."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns of the log that `measure` fills."""
        return ()
