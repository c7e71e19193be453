"""A deployment in which something happened, and the evidence that it gives of itself."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from core.access.arrival import Arrival
from core.access.gate import build_access, build_gate
from core.access.policy import Permission
from core.config import Settings
from core.evidence.service import Evidence, EvidenceService
from core.vault.rotation import KekRotator
from core.vault.user_seals import UserSeals
from data.values.actor import Actor, Role, Surface
from data.values.audit import Action, AuditEvent, AuditOutcome
from data.values.audit_search import AuditFilter
from data.values.calls import KeyOwner
from data.values.people import Session
from tests.audit.log import Log
from tests.people import CHEAP
from tests.vault.conftest import Clock

OPERATOR = Actor("operator", frozenset(Role), Surface.CLI)
KEY, NEXT_KEY, TEAM_KEY, SEALED_KEY = (f"sk-canary-{name}-0123456789abcdef" for name in ("own", "next", "team", "seal"))
PASSPHRASE = "canary passphrase of a person"
SETTINGS: dict[str, Any] = {
    "oidc_client_secret": "canary-oidc-client-secret",
    "cookie_secret": "canary-cookie-secret-0123456789012345",
    "transit_token": "canary-transit-token",
    "audit_sink_token": "canary-sink-token",
    "audit_syslog": "",
    "transit_url": "https://user:canary-password@vault.example.org:8200/?token=canary-query",
    "local_endpoints": {"ollama": "http://someone:canary-password@127.0.0.1:11434/v1"},
}


@dataclass
class Unpacked:
    """An export as an auditor has it before them."""

    evidence: Evidence
    files: dict[str, bytes]

    def json(self, path: str) -> Any:
        return json.loads(self.files[path])

    def rows(self, table: str) -> list[dict[str, Any]]:
        """The table's rows; both its files say the same."""
        rows: list[dict[str, Any]] = self.json(f"{table}.json")
        told = list(csv.DictReader(io.StringIO(self.files[f"{table}.csv"].decode())))
        assert len(told) == len(rows)
        for one, other in zip(told, rows, strict=True):
            assert list(one) == list(other)
            for name, value in other.items():
                if isinstance(value, str):
                    assert one[name].removeprefix("'") == value
        return rows


@dataclass
class House:
    """See above; `secrets` are what must never be told."""

    settings: Settings
    clock: Clock
    secrets: list[str] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.log = Log(self.settings, self.clock)
        self.store = self.log.store
        self.access = build_access(self.settings, self.store, self.clock)
        self.gate = build_gate(
            self.settings, self.store, self.access, remove_keys=self.log.vault.remove_all, clock=self.clock
        )
        self.service = EvidenceService(
            self.access, self.store, self.log.ring, self.log.trail, settings=self.settings, clock=self.clock
        )

    def live(self) -> None:
        """Something of everything that evidence tells of."""
        self.store.users.ensure("alice", "alice")
        self.store.users.ensure("bob", "=HYPERLINK(bob)")
        people = self.gate.people
        people.set_roles(OPERATOR, "alice", {Role.MEMBER, Role.ANALYST})
        people.deactivate(OPERATOR, "bob")
        team = self.gate.teams.create(OPERATOR, "Research")
        self.gate.teams.add(OPERATOR, team.id, "alice")
        held = self.gate.sign_in.begin(Arrival(address="127.0.0.1", user_agent="Browser 1")).held
        token, plain = self.gate.tokens.create(
            OPERATOR, "nightly", (Permission.SEE_ALL_USAGE,), self.clock() + timedelta(days=9), person_id="alice"
        )
        self.gate.tokens.create(OPERATOR, KEY, person_id="alice")  # pasted into the wrong field
        self.ids |= {"team": team.id, "token": token.id}
        self.secrets += [held, plain, plain.removeprefix("gbx_")]
        self._keys(team.id)
        changed = AuditEvent.by(
            OPERATOR, Action.SETTINGS_CHANGE, AuditOutcome.DONE, target="person:alice", what="model"
        )
        self.store.audit.record(changed)

    def _keys(self, team_id: str) -> None:
        vault = self.log.vault
        alice = Actor("alice", frozenset({Role.MEMBER}), team_ids=(team_id,), session_id="session of alice")
        now, later = self.clock(), self.clock() + timedelta(days=99)
        self.store.sessions.begin(Session(alice.session_id, "alice", "local", now, now, later))
        nobody: dict[str, Any] = dict.fromkeys(("guard", "on_failure", "on_success"), lambda _actor: None)
        UserSeals(self.access, self.store, vault, cost=CHEAP, **nobody).create(alice, PASSPHRASE)
        kinds: dict[str, Any] = {"provider": "openai", "origin": "https://api.openai.com"}
        until = self.clock() + timedelta(days=40)
        own = vault.put(alice, KeyOwner.USER, "alice", plaintext=KEY, expires_at=until, **kinds)
        team = vault.put(OPERATOR, KeyOwner.TEAM, team_id, plaintext=TEAM_KEY, **kinds)
        seal = vault.unlocked.get(alice)
        assert seal is not None
        sealed = vault.put(alice, KeyOwner.USER, "alice", plaintext=SEALED_KEY, user_seal=seal, **kinds)
        self.clock.forward(timedelta(days=5))
        vault.rotate(alice, own.binding.secret_id, NEXT_KEY, grace=timedelta(days=2))
        keys = {"own": own, "team key": team, "sealed": sealed}
        self.ids |= {name: card.binding.secret_id for name, card in keys.items()}
        self.secrets += [KEY, NEXT_KEY, TEAM_KEY, SEALED_KEY, PASSPHRASE, seal.material.hex()]
        rotator = KekRotator(self.store, self.log.ring, self.clock, sleep=lambda _seconds: None)
        rotator.start(OPERATOR)
        rotator.run(OPERATOR)
        self.secrets += [self.log.ring.get(number).material.hex() for number in (1, 2)]

    def export(self, actor: Actor = OPERATOR, **period: Any) -> Unpacked:
        file = io.BytesIO()
        evidence = self.service.write(actor, file, **period)
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            return Unpacked(evidence, {info.filename: archive.read(info) for info in archive.infolist()})

    def told(self, action: Action) -> list[tuple[str, str]]:
        """Actor and outcome of each such event, the oldest first."""
        page = self.store.audit.search(AuditFilter(actions=(action,)), None, 1000)
        return [(entry.record.actor_id, entry.record.outcome) for entry in reversed(page.entries)]

    def kek_files(self) -> list[bytes]:
        return [path.read_bytes() for path in sorted(Path(self.settings.home).glob("*.kek"))]
