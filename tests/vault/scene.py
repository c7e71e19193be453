"""A vault with keys that have a past, for somebody who may write its tables: they edit rows, and try to open keys."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, insert, select

from core.config import Settings
from core.errors import NotFound, VaultError
from core.vault import Vault
from core.vault.rotation import KekRotator
from core.vault.verification import verify_vault
from data.store import Store
from data.store.engine import make_engine
from data.store.tables import secret_versions, secrets
from data.values.actor import Actor, Role
from data.values.calls import KeyOwner
from tests.people import receipt
from tests.vault.conftest import Clock, no_keyring
from tests.vault.test_user_seals import BOB_THERE, HERE, OTHER, PASSPHRASE, seals_of

Row = Mapping[str, Any]
State = tuple[Row, Mapping[int, Row]]
"""The row of a secret, empty where there is none, and its versions by their number."""
ADMIN = Actor("root", frozenset({Role.ADMIN}))
PEOPLE = (replace(HERE, team_ids=("crew",)), BOB_THERE)
ORIGINS = ("https://api.openai.com", "https://api.mistral.ai", "https://evil.example")


@dataclass(frozen=True)
class Rows:
    """Both tables at one moment: secrets by id, versions by id and number."""

    secrets: Mapping[str, Row]
    versions: Mapping[tuple[str, int], Row]

    def of(self, secret_id: str) -> State:
        """All that there is of one secret."""
        theirs = {version: row for (owner, version), row in self.versions.items() if owner == secret_id}
        return self.secrets.get(secret_id, {}), theirs

    def origins(self, secret_id: str) -> set[str]:
        """Where its versions say that they belong to."""
        return {row["origin"] for row in self.of(secret_id)[1].values()}


@dataclass
class Scene:
    """What is there, what was there, and how to change and open it. See `history`."""

    store: Store
    vault: Vault
    clock: Clock
    url: str
    sound: Rows = field(init=False)
    past: dict[str, list[State]] = field(default_factory=dict)
    """What each secret was before its changes, as far as it differs from what it is now."""
    keys: dict[str, str] = field(default_factory=dict)
    """The plaintext that opens, by the id of the secret; removed ones are not here."""
    seals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._engine = make_engine(self.url)

    def close(self) -> None:
        self._engine.dispose()

    def keep_past(self) -> None:
        """Copy the rows, to be put back one day."""
        rows = self.rows()
        for secret_id in rows.secrets:
            states = self.past.setdefault(secret_id, [])
            if rows.of(secret_id) not in states:
                states.append(rows.of(secret_id))

    def rows(self) -> Rows:
        with self._engine.begin() as connection:
            owners = [dict(row._mapping) for row in connection.execute(select(secrets))]
            versions = [dict(row._mapping) for row in connection.execute(select(secret_versions))]
        return Rows({row["id"]: row for row in owners}, {(row["secret_id"], row["version"]): row for row in versions})

    def put(self, rows: Rows) -> None:
        """Make the tables so, past Gearbox and its cache: as a process finds them that starts now."""
        with self._engine.begin() as connection:
            connection.execute(delete(secrets))  # their versions with them
            connection.execute(insert(secrets), [*rows.secrets.values()])
            connection.execute(insert(secret_versions), [*rows.versions.values()])
        for secret_id in {*rows.secrets, *self.sound.secrets}:
            self.vault._proofs.forget(secret_id)

    def opened(self, asked: Mapping[str, Iterable[str]]) -> dict[str, set[str]]:
        """What comes out of each of these secrets, for anybody and these origins. All at once: they share fsyncs."""
        calls = [(key, actor, origin) for key, origins in asked.items() for actor in PEOPLE for origin in origins]
        with ThreadPoolExecutor(8) as pool:
            found = [*pool.map(lambda call: self._opened(*call), calls)]
        came_out: dict[str, set[str]] = {secret_id: set() for secret_id in asked}
        for (secret_id, _, _), key in zip(calls, found, strict=True):
            came_out[secret_id] |= key
        for secret_id in asked.keys() & set(self.seals):
            with suppress(VaultError, NotFound):
                came_out[secret_id].add(self.vault.open_system(secret_id).hex())
        return came_out

    def _opened(self, secret_id: str, actor: Actor, origin: str) -> set[str]:
        """Empty where it is refused as it should be; any other error goes on."""
        try:
            return {self.vault.open_key(secret_id, origin=origin, actor=actor, receipt=receipt(secret_id))}
        except (VaultError, NotFound):
            return set()

    def named(self) -> set[str]:
        """The secrets that `core vault verify` names."""
        return {finding.secret_id for finding in verify_vault(self.store, self.vault.ring).findings}

    def all_open(self) -> bool:
        """Whether every key opens, as itself, where nothing was touched."""
        asked = {secret_id: self.sound.origins(secret_id) for secret_id in self.keys}
        return not self.named() and self.opened(asked) == {secret_id: {key} for secret_id, key in self.keys.items()}


def history(store: Store, settings: Settings, clock: Clock) -> Scene:
    """Keys of people, a team and the organisation, user-sealed ones and the seals themselves, each changed often."""
    vault = Vault.open_or_create(store, settings, clock, no_keyring)
    KekRotator(store, vault.ring, clock).run(ADMIN)  # so that there are two KEKs
    scene = Scene(store, vault, clock, settings.store_url)
    seals = seals_of(store, vault)
    for actor in (HERE, BOB_THERE):
        seals.create(actor, PASSPHRASE)
        scene.keep_past()
    owners = [
        (HERE, KeyOwner.USER, "alice", True),
        (BOB_THERE, KeyOwner.USER, "bob", True),
        (HERE, KeyOwner.USER, "alice", False),
        (HERE, KeyOwner.USER, "alice", False),
        (BOB_THERE, KeyOwner.USER, "bob", False),
        (ADMIN, KeyOwner.TEAM, "crew", False),
        (ADMIN, KeyOwner.ORGANISATION, "", False),
    ]
    for number, (actor, kind, owner_id, sealed) in enumerate(owners):
        _grow(scene, actor, kind, owner_id, f"sk-{kind}-{number}", sealed=sealed)
    seals.change(HERE, PASSPHRASE, OTHER)
    for sealed in (True, False):
        gone = _grow(scene, HERE, KeyOwner.USER, "alice", "sk-removed", sealed=sealed)
        vault.remove(HERE, gone)
        del scene.keys[gone]
    scene.seals = [row["id"] for row in scene.rows().secrets.values() if row["owner_kind"] == KeyOwner.SYSTEM]
    scene.keys |= {secret_id: vault.open_system(secret_id).hex() for secret_id in scene.seals}
    scene.sound = scene.rows()
    for secret_id, states in scene.past.items():
        scene.past[secret_id] = [state for state in states if state != scene.sound.of(secret_id)]
    scene.past = {secret_id: states for secret_id, states in scene.past.items() if states}
    return scene


def _grow(scene: Scene, actor: Actor, kind: KeyOwner, owner_id: str, key: str, *, sealed: bool) -> str:
    """A key that was rotated, given dates, revoked, and has a version in its grace; each state of it is kept."""
    vault, clock = scene.vault, scene.clock
    last = clock() + timedelta(days=400)
    card = vault.put(
        actor,
        kind,
        owner_id,
        provider="openai" if len(scene.keys) % 2 else "mistral",
        origin=ORIGINS[len(scene.keys) % 2],
        plaintext=f"{key}-first-0001",
        user_seal=vault.unlocked.get(actor) if sealed else None,
    )
    secret_id = card.binding.secret_id
    changes: list[Callable[[], object]] = [
        lambda: vault.set_expiry(actor, secret_id, last),
        lambda: vault.rotate(actor, secret_id, f"{key}-second-0002", grace=timedelta(days=20)),
        lambda: vault.revoke(actor, secret_id, 1),
        lambda: vault.rotate(actor, secret_id, f"{key}-third-0003", grace=timedelta(days=20), expires_at=last),
        lambda: vault.set_expiry(actor, secret_id, last + timedelta(days=1)),
    ]
    for change in changes:
        scene.keep_past()
        clock.forward(timedelta(minutes=1))
        change()
    scene.keep_past()
    scene.keys[secret_id] = f"{key}-third-0003"
    return secret_id
