"""Evidence for auditors: `/api/evidence`, one zip."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from core.access.policy import Permission
from core.api.answers import Api, Asked, Body
from core.clock import moment_of
from core.errors import GearboxError

ZIP = "application/zip"


class _Span(Body):
    """Days or moments, such as 2026-11-25 or 2026-11-25T14:00:00Z."""

    since: str = ""
    until: str = ""


def routes(api: Api) -> list[Route]:
    """The area's routes."""
    return [api.route("GET", "/api/evidence", _export, needs=Permission.EXPORT_EVIDENCE, query=_Span, media=ZIP)]


def _export(asked: Asked) -> Response:
    """Everything an auditor asks for, as one zip."""
    wanted = asked.read_query(_Span)
    since, until = _moment("since", wanted.since), _moment("until", wanted.until)
    with NamedTemporaryFile(suffix=".zip", delete=False) as file:
        path = Path(file.name)
        try:
            evidence = asked.services.evidence.write(asked.actor, file, since, until)
        except BaseException:
            path.unlink()
            raise
    return FileResponse(path, media_type=ZIP, filename=evidence.name, background=BackgroundTask(path.unlink))


def _moment(name: str, text: str) -> datetime | None:
    if not text:
        return None
    try:
        return moment_of(text)
    except ValueError:
        raise GearboxError(f"{name} is no day or moment.", "Write 2026-11-25 or 2026-11-25T14:00:00Z.") from None
