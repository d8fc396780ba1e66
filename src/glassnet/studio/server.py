"""Server: the studio on this computer, until somebody stops it."""

import contextlib
import os
import signal
import socket
import ssl
import sys
import threading
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from glassnet.errors import SettingError
from glassnet.studio.app import create_app
from glassnet.studio.visit.connections import Connection
from glassnet.studio.visit.guard import ANYTHING
from glassnet.studio.visit.host import link_of
from glassnet.studio.visit.networks import Given
from glassnet.studio.visit.state import Studio
from glassnet.studio.visit.turns import HEAVY
from glassnet.system import allow_many_files, ignored_interrupts, keep_port, reason_of, share_heaps

LOCAL = ("127.0.0.1", "localhost", "::1")
ANY = ("0.0.0.0", "::")
SOMEWHERE = "192.0.2.1"
"""An address that belongs to nobody (RFC 5737)."""
INTERRUPTED = 130
"""What a shell is told of a program that Ctrl-C ended."""
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


@dataclass(frozen=True, slots=True)
class Secrecy:
    """How what goes over the network is kept secret, and who is believed about that.

    Parameters
    ----------
    certificate, key : Path or None, default None
        Of TLS, in PEM; None serves plain HTTP.
    proxy : str, default ""
        Address of a proxy in front of this server: it is believed who asks, and whether by TLS.
    """

    certificate: Path | None = None
    key: Path | None = None
    proxy: str = ""

    @property
    def scheme(self) -> str:
        """What addresses begin with."""
        return "http" if self.certificate is None else "https"

    def check(self) -> None:
        """Refuse files that are no certificate and its key; SettingError with a sentence."""
        if (self.certificate is None) != (self.key is None):
            raise SettingError("--certificate and --key go together: name both.")
        if self.certificate is None:
            return
        for path in (self.certificate, self.key):
            if path is not None and not path.is_file():
                raise SettingError(f"there is no file {path}.")
        try:
            ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
        except (ssl.SSLError, OSError) as error:
            why = getattr(error, "reason", None) or reason_of(error)
            raise SettingError(f"{self.certificate} and {self.key} are no certificate and its key ({why}).") from None


def configured(app: FastAPI, secrecy: Secrecy | None = None) -> uvicorn.Config:
    """Return how an application is served."""
    secrecy = secrecy or Secrecy()
    return uvicorn.Config(
        app,
        http=Connection,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=2,
        server_header=False,
        proxy_headers=bool(secrecy.proxy),
        forwarded_allow_ips=secrecy.proxy or None,
        ssl_certfile=secrecy.certificate,
        ssl_keyfile=secrecy.key,
    )


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


def address_for_others() -> str:
    """Return this computer's address in its network; its name where it has none."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect((SOMEWHERE, 9))  # nothing is sent: it only says by which way that would go
        return asking.getsockname()[0]
    return socket.gethostname()


def serve(
    host: str,
    port: int,
    folder: Path,
    *,
    begun: Callable[[Studio, str], None],
    open_browser: bool,
    given: Given,
    pin: str = "",
    secrecy: Secrecy | None = None,
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
        Told what the answers share, and the address to visit on this computer.
    open_browser : bool
        Whether to open it there.
    given : Given
        Networks for everybody; if there is one from a file, it is shown first.
    pin : str, default ""
        Of those who may come in; empty lets everybody in.
    secrecy : Secrecy or None, default None
        None serves plain HTTP, with no proxy.

    Raises
    ------
    SettingError
        If it cannot listen there, or the certificate is none.
    """
    secrecy = secrecy or Secrecy()
    secrecy.check()
    opened = listening(host, port)
    number = opened.getsockname()[1]
    hosts = frozenset(LOCAL) if host in LOCAL else None if host in ANY else frozenset({*LOCAL, host.lower()})
    if secrecy.proxy:
        hosts = frozenset({ANYTHING})  # it passes on only what is for names that it was given
    app = create_app(folder, hosts, given=given, pin=pin)
    studio: Studio = app.state.studio
    if host not in LOCAL:
        studio.address = f"{secrecy.scheme}://{in_address(address_for_others() if host in ANY else host)}:{number}/"
    base = f"{secrecy.scheme}://{in_address('127.0.0.1' if host in ANY else host)}:{number}/"
    place = "#/draw?network=file" if "file" in given.held else ""
    # who has started it need not type the PIN
    first = link_of(base, pin) if pin else f"{base}{place}"
    sys.setswitchinterval(SWITCH_SECONDS)
    share_heaps()
    allow_many_files()
    with opened, alone_in(folder):
        begun(studio, f"{base}{place}")
        if open_browser:
            threading.Timer(0.3, webbrowser.open, [first]).start()
        with ended_at_once():
            Server(configured(app, secrecy)).run(sockets=[opened])


def in_address(host: str) -> str:
    """Return a host as an address has it."""
    return f"[{host}]" if ":" in host else host


@contextlib.contextmanager
def ended_at_once() -> Iterator[None]:
    """End this process where something heavy still goes on when all is kept: nobody will ask for what comes of it.

    Its thread is in compiled code, which does not bear that the interpreter goes away beneath it.
    """
    try:
        yield
    except (KeyboardInterrupt, SystemExit) as error:
        if any(thread.name == HEAVY for thread in threading.enumerate()):
            sys.stdout.flush()
            os._exit(error.code if isinstance(error, SystemExit) and isinstance(error.code, int) else INTERRUPTED)
        raise
