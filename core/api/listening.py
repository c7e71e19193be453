"""The sockets this process listens on: where they are bound, how they are encrypted, one option, and the port.

`streamlit run` binds its socket before the app starts, plain uvicorn afterwards, and neither tells the app. So the
sockets, and uvicorn's own objects, are looked up among the live objects, which works for both and on every platform.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import signal
import socket
from collections.abc import Iterator
from typing import TypeVar

from uvicorn import Config
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from core.api.peer import is_loopback
from core.config import Settings
from core.errors import ConfigError
from core.sandbox.server import InnerListener

log = logging.getLogger(__name__)

T = TypeVar("T")

BIND_SECONDS = 10.0
"""How long a server may take to bind after the app has started."""


class Listening:
    """What is known of this process's listening sockets."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._scheme = "http"
        self._host = "127.0.0.1"
        self._port: int | None = None

    def own_address(self) -> str:
        """This server's base URL, for calls to itself; until it is bound, with Streamlit's default port."""
        return f"{self._scheme}://{self._host}:{self._port or 8501}"

    def check(self) -> bool:
        """Check and tune the sockets that listen already; False when none does yet.

        TCP_NODELAY: Streamlit creates its socket without IPPROTO_TCP, so asyncio does not set the option, and each
        streamed HTTP response waits about 40 ms for a delayed ACK. Accepted sockets inherit it from the listener.

        Plain uvicorn binds after the app's start: the address that it was told to bind is checked already now, while
        nothing of Gearbox's has been made.

        Raises:
            ConfigError: one of them is reachable from other machines, or is going to be, and may not be.
        """
        encrypted = any(config.is_ssl for config in _live(Config))
        self._scheme = "https" if encrypted else "http"
        for config in _live(Config):
            if config.uds is None and config.fd is None:
                for address in _addresses(config.host):
                    refuse_open_bind(address, self._settings, encrypted=config.is_ssl)
        for listener in _listening_sockets():
            host, port = listener.getsockname()[:2]
            refuse_open_bind(host, self._settings, encrypted=encrypted)
            listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._host = _callable_at(host)
            self._port = port
        return self._port is not None

    async def check_once_bound(self) -> None:
        """For servers that bind after the app's start: check as soon as they have; end the process if it may not be.

        In between, `core.api.front_door.FrontDoor` refuses what comes from outside.
        """
        try:
            for _ in range(int(BIND_SECONDS / 0.1)):
                if self.check():
                    return
                await asyncio.sleep(0.1)
        except ConfigError as error:
            log.critical("Gearbox stops. %s", error.explain())
            os.kill(os.getpid(), signal.SIGTERM)


def read_peers_ourselves() -> None:
    """Have uvicorn leave the forwarded headers alone: `core.api.peer` reads them.

    uvicorn believes them from this machine, or from wherever FORWARDED_ALLOW_IPS says, and puts the client in the
    peer's place; then nobody can tell any more whether it was a listed proxy that named the person.
    """
    for middleware in _live(ProxyHeadersMiddleware):
        middleware.trusted_hosts = type(middleware.trusted_hosts)([])


def refuse_open_bind(host: str, settings: Settings, *, encrypted: bool) -> None:
    """Raise ConfigError when `host`, an address that is listened on, may not be reached from other machines.

    Without sign-in none may; with it, those that are encrypted here or by a declared proxy.
    """
    if is_loopback(host):
        return
    where = "every network interface" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    if settings.sign_in == "local":
        raise ConfigError(
            f"It was asked to listen on {where}, but sign-in is off (GEARBOX_SIGN_IN=local): "
            "anyone who reaches it would be its owner.",
            "Set server.address to 127.0.0.1 (in .streamlit/config.toml, by --server.address or "
            "STREAMLIT_SERVER_ADDRESS; with uvicorn, --host 127.0.0.1). To use it from another machine, tunnel: "
            "ssh -L 8501:localhost:8501 HOST. For several people, see docs/guide/deploying.md.",
        )
    if not (encrypted or settings.tls_proxy):
        raise ConfigError(
            f"It was asked to listen on {where} without TLS: passwords, keys and conversations would cross the network "
            "for anyone to read.",
            "Give it a certificate (server.sslCertFile and server.sslKeyFile; with uvicorn, --ssl-certfile and "
            "--ssl-keyfile), or let a proxy end TLS and say so: GEARBOX_TLS_PROXY=true with its address in "
            "GEARBOX_PROXY_ADDRESSES. See docs/guide/deploying.md.",
        )


def _addresses(host: str) -> list[str]:
    """What a host that is to be bound stands for; nothing where it can't be told, which the server will say itself."""
    if not host or is_loopback(host):
        return [host]
    try:
        return [str(found[4][0]) for found in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)]
    except OSError:
        return []


def _callable_at(host: str) -> str:
    """An address at which this machine reaches a socket that is bound to `host`."""
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104  # compared, not bound
    return f"[{name}]" if ":" in name else name


def _live(kind: type[T]) -> Iterator[T]:
    # Trap: gc.get_objects() also holds tuples that other threads are just filling. CPython can't cut such a tuple to
    # its size then, and the thread dies of a SystemError: once in some starts it was the one that warms the app.
    # Objects refer to their classes, so who refers to these are the instances, and little else.
    kinds: list[type] = [kind]
    for each in kinds:
        kinds += type.__subclasses__(each)
    # type(), not isinstance(): a lazy proxy asked for its __class__ would be imported.
    return (thing for thing in gc.get_referrers(*kinds) if issubclass(type(thing), kind))


def _listening_sockets() -> list[socket.socket]:
    found = []
    for thing in _live(socket.socket):
        try:
            accepts = thing.fileno() >= 0 and thing.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError:
            continue  # closed between the two calls
        if accepts and not isinstance(thing, InnerListener) and thing.family in {socket.AF_INET, socket.AF_INET6}:
            found.append(thing)
    return found
