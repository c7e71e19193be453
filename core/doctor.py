"""`doctor`: what is configured, what is reachable, what is missing, and the fix for it.

Reads only: it migrates nothing, makes no key and sends no prompt.
"""

from __future__ import annotations

import asyncio
import os
import platform
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import httpx

from core.audit.places import CheckpointFile
from core.config import Settings
from core.errors import GearboxError, ProviderError
from core.providers.catalog import Catalogue
from core.providers.guard import AddressGuard
from core.providers.probe import list_models, open_client
from core.vault import Vault
from core.vault.kek_environment import readers_beside_us
from data.store import OwnerId, SchemaState, Store, describe_drift, open_store, schema_state
from data.values.calls import KeyOwner
from data.values.errors import WarehouseBusy
from data.values.keks import KekState
from data.warehouse.file import examine as examine_warehouse

_OWNERS = {
    KeyOwner.USER.value: "people",
    KeyOwner.TEAM.value: "teams",
    KeyOwner.ORGANISATION.value: "the organisation",
}


class Health(StrEnum):
    """How a finding should be read."""

    OK = "ok"
    NOTE = "note"
    FAULT = "fault"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `fix` is empty when there is nothing to do."""

    health: Health
    subject: str
    text: str
    fix: str = ""


def examine(settings: Settings, app_url: str, clock: Callable[[], datetime]) -> Iterator[Finding]:
    """Look at every part in turn. `app_url` is where a running Gearbox is expected."""
    yield Finding(Health.OK, "python", platform.python_version())
    yield _home(settings.home)
    yield from _database(settings, clock)
    yield _warehouse(settings.warehouse_path)
    yield _app(app_url)
    yield from asyncio.run(_local_servers(settings))
    yield Finding(
        Health.OK if settings.sandbox else Health.NOTE,
        "sandbox",
        "on: scripted answers without a key" if settings.sandbox else "off (GEARBOX_SANDBOX)",
    )
    yield _prices()


def _home(home: Path) -> Finding:
    if not home.exists():
        return Finding(Health.NOTE, "home", f"{home} does not exist yet", "Nothing: the first start makes it.")
    if not os.access(home, os.W_OK | os.X_OK):
        return Finding(
            Health.FAULT, "home", f"{home} can't be written", "Give this user the folder, or set GEARBOX_HOME."
        )
    if os.name == "posix" and home.stat().st_mode & 0o077:
        return Finding(Health.NOTE, "home", f"{home} can be read by other users", f"chmod 700 {home}")
    return Finding(Health.OK, "home", str(home))


def _database(settings: Settings, clock: Callable[[], datetime]) -> Iterator[Finding]:
    kind = settings.store_url.partition(":")[0]
    try:
        if drift := describe_drift(settings.store_url):
            fix = "Undo the change or restore a backup; a newer database needs the newer release."
            yield from (Finding(Health.FAULT, "database", difference, fix) for difference in drift)
            return
        state = schema_state(settings.store_url)
        if state is SchemaState.CURRENT:
            yield Finding(Health.OK, "database", f"{kind}, schema is current")
            store = open_store(settings.store_url, owner=OwnerId.current(), clock=clock)
            try:
                yield from _vault(settings, store, clock)
                yield _audit(settings, store)
            finally:
                store.close()
            return
    except GearboxError as error:
        yield Finding(Health.FAULT, "database", str(error), error.remedy)
        return
    what = "is empty" if state is SchemaState.ABSENT else "is of an older release"
    yield Finding(Health.NOTE, "database", f"{kind}, {what}", "Nothing: the next start brings it up to date.")


def _vault(settings: Settings, store: Store, clock: Callable[[], datetime]) -> Iterator[Finding]:
    if not store.keks.all():
        yield Finding(Health.NOTE, "vault", "no KEK yet", "Nothing: the first start makes it.")
        return
    try:
        Vault.open_or_create(store, settings, clock)
    except GearboxError as error:
        yield Finding(Health.FAULT, "vault", str(error), error.remedy)
        return
    counts = store.secrets.count_by_owner()
    whose = ", ".join(f"{count} of {_OWNERS.get(kind, 'unknown owners')}" for kind, count in counts.items())
    sources = ", ".join(sorted({record.source for record in store.keks.all()}))
    keys = f"{sum(counts.values())} provider keys stored{whose and f' ({whose})'}"
    yield Finding(Health.OK, "vault", f"opens; KEK in: {sources}; {keys}")
    active = next(record.source for record in store.keks.all() if record.state is KekState.ACTIVE)
    if settings.kek_source not in {"auto", active}:
        what = f"the KEK is in: {active}; GEARBOX_KEK_SOURCE={settings.kek_source} counts only where a KEK is made"
        yield Finding(Health.NOTE, "vault", what, f"python -m core vault rotate --source {settings.kek_source}")
    mounted = settings.kek_file
    if mounted is not None and (readers := readers_beside_us(mounted)):
        fix = "Mount it with mode 0400 for the user that runs Gearbox, if others run there, too."
        yield Finding(Health.NOTE, "vault", f"the KEK in {mounted} can be read by {readers}", fix)
    endpoints = store.endpoints.everybodys()
    names = ", ".join(sorted({endpoint.label for endpoint in endpoints}))
    yield Finding(
        Health.OK if endpoints else Health.NOTE,
        "providers",
        f"connected: {names}" if endpoints else "none connected; the sandbox answers",
        "" if endpoints else "Open settings (the gear) and add a provider key.",
    )


def _audit(settings: Settings, store: Store) -> Finding:
    file = CheckpointFile(settings.checkpoint_file)
    deliveries = store.checkpoints.deliveries()
    written = deliveries.get(file.bookmark)
    try:
        file.require_writable()
        held = file.reached() or 0
    except GearboxError as error:
        return Finding(Health.FAULT, "audit log", f"keys are refused: {error}", error.remedy)
    if failing := [one for one in deliveries.values() if one.failing_since is not None]:
        problems = "; ".join(f"{one.place} since {one.failing_since:%F %T} UTC: {one.problem}" for one in failing)
        return Finding(
            Health.FAULT, "audit log", f"checkpoints fail, {problems}", "Keys are refused until that is mended."
        )
    if written is not None and held < written.seq:
        lacks = f"{file.path} holds checkpoints up to {held}; those up to {written.seq} were written to it"
        return Finding(Health.FAULT, "audit log", lacks, "Run `python -m core audit verify`; see docs/guide/audit.md.")
    if not held:
        return Finding(
            Health.NOTE, "audit log", "no checkpoint yet", "Nothing: a running Gearbox signs one in a minute."
        )
    return Finding(Health.OK, "audit log", f"{file.path} holds checkpoints up to {held}")


def _warehouse(path: Path) -> Finding:
    if not path.exists():
        return Finding(Health.NOTE, "warehouse", "does not exist yet", "Nothing: the first start makes it.")
    trouble = examine_warehouse(path)
    if trouble is None:
        return Finding(Health.OK, "warehouse", "can be read")
    if isinstance(trouble, WarehouseBusy):
        return Finding(Health.OK, "warehouse", "in use by a running process")
    return Finding(Health.FAULT, "warehouse", str(trouble), trouble.remedy)


def _app(app_url: str) -> Finding:
    try:
        answer = httpx.get(f"{app_url}/readyz", timeout=2.0, trust_env=False)
        parts = answer.json()["parts"]
    except (httpx.HTTPError, ValueError, KeyError):
        return Finding(
            Health.NOTE,
            "app",
            f"does not answer at {app_url}",
            "Start it with: uv run streamlit run app.py. On another port, tell me: doctor --url http://127.0.0.1:PORT",
        )
    troubled = {part: state for part, state in parts.items() if state.startswith(("failed", "degraded"))}
    if troubled:
        words = "; ".join(f"{part} {state}" for part, state in troubled.items())
        return Finding(Health.FAULT, "app", f"runs at {app_url}, but: {words}", "Read the server's log.")
    return Finding(Health.OK, "app", f"runs at {app_url}; " + ", ".join(f"{p} {s}" for p, s in parts.items()))


async def _local_servers(settings: Settings) -> list[Finding]:
    if not settings.local_discovery:
        return [Finding(Health.NOTE, "local servers", "not looked for (GEARBOX_LOCAL_DISCOVERY)")]
    found = []
    async with await open_client(AddressGuard.of(settings)) as client:
        for name, base_url in settings.local_endpoints.items():
            try:
                models = (await list_models(base_url, client=client)).names or ()
            except ProviderError:
                continue
            found.append(Finding(Health.OK, "local servers", f"{name} at {base_url}: {len(models)} models"))
    return found or [
        Finding(Health.NOTE, "local servers", f"none of {', '.join(settings.local_endpoints)} answers on this machine")
    ]


def _prices() -> Finding:
    catalogue = Catalogue()
    try:
        catalogue.load()
    except GearboxError as error:
        return Finding(Health.FAULT, "price list", str(error), error.remedy)
    return Finding(Health.OK, "price list", catalogue.version)
