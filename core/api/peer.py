"""Who is at the other end of a connection: the person's own address, or a proxy that speaks for them.

Forwarded headers are believed from `GEARBOX_PROXY_ADDRESSES` only; anybody can send them.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.types import Scope

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
LOOPBACK: tuple[Network, ...] = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))


@dataclass(frozen=True, slots=True)
class Peer:
    """Where a request came from.

    Args:
        address: the client's, as the nearest listed proxy saw it; what was sent where that is no address.
        scheme: `http` or `https`, on the client's side.
        is_proxy: whether the connection itself is from a listed proxy's address.
        forwarded: whether that proxy says that it forwards.
    """

    address: str
    scheme: str
    is_proxy: bool = False
    forwarded: bool = False


def is_loopback(host: str) -> bool:
    """Whether an address or host name means this machine. Names other than `localhost` do not."""
    name = host.strip("[]").rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    address = _address(name)
    return address is not None and address.is_loopback


def within(host: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks."""
    address = _address(host)
    return address is not None and any(address in network for network in networks)


def peer_of(scope: Scope, proxies: Iterable[Network], *, tls_proxy: bool = False) -> Peer:
    """The client of an HTTP request or websocket.

    Each proxy appends to X-Forwarded-For what it sees, so the last entry that is no listed proxy is the client.

    Args:
        proxies: who may speak for others.
        tls_proxy: whether they end TLS, so that a request they bring came encrypted unless they say otherwise.
    """
    client = scope.get("client")
    address = client[0] if client else ""
    scheme = "https" if scope["scheme"] in {"https", "wss"} else "http"
    if not within(address, proxies):
        return Peer(address, scheme)
    headers = Headers(scope=scope)
    said = str(headers.get("x-forwarded-proto", "")).rpartition(",")[2].strip().lower()
    lines = headers.getlist("x-forwarded-for")
    hops = [_without_port(hop.strip()) for line in lines for hop in line.split(",") if hop.strip()]
    outside = next((hop for hop in reversed(hops) if not within(hop, proxies)), hops[0] if hops else address)
    if said not in {"http", "https"}:
        said = "https" if tls_proxy else scheme
    return Peer(outside, said, is_proxy=True, forwarded=bool(hops) or "x-forwarded-proto" in headers)


def _address(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop
