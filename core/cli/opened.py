"""What commands on an existing database begin with: it is opened with its KEKs, beside a running Gearbox or without."""

from __future__ import annotations

import getpass
import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from core.access.gate import Gate, build_access, build_gate
from core.audit.sinks import sinks_of
from core.audit.trail import Trail
from core.clock import utc_now
from core.config import Settings, load_settings
from core.errors import AuditUnavailable, ConfigError, GearboxError
from core.home import make_home
from core.vault import Vault
from core.vault.ring import KekRing
from data.learning.routing.counting import COUNTING
from data.store import OwnerId, Store, is_empty, open_store
from data.values.actor import Actor, Role, Surface


def _account() -> str:
    """Whose shell this is, as user@host."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        user = "?"
    return f"{user}@{socket.gethostname()}"


# Whoever has a shell as the user that runs Gearbox has the KEK already; there is nothing left to refuse them.
OPERATOR = Actor("operator", frozenset(Role), Surface.CLI, address=_account(), request_id=uuid.uuid4().hex)


@dataclass(frozen=True)
class OpenedVault:
    """A database, its KEKs, and its audit log."""

    settings: Settings
    store: Store
    vault: Vault
    ring: KekRing
    trail: Trail


@contextmanager
def opened_vault(*, make: bool = False, guards: bool = True) -> Iterator[OpenedVault]:
    """The database that the settings name, which must be there, unless `make` is to make it as a first start does.

    What a command did is signed as it ends, unless a running Gearbox does that. While the audit log can't be kept safe,
    a command does as little with keys as Gearbox does.

    Args:
        make: see above.
        guards: whether a database without its append-only triggers is refused, as Gearbox does.

    Raises:
        ConfigError: there is none.
        WrongKek: its KEKs can't be had.
    """
    settings = load_settings()
    sinks_of(settings)  # what can't be used is told before anything is made
    if is_empty(settings.store_url):
        if not make:
            raise ConfigError("There is no database yet.", "Start Gearbox once, or set GEARBOX_HOME.")
        make_home(settings.home)
    KekRing.require(settings, utc_now)
    store = open_store(settings.store_url, owner=OwnerId.current(), guards=guards, counting=COUNTING)
    try:
        ring = KekRing.open(store, settings, utc_now)
        vault = Vault(store, ring, utc_now)
        trail = Trail.open(store, vault, settings, utc_now)
        trail.heed()
        try:
            yield OpenedVault(settings, store, vault, ring, trail)
        except AuditUnavailable as error:  # whoever has a shell here may know which file or server it is
            raise AuditUnavailable(str(error), trail.refusing or error.remedy) from None
        finally:
            _signed(trail)
    finally:
        store.close()


@contextmanager
def opened_gate(*, make: bool = False) -> Iterator[Gate]:
    """Everything about who may do what, on the database that the settings name. Otherwise like `opened_vault`."""
    with opened_vault(make=make) as opened:
        access = build_access(opened.settings, opened.store, utc_now)
        remove_keys = opened.vault.remove_all
        yield build_gate(opened.settings, opened.store, access, remove_keys=remove_keys, clock=utc_now)


def _signed(trail: Trail) -> None:
    trail.close()  # where a long command started it
    try:
        trail.checkpoint_if_alone()
    except GearboxError as error:  # what was done is done, and the next start signs it
        print(f"The audit log's checkpoint could not be written: {error.explain()}")
