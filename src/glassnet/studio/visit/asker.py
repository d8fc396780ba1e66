"""Asker: who asks, as far as a request tells: a visitor, by a cookie that this server signed, and an address."""

import contextlib
import ipaddress
import secrets
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from itsdangerous import BadSignature, Signer
from starlette.requests import cookie_parser

from glassnet.tensor_file import write_whole

LOOPBACK = ("127.0.0.1", "::1")
COOKIE = "glassnet-visitor"
LONGEST_COOKIE = 200
KEY_FILE = ".key"
KEY_BYTES = 32
IPV6_NETWORK = 64
"""Bits of an address that a household or a school has; it makes up the others as it likes."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks.

    Parameters
    ----------
    address : str
        Where from. A whole class may sit behind one.
    token : str
        The visitor's; empty for a newcomer. Nobody but this server makes tokens, so a visitor is somebody who got in.
    is_admitted : bool
        Whether they may come in: at a studio with a PIN, whether they have typed it.
    """

    address: str = ""
    token: str = ""
    is_admitted: bool = True


asking: ContextVar[Asker] = ContextVar("asking", default=Asker())  # noqa: B039 - it cannot be changed
"""Who asks what is being answered."""


class Tokens:
    """What visitors are known by: random, and signed, so that nobody can make up visitors or give one to somebody else.

    Parameters
    ----------
    folder : Path
        Of everybody's runs: the key is kept there, so that visitors find their runs after the server has been away.
    pin : str, default ""
        Whoever has typed it has a cookie that is signed with it, too; empty lets everybody in.
    """

    def __init__(self, folder: Path, pin: str = "") -> None:
        self.folder = folder
        self.pin = pin
        self.ended: set[str] = set()

    @cached_property
    def key(self) -> bytes:
        """What is signed with."""
        path = self.folder / KEY_FILE
        with contextlib.suppress(OSError):
            key = path.read_bytes()
            if len(key) == KEY_BYTES:
                return key
        key = secrets.token_bytes(KEY_BYTES)
        self.folder.mkdir(parents=True, exist_ok=True)
        write_whole(path, key)
        with contextlib.suppress(OSError):
            path.chmod(0o600)
        return key

    @cached_property
    def visitor(self) -> Signer:
        """What signs that a visitor is ours."""
        return Signer(self.key, salt=COOKIE)

    @cached_property
    def door(self) -> Signer:
        """What signs that somebody has typed this PIN."""
        return Signer(self.key, salt=f"{COOKIE} {self.pin}")

    def new(self) -> str:
        """Return a token that nobody has yet."""
        return secrets.token_urlsafe(24)

    def signed(self, token: str) -> str:
        """Return a token as the cookie of somebody who may come in holds it."""
        signed = self.visitor.sign(token)
        return (self.door.sign(signed) if self.pin else signed).decode()

    def in_cookie(self, header: str) -> tuple[str, bool]:
        """Return the token in a request's cookies, empty if none of ours is there; and whether that may come in."""
        signed = cookie_parser(header).get(COOKIE, "") if COOKIE in header else ""
        if not 0 < len(signed) <= LONGEST_COOKIE:
            return "", not self.pin
        is_admitted = not self.pin or self.door.validate(signed)
        # of another PIN, or of none: whoever comes through the door again finds their runs
        for text in (signed, signed.rpartition(".")[0]):
            with contextlib.suppress(BadSignature, UnicodeDecodeError):
                token = self.visitor.unsign(text).decode()
                return ("", not self.pin) if token in self.ended else (token, is_admitted)
        return "", not self.pin


def is_here(scope: Any) -> bool:
    """Whether a request comes from this computer."""
    client = scope.get("client")
    return bool(client) and client[0] in LOOPBACK


def address_of(scope: Any) -> str:
    """Return where a request or connection comes from; of IPv6 the network, within which an address costs nothing."""
    client = scope.get("client") if isinstance(scope, dict) else scope
    address = str(client[0]) if client else ""
    if ":" in address:
        with contextlib.suppress(ValueError):
            parsed = ipaddress.IPv6Address(address.partition("%")[0])
            if parsed.ipv4_mapped is not None:
                return str(parsed.ipv4_mapped)
            return str(ipaddress.IPv6Network((parsed, IPV6_NETWORK), strict=False))
    return address
