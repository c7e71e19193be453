"""Everything that can be done with keys, each as a call that succeeds or raises."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType

import core.vault
from core.access.access import Access
from core.access.lockout import Lockout
from core.errors import GearboxError, VaultError
from core.parts import seal_keys
from core.vault.admin import VaultAdmin
from core.vault.rotation import KekRotator
from core.vault.user_seals import UserSeals
from core.vault.verification import verify_in_use
from data.values.audit import Action, AuditEvent, AuditOutcome, secret_target
from data.values.calls import KeyOwner
from data.values.models import Endpoint
from tests.flags.house import flag_house
from tests.keys.house import ADMIN, ALICE, BOB, KEY, OTHER_KEY, Clock, KeyHouse
from tests.people import CHEAP

ORIGIN = "https://api.openai.com"
GRACE = timedelta(days=1)
SOON = timedelta(seconds=2)
"""Later than a busy machine takes to keep a key: one that ends before it is kept is refused."""
TEAMS = ("red", "blue")
PASSPHRASE, OTHER_PASSPHRASE = "correct horse battery", "staple of another horse"
Operations = dict[str, Callable[[], object]]

READS = {
    "VaultAdmin": {"keks", "rotation", "history"},
    "Vault": {"at_hand", "versions"},
    "KeyService": {"shelf", "shared", "warnings", "versions"},
    "UserSeals": {"exists", "is_unlocked"},
    "Discovery": {"watch"},
}
"""Methods that open no key and change none."""
SEALED = {"write_backup", "restore_backup"}
"""Keys stay sealed in a backup; and who mends a log may need one."""
INNER = {"changes", "owners", "refusals", "unlocked", "unsealing", "versions"}
"""The vault's own parts, which its public classes are made of."""
MORE = {"Gateway.stream", "Sweep.run"}
"""What else is done with keys: a call, and what happens to them when their time comes."""


def found_in_code() -> set[str]:
    """Every public function and method about keys that somebody is given to, as `Class.method`."""
    vault = [module.name for module in pkgutil.iter_modules(core.vault.__path__) if module.name not in INNER]
    names = [*(f"core.vault.{name}" for name in vault), "core.keys", "core.providers.check", "core.providers.discovery"]
    found = {name for module in names for name in _of(importlib.import_module(module))}
    reads = {f"{kind}.{name}" for kind, names in READS.items() for name in names}
    return found - reads - SEALED


def _of(module: ModuleType) -> Iterator[str]:
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", "") != module.__name__:
            continue
        if inspect.isfunction(thing) and _is_somebodys(thing):
            yield name
        if inspect.isclass(thing):
            methods = {one: each for one, each in vars(thing).items() if inspect.isfunction(each)}
            yield from (f"{name}.{one}" for one, each in methods.items() if one[0] != "_" and _is_somebodys(each))


def _is_somebodys(function: Callable[..., object]) -> bool:
    return any("Actor" in str(each.annotation) for each in inspect.signature(function).parameters.values())


class Now(Clock):
    """The time of day."""

    def __call__(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True)
class Furniture:
    """Keys to do something with: of the vault, by what is done to them, and connections with theirs."""

    keys: dict[str, str]
    endpoints: dict[str, Endpoint]


def furnish(house: KeyHouse, base_url: str) -> Furniture:
    """Keys for everything, in a database without any; one has expired, and the grace of one is over."""
    vault, keys = house.vault, {}
    for name in ("use", "rotate", "revoke", "fall back", "expiry", "remove", "outlived", "expired"):
        until = house.clock() + SOON if name == "expired" else None
        keys[name] = vault.put(
            ALICE, KeyOwner.USER, ALICE.user_id, provider="openai", origin=ORIGIN, plaintext=KEY, expires_at=until
        ).binding.secret_id
    for team in TEAMS:
        vault.put(ADMIN, KeyOwner.TEAM, team, provider="openai", origin=ORIGIN, plaintext=KEY)
    vault.rotate(ALICE, keys["fall back"], OTHER_KEY, grace=GRACE)
    vault.rotate(ALICE, keys["outlived"], OTHER_KEY, grace=SOON)
    over = time.monotonic() + SOON.total_seconds()
    endpoints = {
        name: house.keys.add_server(ALICE, name, base_url, KEY)
        for name in ("test", "rotate", "revoke", "fall back", "expiry", "remove", "disconnect")
    }
    house.keys.rotate(ALICE, endpoints["fall back"].secret_id or "", OTHER_KEY, grace=GRACE)
    assert house.test(ALICE, endpoints["test"]).ok  # from now on the house can ask
    KekRotator(house.store, house.vault.ring, house.clock).run(ADMIN)  # leaves a KEK that can be destroyed
    for actor in (BOB, ADMIN):
        seals_of(house).create(actor, PASSPHRASE)
    time.sleep(max(0.0, over - time.monotonic()))
    return Furniture(keys, endpoints)


def seals_of(house: KeyHouse) -> UserSeals:
    """Everybody's passphrase seals; who has one in a furnished house, and unlocked: Bob and the admin."""
    lockout = Lockout(house.store, house.clock)
    return seal_keys(
        house.store,
        Access(house.store, house.standings),
        house.vault,
        lockout,
        flags=flag_house(house.store).flags,
        cost=CHEAP,
    )


