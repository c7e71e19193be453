"""The audit log: `/api/audit`. Pages go from the newest event to the oldest; `older` of one asks for the next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from pydantic import AwareDatetime, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route
from typing_extensions import TypedDict

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.audit.export import Format
from core.audit.report import ChainStatus, Report
from core.audit.service import PAGE
from core.errors import GearboxError
from data.values.actor import Surface
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditCursor, AuditEntry, AuditFilter

_MOST = 500
SEE = Permission.SEE_AUDIT
PEM, ZIP = "application/x-pem-file", "application/zip"


class _AuditSearch(Body):
    text: str = ""
    actor: str = ""
    action: Action | None = None
    outcome: AuditOutcome | None = None
    surface: Surface | None = None
    target: str = ""
    operation: str = ""
    request_id: str = ""
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None
    older: str = ""
    limit: int = Field(default=PAGE, ge=1, le=_MOST)


class _AuditExport(Body):
    format: Format = "jsonl"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


class _AuditEntry(TypedDict):
    """An event as its chain has it (`event`, `hash` over its canonical form), with how it stands."""

    chain_id: str
    seq: int
    hash: str
    event: dict[str, Any]
    outcome: str
    address: str


class _AuditEntries(TypedDict):
    """One page. `names` says who the opaque ids in it are; `older` asks for the next page."""

    events: list[_AuditEntry]
    older: str | None
    names: dict[str, str]


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/audit/events", _events, needs=SEE, query=_AuditSearch),
        api.route("GET", "/api/audit/status", _status, needs=SEE),
        api.route("POST", "/api/audit/verify", _verify, needs=SEE),
        api.route("POST", "/api/audit/export", _export, needs=SEE, body=_AuditExport, media=ZIP),
        api.route("GET", "/api/audit/public-key", _public_key, needs=SEE, media=PEM),
    ]


def _events(asked: Asked) -> _AuditEntries:
    """Events, the newest first."""
    wanted = asked.read_query(_AuditSearch)
    found = asked.services.audit.search(
        asked.actor,
        AuditFilter(
            text=wanted.text,
            actor_ids=(wanted.actor,) if wanted.actor else (),
            actions=(wanted.action,) if wanted.action else (),
            outcomes=(wanted.outcome,) if wanted.outcome else (),
            surfaces=(wanted.surface,) if wanted.surface else (),
            target=wanted.target,
            operation=wanted.operation,
            request_id=wanted.request_id,
            since=wanted.since,
            until=wanted.until,
        ),
        _cursor(wanted.older),
        wanted.limit,
    )
    last = found.older
    older = None if last is None else f"{last.at.isoformat()}~{last.chain_id}~{last.seq}"
    return {"events": [_event(entry) for entry in found.entries], "older": older, "names": dict(found.names)}


def _status(asked: Asked) -> ChainStatus:
    """How the log stands now."""
    return asked.services.audit.status(asked.actor)


def _verify(asked: Asked) -> Report:
    """Verify the whole log."""
    return asked.services.audit.verify_now(asked.actor)


def _public_key(asked: Asked) -> Response:
    """The key that checkpoints are verified with."""
    return Response(asked.services.audit.public_key(asked.actor), media_type=PEM)


def _export(asked: Asked) -> Response:
    """The log with what it takes to verify it elsewhere, as one zip."""
    wanted = asked.read(_AuditExport)
    with NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            asked.services.audit.export(asked.actor, file, wanted.format, wanted.since, wanted.until)
        except BaseException:
            path.unlink()
            raise
    return FileResponse(path, media_type=ZIP, filename="gearbox-audit.zip", background=BackgroundTask(path.unlink))


def _event(entry: AuditEntry) -> _AuditEntry:
    record = entry.record
    return {
        "chain_id": record.chain_id,
        "seq": record.seq,
        "hash": record.hash.hex(),
        "event": json.loads(record.body),
        "outcome": entry.outcome,
        "address": entry.address,
    }


def _cursor(text: str) -> AuditCursor | None:
    if not text:
        return None
    try:
        at, chain_id, seq = text.split("~")
        return AuditCursor(datetime.fromisoformat(at).astimezone(UTC), chain_id, int(seq))
    except (ValueError, OverflowError):
        raise GearboxError("There is no such place in the log.", "Use `older` of an earlier answer.") from None
