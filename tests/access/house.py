"""What guards Gearbox, on a database of the test's, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from core.access.arrival import IDENTITY_COOKIE, SESSION_COOKIE, Arrival
from core.access.gate import Gate, build_access, build_gate
from core.config import Settings
from data.store import Store
from data.values.actor import Actor, Role, Surface
from data.values.audit_search import AuditFilter
from data.values.calls import KeyOwner

ADMIN = Actor("operator", frozenset(Role), Surface.CLI)
HERE, THERE = "127.0.0.1", "203.0.113.9"
ISSUER = "https://login.example.org"


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def elapsed(self) -> float:
        return self.now.timestamp()

    def forward(self, **passed: float) -> None:
        self.now += timedelta(**passed)


@dataclass
class House:
    """See above; `removed` are the owners whose keys were removed."""

    store: Store
    gate: Gate
    clock: Clock
    removed: list[tuple[str, str]] = field(default_factory=list)

    def begin(self, address: str = HERE, **headers: str) -> Arrival:
        """A browser that is signed in, as its next request arrives."""
        first = Arrival(headers={name.replace("_", "-"): value for name, value in headers.items()}, address=address)
        held = self.gate.sign_in.begin(first).held
        return Arrival(cookies={SESSION_COOKIE: held}, headers=first.headers, address=address)

    def with_claims(self, subject: str, *, cookie: str = "", **claims: Any) -> Arrival:
        """A run of a page, of somebody whom Streamlit let in."""
        known = {"iss": ISSUER, "sub": subject, "iat": self.clock().timestamp(), "name": subject.title()}
        return Arrival(
            cookies={IDENTITY_COOKIE: cookie or f"cookie of {subject}"}, address=THERE, claims=known | claims
        )

    def person(self, subject: str, *roles: Role, **claims: Any) -> Actor:
        """Somebody who is signed in (mode `oidc`), with these roles."""
        arrival = self.with_claims(subject, **claims)
        actor = self.gate.sign_in.admit(arrival)
        if roles:
            self.gate.people.set_roles(ADMIN, actor.user_id, roles)
        return self.gate.sign_in.admit(arrival)

    def told(self) -> list[tuple[str, str, str]]:
        """Actor, action and outcome of every event, the oldest first."""
        found = [entry.record for entry in self.store.audit.search(AuditFilter(), None, 1000).entries]
        found.sort(key=lambda record: record.seq)  # one process, one chain
        return [(each.actor_id, each.action, each.outcome) for each in found]


def build_house(store: Store, clock: Clock, home: Path, **settings: Any) -> House:
    """A house with these settings of the operator's."""
    known = Settings(home=home, database_url="", **settings)
    access = build_access(known, store, clock, clock.elapsed)
    removed: list[tuple[str, str]] = []

    def remove_keys(_actor: Actor, owner: KeyOwner, owner_id: str) -> int:
        removed.append((owner.value, owner_id))
        return 2

    gate = build_gate(
        known,
        store,
        access,
        remove_keys=remove_keys,
        clock=clock,
        elapsed=clock.elapsed,
    )
    return House(store, gate, clock, removed)
