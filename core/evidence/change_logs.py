"""What changed in the period, from the audit log: rotations, access, flags, settings. The newest event first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from core.evidence.archive import Cell, Table
from core.evidence.sources import Sources
from data.values.audit import Action
from data.values.audit_search import AuditFilter

_BATCH = 1000
_COLUMNS = (
    "at", "action", "outcome", "actor_id", "actor", "target", "details", "surface", "address", "session_id",
    "request_id", "operation", "chain_id", "seq", "hash",
)  # fmt: skip
_ROTATION = (
    Action.KEK_CREATE,
    Action.KEK_ACTIVATE,
    Action.KEY_REWRAP,
    Action.KEK_RETIRE,
    Action.KEK_DESTROY,
    Action.KEY_CREATE,
    Action.KEY_ROTATE,
    Action.KEY_FALL_BACK,
    Action.KEY_SET_EXPIRY,
    Action.KEY_EXPIRE,
    Action.KEY_REVOKE,
    Action.KEY_REMOVE,
    Action.VAULT_BACKUP,
    Action.VAULT_RESTORE,
    Action.VAULT_VERIFY,
)
_ACCESS = (
    Action.PERSON_CREATE,
    Action.ROLE_CHANGE,
    Action.PERSON_ACTIVATE,
    Action.PERSON_DEACTIVATE,
    Action.PERSON_FORGET,
    Action.TEAM_CHANGE,
    Action.ACCESS_CHANGE,
    Action.TOKEN_CREATE,
    Action.TOKEN_REVOKE,
    Action.SESSION_REVOKE,
    Action.ACCESS_REFUSED,
    Action.ACCESS_LOCK,
)
_HOLDS = (Action.HOLD_PLACE, Action.HOLD_RELEASE, Action.HOLD_PURGE)


def tables(sources: Sources) -> Iterator[Table]:
    """The logs, each of them a part of the audit log that the export of it proves."""
    rotation = "Key and KEK rotations, expiries, revocations, backups and restores in the period."
    yield _log(sources, "keys/rotation-log", rotation, *_ROTATION)
    access = "Roles, accounts, teams and tokens as they were changed in the period, and whom Gearbox refused what."
    yield _log(sources, "access/changes", access, *_ACCESS)
    flags = "Feature flags that were flipped in the period; empty where none was, as in a release without flags."
    yield _log(sources, "changes/flags", flags, Action.FLAG_FLIP)
    settings = "Settings, connections, rules of retention and legal holds that were changed in the period."
    yield _log(sources, "changes/settings", settings, Action.SETTINGS_CHANGE, *_HOLDS)


def _log(sources: Sources, path: str, about: str, *actions: Action) -> Table:
    return Table(path, about, _COLUMNS, _events(sources, actions))


def _events(sources: Sources, actions: tuple[Action, ...]) -> Iterator[tuple[Cell, ...]]:
    wanted = AuditFilter(actions=actions, since=sources.since, until=sources.until)
    page = sources.store.audit.search(wanted, None, _BATCH)
    while True:
        for entry in page.entries:
            record, body = entry.record, _said(entry.record.body)
            yield (
                record.at,
                record.action,
                entry.outcome,
                record.actor_id,
                page.names.get(record.actor_id),
                record.target,
                json.dumps(body.get("details", {}), sort_keys=True, ensure_ascii=False),
                record.surface,
                entry.address,
                str(body.get("session", "")),
                record.request_id,
                record.operation,
                record.chain_id,
                record.seq,
                record.hash.hex(),
            )
        if page.older is None:
            return
        page = sources.store.audit.search(wanted, page.older, _BATCH)


def _said(body: str) -> dict[str, Any]:
    try:
        said = json.loads(body)
    except ValueError:
        said = None
    # Whoever changed the row is named by the verification; the rest of the evidence is written all the same.
    return said if isinstance(said, dict) else {"details": "unreadable"}
