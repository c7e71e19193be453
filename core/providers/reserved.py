"""Which addresses a user-given URL may not lead to, and why.

The list is explicit, from IANA's special-purpose registries (RFC 6890 and its updates, as of 2026): Python's
`is_global` says yes to several that lead inside, such as the NAT64 form of 127.0.0.1, and to multicast.
"""

from __future__ import annotations

from enum import StrEnum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


class Reserved(StrEnum):
    """What kind of address it is that nobody's URL may lead to by itself."""

    LOOPBACK = "this machine"
    PRIVATE = "a private network"
    METADATA = "the cloud's metadata service"
    SPECIAL = "a reserved range"


_METADATA: Final = tuple(
    map(
        ip_network,
        (
            "169.254.169.254", "169.254.170.2", "169.254.170.23", "100.100.100.200", "168.63.129.16", "192.0.0.192",
            "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
        ),
    )
)  # fmt: skip
_LOOPBACK: Final = tuple(map(ip_network, ("127.0.0.0/8", "::1/128")))
_PRIVATE: Final = tuple(map(ip_network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")))
_SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            "0.0.0.0/8", "169.254.0.0/16", "192.0.0.0/24", "192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24",
            "192.88.99.0/24", "192.175.48.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",
            "240.0.0.0/4", "::/96", "64:ff9b:1::/48", "100::/64", "100:0:0:1::/64", "2001::/23", "2001:db8::/32",
            "2620:4f:8000::/48", "3fff::/20", "5f00::/16", "fe80::/10", "fec0::/10", "ff00::/8",
        ),
    )
)  # fmt: skip
# Of the local-use prefix, 64:ff9b:1::/48, each network decides where the IPv4 address stands: it is closed as a whole.
_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
# What opens least comes first.
_STRICTEST: Final = (Reserved.METADATA, Reserved.SPECIAL, Reserved.PRIVATE, Reserved.LOOPBACK)
_MAPPED: Final = (IPv6Network("::ffff:0:0/96"), IPv6Network("::ffff:0:0:0/96"), IPv6Network("::/96"))
_6TO4: Final = IPv6Network("2002::/16")
_TEREDO: Final = IPv6Network("2001::/32")
_ISATAP: Final = frozenset({0x00005EFE, 0x02005EFE})


def reserved(address: Address) -> Reserved | None:
    """What speaks against calling `address`, or what it carries: the strictest kind, or None."""
    found = {_kind(each) for each in (address, *_carried(address))}
    return next((kind for kind in _STRICTEST if kind in found), None)


def _kind(address: Address) -> Reserved | None:
    for kind, networks in (
        (Reserved.METADATA, _METADATA),
        (Reserved.LOOPBACK, _LOOPBACK),
        (Reserved.PRIVATE, _PRIVATE),
        (Reserved.SPECIAL, _SPECIAL),
    ):
        if any(address in network for network in networks if network.version == address.version):
            return kind
    return None


def _carried(address: Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address leads to through a translator or a tunnel."""
    if isinstance(address, IPv4Address):
        return ()
    number = int(address)
    low = IPv4Address(number & 0xFFFFFFFF)
    if address in _TEREDO:
        return IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)
    if address in _6TO4:
        return (IPv4Address(number >> 80 & 0xFFFFFFFF),)
    if address in IPv6Network("::/127"):
        return ()  # unspecified and loopback are themselves
    if any(address in network for network in (*_NAT64, *_MAPPED)) or number >> 32 & 0xFFFFFFFF in _ISATAP:
        return (low,)
    return ()