class KeyOperations:
    """What can be done in a house, in an order in which all of it can."""

    def __init__(self, house: KeyHouse, furniture: Furniture, base_url: str) -> None:
        self._house = house
        self._there = furniture
        self._base_url = base_url
        self._rotator = KekRotator(house.store, house.vault.ring, house.clock, sleep=lambda _seconds: None)
        access = Access(house.store, house.standings)
        self._admin = VaultAdmin(access, house.store, house.vault.ring, self._rotator)

    def all(self) -> Operations:
        """By name, as `found_in_code` and `MORE` have them."""
        return self._of_the_vault() | self._of_the_service() | self._of_seals() | self._of_calls() | self._of_keks()

    def _of_the_vault(self) -> Operations:
        vault, keys = self._house.vault, self._there.keys
        return {
            "Vault.open_key": self._open,
            "Vault.put": lambda: vault.put(
                ALICE, KeyOwner.USER, ALICE.user_id, provider="openai", origin=ORIGIN, plaintext=KEY
            ),
            "Vault.reveal": lambda: vault.reveal(ALICE, keys["use"]),
            "Vault.rotate": lambda: vault.rotate(ALICE, keys["rotate"], OTHER_KEY, grace=GRACE),
            "Vault.revoke": lambda: vault.revoke(ALICE, keys["revoke"], 1),
            "Vault.fall_back": lambda: vault.fall_back(ALICE, keys["fall back"]),
            "Vault.set_expiry": lambda: vault.set_expiry(ALICE, keys["expiry"], self._house.clock() + GRACE),
            "Vault.remove": lambda: vault.remove(ALICE, keys["remove"]),
            "Vault.remove_all": lambda: vault.remove_all(ADMIN, KeyOwner.TEAM, TEAMS[0]),
            "Sweep.run": vault.sweep.run,
        }

    def _of_the_service(self) -> Operations:
        keys, base_url, ends = self._house.keys, self._base_url, self._there.endpoints
        ids = {name: endpoint.secret_id or "" for name, endpoint in ends.items()}
        ours = KeyOwner.ORGANISATION
        return {
            "KeyService.add": lambda: keys.add(ALICE, "groq", KEY),
            "KeyService.add_server": lambda: keys.add_server(ALICE, "New", base_url, KEY),
            "KeyService.add_shared": lambda: keys.add_shared(ADMIN, ours, "", "mistral", KEY),
            "KeyService.add_shared_server": lambda: keys.add_shared_server(
                ADMIN, ours, "", label="Ours", base_url=base_url, key=KEY
            ),
            "KeyService.rotate": lambda: keys.rotate(ALICE, ids["rotate"], OTHER_KEY),
            "KeyService.revoke": lambda: keys.revoke(ALICE, ids["revoke"], 1),
            "KeyService.fall_back": lambda: keys.fall_back(ALICE, ids["fall back"]),
            "KeyService.set_expiry": lambda: keys.set_expiry(ALICE, ids["expiry"], self._house.clock() + GRACE),
            "KeyService.remove": lambda: keys.remove(ALICE, ids["remove"]),
            "KeyService.disconnect": lambda: keys.disconnect(ALICE, ends["disconnect"].id),
            "KeyService.remove_all": lambda: keys.remove_all(ADMIN, KeyOwner.TEAM, TEAMS[1]),
        }

    def _of_seals(self) -> Operations:
        seals = seals_of(self._house)
        return {
            "UserSeals.create": lambda: seals.create(ALICE, PASSPHRASE),
            "UserSeals.lock": lambda: seals.lock(BOB),
            "UserSeals.unlock": lambda: seals.unlock(BOB, PASSPHRASE),
            "UserSeals.change": lambda: seals.change(BOB, PASSPHRASE, OTHER_PASSPHRASE),
            "UserSeals.discard": lambda: seals.discard(ADMIN),
        }

    def _of_calls(self) -> Operations:
        house, endpoint = self._house, self._there.endpoints["test"]
        return {
            "Gateway.stream": lambda: house.call(ALICE, endpoint),
            "ConnectionCheck.run": self._test,
            "Discovery.ask_now": lambda: house.discovery.ask_now(ALICE, endpoint),
            "Discovery.look_now": self._look,
        }

    def _look(self) -> None:
        """It tells nobody what went wrong; the list that it fetched, or did not fetch, does."""
        house, endpoint = self._house, self._there.endpoints["test"]
        before = house.store.listings.load(endpoint.id)
        house.discovery.look_now(ALICE)
        if house.store.listings.load(endpoint.id) == before:
            raise GearboxError("It was not asked.")

    def _of_keks(self) -> Operations:
        store, ring = self._house.store, self._house.vault.ring
        return {
            "verify_in_use": lambda: verify_in_use(ADMIN, store, ring),
            "KekRotator.start": lambda: self._rotator.start(ADMIN),
            "VaultAdmin.rotate": self._rotate_in_background,
            "KekRotator.run": lambda: self._rotator.run(ADMIN),
            "KekRotator.destroy_retired": self._destroy,
        }

    def _open(self) -> str:
        vault, secret_id = self._house.vault, self._there.keys["use"]
        intent = AuditEvent.by(
            ALICE, Action.KEY_USE, AuditOutcome.INTENT, target=secret_target(secret_id), operation=uuid.uuid4().hex
        )
        receipt = self._house.store.audit.intend(intent)
        return vault.open_key(secret_id, origin=ORIGIN, actor=ALICE, receipt=receipt)

    def _test(self) -> None:
        result = self._house.check.run(ALICE, self._there.endpoints["test"])
        if not result.ok:
            raise VaultError(result.message)

    def _rotate_in_background(self) -> None:
        self._admin.rotate(ADMIN)
        while (status := self._admin.rotation(ADMIN)) is not None and status.running:
            time.sleep(0.02)
        assert status is not None and not status.problem, status

    def _destroy(self) -> None:
        if not self._rotator.destroy_retired(ADMIN):
            raise VaultError("There was nothing to destroy.")
