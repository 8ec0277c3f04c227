"""Signals that end a process politely: finish the step, write everything, end with a code of its own."""

import os
import signal
import time

INTERRUPTED = 130  # Ctrl-C, as shells report it
TERMINATED = 143  # SIGTERM: a pre-empted machine
ABANDONED = 141  # nobody reads what is printed any more, as of a process that SIGPIPE ends
COLLAPSED = 3  # by stop_on_collapse
TIME_UP = 0  # the budget of minutes is used up: an end as good as that of images

# HUP: the terminal was closed. XCPU: the time allowed is used up. USR1, USR2: schedulers, before they kill.
POLITE = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU", "SIGUSR1", "SIGUSR2")
SIGNALS = tuple(getattr(signal, name) for name in POLITE if hasattr(signal, name))
STOPS = (*(128 + number for number in SIGNALS), ABANDONED, COLLAPSED, TIME_UP)
PATIENCE = 0.7  # seconds; a Ctrl-C no later than this is the same one again, passed on by a parent process


class StopRequests:
    """Within `with`, signals ask the loop to stop instead of breaking it off.

    A second Ctrl-C, of a person, ends the process at once. Other signals come in numbers by themselves:
    a terminal that closes sends SIGHUP twice, a scheduler warns with one and follows with another, and
    both wait for the state to be written. A signal that the process was started to ignore, as by
    `nohup`, stays ignored; but for Ctrl-C and SIGTERM, which a shell's background jobs are sent, too.
    """

    def __init__(self):
        self.exit_code: int | None = None  # set once a stop has been asked for
        self._asked_at = 0.0
        self._before: dict[int, object] = {}
        self._terminals = [fd for fd in (1, 2) if _is_terminal(fd)]

    def __enter__(self):
        for number in SIGNALS:
            always = number in (signal.SIGINT, signal.SIGTERM)
            if not always and signal.getsignal(number) == signal.SIG_IGN:
                continue
            try:
                self._before[number] = signal.signal(number, self._handle)
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

    def _handle(self, number: int, _frame) -> None:
        if number == signal.SIGHUP:
            self._leave_terminals()
        if self.exit_code in (None, TIME_UP):  # a first one after the time is up is a request, too
            self.exit_code, self._asked_at = 128 + number, time.monotonic()
        elif number == signal.SIGINT and time.monotonic() - self._asked_at > PATIENCE:
            os._exit(self.exit_code)

    def _leave_terminals(self) -> None:
        """What is printed from here on goes nowhere: writing to a terminal that is gone is an error."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        for fd in self._terminals:
            os.dup2(nowhere, fd)
        os.close(nowhere)


def _is_terminal(fd: int) -> bool:
    try:
        return os.isatty(fd)
    except OSError:
        return False
