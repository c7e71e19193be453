"""What the operator lets be called: the rules of the guard of outgoing calls, without the ways to call. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import ip_network
from typing import Any

from core.providers.reserved import Address, Network, Reserved, reserved


class AddressRules:
    """Thread-safe. See `AddressGuard` for the arguments."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        private: bool = False,
        hosts: Iterable[str] = (),
        networks: Sequence[Network] = (),
    ) -> None:
        self._kinds = {Reserved.LOOPBACK} if loopback else set()
        self._kinds |= {Reserved.PRIVATE} if private else set()
        self._hosts = {host.lower().rstrip(".") for host in hosts}
        self._networks = tuple(networks)

    def told(self) -> dict[str, Any]:
        """The rules as JSON takes them, for another process."""
        return {
            "loopback": Reserved.LOOPBACK in self._kinds,
            "private": Reserved.PRIVATE in self._kinds,
            "hosts": sorted(self._hosts),
            "networks": [str(network) for network in self._networks],
        }

    @classmethod
    def as_told(cls, told: Mapping[str, Any]) -> AddressRules:
        """The rules that `told` came from."""
        return cls(**{**told, "networks": [ip_network(network) for network in told["networks"]]})

    def allow(self, host_and_port: str) -> None:
        """Let one more place be called."""
        self._hosts = self._hosts | {host_and_port.lower()}

    def problem(self, host: str, port: int, address: Address) -> Reserved | None:
        """What forbids calling `address`, to which `host` leads; None when nothing does."""
        kind = reserved(address)
        if kind is None or kind in self._kinds:
            return None
        name = host.lower().rstrip(".")
        if {name, f"{name}:{port}", f"[{name}]:{port}"} & self._hosts:
            return None
        for network in self._networks:
            # A network that merely has a metadata service in it (CGNAT's has Alibaba's) was not meant to open that.
            meant = kind is not Reserved.METADATA or network.num_addresses == 1
            if meant and network.version == address.version and address in network:
                return None
        return kind
