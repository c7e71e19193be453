"""The guard of outgoing calls: a user-given URL reaches the public internet and what the operator allows, nothing else.

A name is resolved once, every answer is judged, and the connection goes to the very address that was judged, so that a
name server that answers differently the second time (rebinding) changes nothing. TLS still checks the name.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx

from core.config import Settings
from core.errors import GearboxError
from core.providers.address_rules import AddressRules
from core.providers.http1_transport import HEAD_START_SECONDS, Http1Transport
from core.providers.reserved import Address, Network, Reserved

ASK_AN_ADMIN = "Only an admin can allow that: with GEARBOX_INNER_HOSTS or GEARBOX_INNER_NETWORKS."

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


class _NotAllowed(httpcore.ConnectError):
    """The guard forbids it. httpx makes a `ConnectError` of it, and keeps this one as its cause."""


def is_forbidden(error: httpx.ConnectError) -> bool:
    """Whether it was the guard that kept a connection from being made; the error's words then say where it leads."""
    return isinstance(error.__cause__, _NotAllowed)


class AddressGuard:
    """Says which addresses may be called. Thread-safe.

    Args:
        loopback, private: whether this machine, and private networks, may be called by anybody's URL.
        hosts: names and addresses, each perhaps with a port, that may be called wherever they lead.
        networks: whose addresses may be called; a metadata service only where it is named by itself.
        resolve: numeric addresses of a host and port; the system's resolver unless a test gives another.
    """

    def __init__(
        self,
        *,
        loopback: bool = False,
        private: bool = False,
        hosts: Iterable[str] = (),
        networks: Sequence[Network] = (),
        resolve: Resolve | None = None,
    ) -> None:
        self.rules = AddressRules(loopback=loopback, private=private, hosts=hosts, networks=networks)
        self.resolve = resolve or _system_resolve

    @classmethod
    def of(cls, settings: Settings) -> AddressGuard:
        """The guard that the operator's settings ask for. In `local` mode the owner is the operator."""
        is_own = settings.sign_in == "local"
        local = (urlsplit(address).netloc for address in settings.local_endpoints.values())
        return cls(
            loopback=is_own,
            private=is_own,
            hosts=(*settings.inner_hosts, *settings.plain_http_hosts, *local),
            networks=settings.inner_networks,
        )

    def allow(self, host_and_port: str) -> None:
        """Let one more place be called: a server of Gearbox's own."""
        self.rules.allow(host_and_port)

    def check_url(self, base_url: str) -> None:
        """Refuse a URL whose host is written as an address that may not be called. Names are judged at each connect.

        Raises:
            GearboxError: says where it leads, and what an admin can do.
        """
        url = httpx.URL(base_url)
        host, port = (
            url.raw_host.decode("ascii").strip("[]").rstrip("."),
            url.port or (443 if url.scheme == "https" else 80),
        )
        if host == "localhost" or host.endswith(".localhost"):
            self._refuse(host, port, [ip_address("127.0.0.1")])
        elif literal := _literal(host):
            self._refuse(host, port, [literal])

    def _refuse(self, host: str, port: int, addresses: Iterable[Address]) -> None:
        for address in addresses:
            if problem := self.problem(host, port, address):
                raise GearboxError(f"{host} leads to {problem}.", ASK_AN_ADMIN)

    def problem(self, host: str, port: int, address: Address) -> Reserved | None:
        """What forbids calling `address`, to which `host` leads; None when nothing does."""
        return self.rules.problem(host, port, address)

    async def judged(self, host: str, port: int, within: float | None) -> Sequence[str]:
        """The numeric addresses to which a host leads, where all of them may be called. Not empty.

        Raises:
            httpcore.ConnectTimeout: they were not found within so many seconds.
            httpcore.ConnectError: there are none, or one of them may not be called.
        """
        name = host.strip("[]")
        literal = _literal(name)
        try:
            async with asyncio.timeout(within):
                found = [str(literal)] if literal else await self.resolve(name, port)
        except TimeoutError:
            raise httpcore.ConnectTimeout(f"{name} was not found in time") from None
        except OSError as error:
            raise httpcore.ConnectError(f"{name} is not known ({error.strerror or type(error).__name__})") from error
        # One forbidden answer forbids all: else a name with two would get in half of the time.
        for address in found:
            if problem := self.problem(name, port, ip_address(address.partition("%")[0])):
                raise _NotAllowed(f"{name} leads to {problem}, which may not be called")
        if not found:
            raise httpcore.ConnectError(f"{name} has no address")
        return found

    def lean_transport(self, verify: ssl.SSLContext | None = None) -> Http1Transport:
        """A transport for calls to providers, whose first token somebody waits for."""
        return Http1Transport(self.judged, verify or httpx.create_ssl_context(trust_env=False))

    def transport(self, **options: Any) -> httpx.AsyncHTTPTransport:
        """A transport of httpx whose connections are judged; `options` are its own."""
        transport = httpx.AsyncHTTPTransport(trust_env=False, **options)
        # httpx has no argument for it; tests/gateway/test_guard.py fails where this stops to work.
        transport._pool._network_backend = _Judging(self, transport._pool._network_backend)
        return transport


class _Judging(httpcore.AsyncNetworkBackend):
    """Connects to what the guard lets pass, by the address that it judged."""

    def __init__(self, guard: AddressGuard, inner: httpcore.AsyncNetworkBackend) -> None:
        self._guard = guard
        self._inner = inner

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        found = await self._guard.judged(host, port, timeout)
        attempts = [
            partial(self._inner.connect_tcp, address, port, timeout, local_address, socket_options) for address in found
        ]
        raced = await staggered_race(attempts, delay=HEAD_START_SECONDS)
        stream: httpcore.AsyncNetworkStream | None = raced[0]
        errors = raced[2]
        if stream is not None:
            return stream
        raise next(error for error in errors if error)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def _literal(host: str) -> Address | None:
    """The address that a host is written as, in any spelling that a resolver takes: 127.1, 0x7f000001, 017700000001."""
    bare = host.partition("%")[0]
    try:
        return ip_address(bare)
    except ValueError:
        pass
    try:
        return ip_address(socket.inet_aton(bare.rstrip(".")))
    except (OSError, UnicodeEncodeError):
        return None


async def _system_resolve(host: str, port: int) -> Sequence[str]:
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))
