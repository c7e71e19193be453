"""Base URLs: cleaning what people paste, and the origin that a key is bound to.

Parsed with httpx, like the requests themselves: two parsers that disagree about a host would send a key astray.
"""

from __future__ import annotations

import ipaddress

import httpx

from core.errors import GearboxError

_SUFFIXES = ("/chat/completions", "/completions", "/models", "/responses", "/embeddings")
_MAX_CHARS = 500


def clean_base_url(text: str) -> str:
    """The base URL that a person meant: without spaces around it, a final slash or an operation's path.

    Raises:
        GearboxError: it is no http(s) address, carries a password or a query, or is unencrypted beyond this machine.
    """
    address = text.strip()
    url = _parsed(address)
    if url.userinfo or url.query or url.fragment or "?" in address or "#" in address:
        raise GearboxError(
            "A base URL ends before any password, query or fragment.", "Enter only something like https://host/v1."
        )
    if url.scheme == "http" and not is_loopback(address):
        raise GearboxError(
            f"{url.host} would get keys and prompts unencrypted.",
            "Use its https:// address. Only servers on this machine may be called over http://.",
        )
    path = url.path.rstrip("/")
    for suffix in _SUFFIXES:
        path = path.removesuffix(suffix)
    return f"{_origin(url)}{path.rstrip('/')}"


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


def _parsed(address: str) -> httpx.URL:
    plain = address.isascii() and address.isprintable() and len(address) <= _MAX_CHARS
    if not plain or " " in address or "\\" in address:
        raise GearboxError("That is not a web address.", "Enter something like https://host/v1.")
    try:
        url = httpx.URL(address)
    except httpx.InvalidURL:
        raise GearboxError("That is not a web address.", "Enter something like https://host/v1.") from None
    if url.scheme not in ("http", "https") or not url.host:
        raise GearboxError("A base URL begins with https:// or http://.", "Enter something like https://host/v1.")
    return url


def _origin(url: httpx.URL) -> str:
    host = url.raw_host.decode("ascii")
    if ":" in host:
        host = f"[{host}]"
    # httpx drops the default port only where the scheme was written in lower case.
    written = url.port not in (None, 443 if url.scheme == "https" else 80)
    return f"{url.scheme}://{host}" + (f":{url.port}" if written else "")
