"""Keys that were used from networks that nobody came from before."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address

from sqlalchemy import Connection, select

from data.store.database import Database
from data.store.tables import audit_events, origins
from data.values.audit import Action, AuditOutcome

_MOST = 5_000
_e = audit_events.c


@dataclass(frozen=True, slots=True)
class NewPlaces:
    """A key, and from how many new networks it was used."""

    secret_id: str
    networks: int


class Places:
    """Reads only."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def new(self, since: datetime) -> Sequence[NewPlaces]:
        """Keys in use before, that were used since then from a network whose addresses all were first seen since then.

        A network is a /24 of IPv4 and a /48 of IPv6: the same phone has another address every day.
        """
        with self._database.read() as connection:
            new = _new_networks(connection, since)
            if not new:  # almost always
                return []
            used = connection.execute(
                select(_e.target, _e.body)
                .where(_e.action == Action.KEY_USE.value, _e.outcome == AuditOutcome.INTENT.value, _e.at >= since)
                .order_by(_e.at.desc())
                .limit(_MOST)
            )
            found: dict[str, set[str]] = {}
            for target, body in used:
                if network := new.get(_origin(body)):
                    found.setdefault(target, set()).add(network)
            return [
                NewPlaces(target.partition(":")[2], len(networks))
                for target, networks in sorted(found.items())
                if _was_used(connection, target, since)
            ]


def _new_networks(connection: Connection, since: datetime) -> dict[str, str]:
    """The networks nobody came from before, by the ids of the new addresses in them."""
    new = connection.execute(select(origins.c.id, origins.c.address).where(origins.c.first_seen_at >= since))
    networks = {row.id: network for row in new if (network := network_of(row.address))}
    known = {
        network
        for network in set(networks.values())
        if connection.execute(
            select(origins.c.id)
            .where(origins.c.address.startswith(network, autoescape=True), origins.c.first_seen_at < since)
            .limit(1)
        ).first()
    }
    return {origin: network for origin, network in networks.items() if network not in known}


def network_of(address: str) -> str:
    """What the addresses of a network begin with; empty where it is no address. Pure."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.version == 4:
        return address.rpartition(".")[0] + "."
    return ":".join(address.split(":")[:3]) + ":"


def _was_used(connection: Connection, target: str, before: datetime) -> bool:
    earlier = select(_e.seq).where(_e.target == target, _e.action == Action.KEY_USE.value, _e.at < before).limit(1)
    return connection.execute(earlier).first() is not None


def _origin(body: str) -> str:
    try:
        return str(json.loads(body)["origin"])
    except (ValueError, LookupError, TypeError):
        return ""
