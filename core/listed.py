"""Lists as people write them in an environment, for settings."""

from __future__ import annotations

import json
import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def _listed(value: Any) -> Any:
    """A list as people write one in an environment: `a, b`, or JSON."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _host(value: str) -> str:
    """A name or an address alone."""
    host = value.lower()
    if not _HOST.fullmatch(host):
        try:
            ip_address(host)
        except ValueError:
            raise ValueError("a host is a name or an address, without scheme, port or wildcard") from None
    return host


Listed = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_listed)]
Networks = Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode, BeforeValidator(_listed)]
Hosts = Annotated[tuple[Annotated[str, AfterValidator(_host)], ...], NoDecode, BeforeValidator(_listed)]
