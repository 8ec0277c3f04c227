"""The address of the page: on this machine alone unless asked otherwise, held from the first moment."""

import errno
import ipaddress
import os
import socket
import sys
import webbrowser

from ganzoo.base.errors import RunError, UsageError

LOOPBACK, PORT = "127.0.0.1", 7860
TRIED = 100  # ports, when looking for a free one


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens on `host` and `port`; whoever connects waits until the page is there.

    Raises:
        UsageError: no such address or port. RunError: the port is in use; a free one is named.
    """
    if not 1 <= port <= 65_535:
        raise UsageError(f"--port is {port}, but ports are numbered from 1 to 65535")
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise UsageError(f"--host {host} is not known here ({error.strerror}); leave it out") from None
    taken = socket.socket(family, kind)
    try:
        # A page that ended a moment ago leaves its port in a state that is no obstacle.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(address)
        taken.listen()
    except OSError as error:
        taken.close()
        raise _said(error, host, port) from None
    return taken


def _said(error: OSError, host: str, port: int) -> Exception:
    if error.errno == errno.EADDRINUSE:
        free = next_free(host, port)
        mend = f"{free} is free: --port {free}" if free else "give another --port"
        return RunError(f"port {port} is in use; {mend}")
    if error.errno == errno.EACCES:
        return UsageError(f"port {port} is reserved for the system; give --port 1024 or more")
    return UsageError(f"--host {host} is not an address of this machine ({error.strerror}); leave it out")


def next_free(host: str, port: int) -> int | None:
    """The next port after `port` that is free; None if none is near."""
    for other in range(port + 1, min(port + TRIED, 65_535) + 1):
        try:
            listening(host, other).close()
        except (RunError, UsageError):
            continue
        return other
    return None


def is_own(host_socket: socket.socket) -> bool:
    """Whether only this machine reaches the socket."""
    return ipaddress.ip_address(host_socket.getsockname()[0].split("%")[0]).is_loopback


def url(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return f"http://{host}:{port}/"
    if address.is_unspecified:  # every address of this machine, of which a browser needs one
        address = ipaddress.ip_address("::1" if address.version == 6 else LOOPBACK)
    return f"http://[{address}]:{port}/" if address.version == 6 else f"http://{address}:{port}/"


def has_desktop() -> bool:
    """Whether a browser would have a window; in a terminal it would take the terminal over."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def serve(app, host_socket: socket.socket, address: str, browser: bool) -> None:
    """Answers at the socket until Ctrl-C."""
    import uvicorn

    if browser and has_desktop():
        webbrowser.open(address)  # it waits at the socket for the moment until the server runs
    # Streams to open pages never end by themselves; that they are cut off is no error to report.
    config = uvicorn.Config(app, log_level="critical", timeout_graceful_shutdown=1)
    try:
        uvicorn.Server(config).run(sockets=[host_socket])
    except KeyboardInterrupt:
        print()  # after the terminal's ^C
