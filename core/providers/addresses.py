"""Base URLs: cleaning what people paste, and the origin that a key is bound to.

Parsed with httpx, like the requests themselves: two parsers that disagree about a host would send a key astray.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import TYPE_CHECKING

from core.errors import GearboxError

if TYPE_CHECKING:
    import httpx

_SUFFIXES = ("/chat/completions", "/completions", "/models", "/responses", "/embeddings")
_MAX_CHARS = 500
_LAST_PORT = 65_535
_CACHED = 512  # asked for at every call; parsing an address takes longer than opening a key


def clean_base_url(text: str, plain_http_hosts: tuple[str, ...] = ()) -> str:
    """The base URL that a person meant: without spaces around it, a final slash or an operation's path.

    Args:
        plain_http_hosts: hosts beyond this machine that may be called unencrypted, in lower case.

    Raises:
        GearboxError: it is no http(s) address, carries a password or a query, or is unencrypted beyond this machine.
    """
    address = text.strip()
    url = _parsed(address)
    if url.userinfo or url.query or url.fragment or "?" in address or "#" in address:
        raise GearboxError(
            "A base URL ends before any password, query or fragment.", "Enter only something like https://host/v1."
        )
    _require_encrypted(url, plain_http_hosts)
    path = url.path.rstrip("/")
    for suffix in _SUFFIXES:
        path = path.removesuffix(suffix)
    return f"{_origin(url)}{path.rstrip('/')}"


@lru_cache(maxsize=_CACHED)
def require_encrypted(base_url: str, plain_http_hosts: tuple[str, ...]) -> None:
    """Go on only where nobody on the way can listen: https://, this machine, or a host that an admin allows.

    Raises:
        GearboxError: an http:// address of another host, or no address at all.
    """
    _require_encrypted(_parsed(base_url), plain_http_hosts)


@lru_cache(maxsize=_CACHED)
def origin_of(base_url: str) -> str:
    """scheme://host[:port] in lower case, the port left out where it is the scheme's own.

    Raises:
        GearboxError: this is no http(s) address.
    """
    return _origin(_parsed(base_url))


def is_loopback(base_url: str) -> bool:
    """Whether the host is this machine, by name or by address; names are not looked up."""
    host = _parsed(base_url).host
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def port_of(base_url: str) -> int:
    """The TCP port, the scheme's own where none is written."""
    url = _parsed(base_url)
    return url.port or (443 if url.scheme == "https" else 80)


def _require_encrypted(url: httpx.URL, plain_http_hosts: tuple[str, ...]) -> None:
    host = url.raw_host.decode("ascii").lower()
    if url.scheme == "https" or is_loopback(str(url)) or host in plain_http_hosts:
        return
    raise GearboxError(
        f"{url.host} would get keys and prompts unencrypted.",
        "Use its https:// address. Over http:// only servers on this machine may be called, and hosts that an admin "
        "allows with GEARBOX_PLAIN_HTTP_HOSTS.",
    )


def _parsed(address: str) -> httpx.URL:
    plain = address.isascii() and address.isprintable() and len(address) <= _MAX_CHARS
    if not plain or " " in address or "\\" in address:
        raise GearboxError("That is not a web address.", "Enter something like https://host/v1.")
    import httpx  # 0.4 s, which commands that read no address need not wait for

    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise GearboxError("That is not a web address.", "Enter something like https://host/v1.") from None
    if url.port is not None and not 0 < url.port <= _LAST_PORT:
        raise GearboxError(f"A web address has no port {url.port}.", f"Enter one of 1 to {_LAST_PORT}.")
    if url.scheme not in ("http", "https") or not url.host:
        raise GearboxError("A base URL begins with https:// or http://.", "Enter something like https://host/v1.")
    return url


def _origin(url: httpx.URL) -> str:
    host = url.raw_host.decode("ascii").lower()  # httpx leaves an IPv6 address as it was written
    if ":" in host:
        host = f"[{host}]"
    # httpx drops the default port only where the scheme was written in lower case.
    written = url.port not in (None, 443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{host}" + (f":{url.port}" if written else "")
