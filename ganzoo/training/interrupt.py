"""Ctrl-C and SIGTERM: finish the step, write everything, end with a code of its own."""

import os
import signal

INTERRUPTED = 130  # Ctrl-C, as shells report it
TERMINATED = 143  # SIGTERM: a pre-empted machine
COLLAPSED = 3  # by stop_on_collapse
TIME_UP = 0  # the budget of minutes is used up: an end as good as that of images
STOPS = (INTERRUPTED, TERMINATED, COLLAPSED, TIME_UP)


class StopRequests:
    """Within `with`, signals ask the loop to stop instead of breaking it off.

    A second one ends the process at once.
    """

    def __init__(self):
        self.exit_code: int | None = None  # set once a stop has been asked for
        self._before: dict[int, object] = {}

    def __enter__(self):
        for number, code in ((signal.SIGINT, INTERRUPTED), (signal.SIGTERM, TERMINATED)):
            try:
                self._before[number] = signal.signal(number, lambda *_, code=code: self._asked(code))
            except ValueError:  # not the main thread: whoever runs us handles signals
                break
        return self

    def __exit__(self, *_):
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def ask(self, code: int) -> None:
        """Asks the loop to stop and the process to end with `code`."""
        if self.exit_code is None:
            self.exit_code = code

    def _asked(self, code: int) -> None:
        if self.exit_code not in (None, TIME_UP):  # a first Ctrl-C after the time is up waits, too
            os._exit(self.exit_code)
        self.exit_code = code
