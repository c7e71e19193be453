"""The audit log: `/api/audit`. Pages go from the newest event to the oldest; `older` of one asks for the next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from pydantic import AwareDatetime, Field
from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.api.answers import Api, Asked, Body
from core.audit.export import Format
from core.audit.service import PAGE
from core.errors import GearboxError
from data.values.actor import Surface
from data.values.audit import Action, AuditOutcome
from data.values.audit_search import AuditCursor, AuditEntry, AuditFilter

_MOST = 500


class _Search(Body):
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


class _Wanted(Body):
    format: Format = "jsonl"
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [
        api.route("GET", "/api/audit/events", _events),
        api.route("GET", "/api/audit/status", _status),
        api.route("POST", "/api/audit/verify", _verify),
        api.route("POST", "/api/audit/export", _export),
        api.route("GET", "/api/audit/public-key", _public_key),
    ]


def _events(asked: Asked) -> object:
    wanted = asked.read_query(_Search)
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
    older = found.older and f"{found.older.at.isoformat()}~{found.older.chain_id}~{found.older.seq}"
    return {"events": [_event(entry) for entry in found.entries], "older": older, "names": dict(found.names)}


def _status(asked: Asked) -> object:
    return asked.services.audit.status(asked.actor)


def _verify(asked: Asked) -> object:
    return asked.services.audit.verify_now(asked.actor)


def _public_key(asked: Asked) -> Response:
    return Response(asked.services.audit.public_key(asked.actor), media_type="application/x-pem-file")


def _export(asked: Asked) -> Response:
    wanted = asked.read(_Wanted)
    with NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            asked.services.audit.export(asked.actor, file, wanted.format, wanted.since, wanted.until)
        except BaseException:
            path.unlink()
            raise
    return FileResponse(
        path, media_type="application/zip", filename="gearbox-audit.zip", background=BackgroundTask(path.unlink)
    )


def _event(entry: AuditEntry) -> object:
    """The event as its chain has it, with how it stands."""
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
