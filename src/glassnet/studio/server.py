"""Server: the studio on this computer, until somebody stops it."""

import contextlib
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path

import uvicorn

from glassnet.errors import SettingError
from glassnet.studio.app import create_app
from glassnet.studio.visit.networks import Given
from glassnet.system import ignored_interrupts, keep_port, reason_of, share_heaps

LOCAL = ("127.0.0.1", "localhost", "::1")
MOST_CONNECTIONS = 500
SWITCH_SECONDS = 0.001
"""How long a thread may keep Python to itself while an answer waits; Python's own 5 ms add up."""


def runs_folder() -> Path:
    """Return where runs are kept; SettingError if this user has no home."""
    from platformdirs import user_data_path

    folder = user_data_path("glassnet", appauthor=False) / "studio"
    if not folder.is_absolute():  # "~" stays as it is where neither HOME nor the list of users says where it is
        raise SettingError("you have no home folder here to keep runs in; name a folder with --folder.")
    return folder


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; SettingError with a sentence if it cannot."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio sends at once (TCP_NODELAY) only on sockets that say they are TCP; without it answers took 40 ms longer
    opened = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    keep_port(opened)
    try:
        opened.bind((host, port))
    except (OSError, OverflowError) as error:
        opened.close()
        why = reason_of(error) if isinstance(error, OSError) else str(error)
        raise SettingError(f"cannot listen on {host}, port {port}: {why.lower()}; choose another --port.") from None
    return opened


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder of runs for ourselves; SettingError if another studio holds it: both would write the same runs."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)  # the system releases it when the process ends, however that happens
    except Timeout:
        raise SettingError(f"another studio keeps its runs in {folder}; choose another --folder.") from None
    except OSError as error:
        why = reason_of(error).lower()
        raise SettingError(f"runs cannot be kept in {folder}: {why}; choose another --folder.") from None
    try:
        yield
    finally:
        lock.release()


class Server(uvicorn.Server):
    """Uvicorn's server, which would catch Ctrl-C even where it was started to ignore it (``glassnet studio &``)."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Catch the signals that ask for an end, except ignored ones."""
        ignored = ignored_interrupts() if threading.current_thread() is threading.main_thread() else []
        with super().capture_signals():
            for number in ignored:
                signal.signal(number, signal.SIG_IGN)
            yield


def serve(
    host: str, port: int, folder: Path, *, begun: Callable[[str], None], open_browser: bool, given: Given
) -> None:
    """Serve the studio until interrupted.

    Parameters
    ----------
    host : str
        Address to bind to.
    port : int
        0 takes any that is free.
    folder : Path
        Where runs are kept.
    begun : callable
        Told the address to visit.
    open_browser : bool
        Whether to open it there.
    given : Given
        Networks for everybody; if there is one from a file, it is shown first.

    Raises
    ------
    SettingError
        If it cannot listen there.
    """
    opened = listening(host, port)
    number = opened.getsockname()[1]
    hosts = (
        frozenset(LOCAL) if host in LOCAL else None if host in ("0.0.0.0", "::") else frozenset({*LOCAL, host.lower()})
    )
    app = create_app(folder, hosts, given=given)
    shown = "127.0.0.1" if host in ("0.0.0.0", "::") else f"[{host}]" if ":" in host else host
    place = "#/draw?network=file" if "file" in given.held else ""
    address = f"http://{shown}:{number}/{place}"
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        limit_concurrency=MOST_CONNECTIONS,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=False,
    )
    sys.setswitchinterval(SWITCH_SECONDS)
    share_heaps()
    with opened, alone_in(folder):
        begun(address)
        if open_browser:
            threading.Timer(0.3, webbrowser.open, [address]).start()
        Server(config).run(sockets=[opened])
